// What many rounds say.

/** The middle of numbers: of an even count, the mean of the two in the middle. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Ratios of a peer's times to the library's of the same rounds: their median and their range. */
export function ratios(own, theirs) {
  const each = theirs.map((time, round) => time / own[round]);
  return { middle: median(each), least: Math.min(...each), most: Math.max(...each) };
}

/** The largest distance between two lists of arrays; infinite where they differ in shape or hold no number. */
export function distance(own, theirs) {
  if (own.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [index, array] of own.entries()) {
    if (array.length !== theirs[index].length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < array.length; i++) {
      const off = Math.abs(array[i] - theirs[index][i]);
      if (!(off <= largest)) largest = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    }
  }
  return largest;
}
