/** A name among those known that one who typed another may have meant: at most a third of its letters are off, never all. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => distance(typed.toLowerCase(), name.toLowerCase()));
  const best = distances.indexOf(Math.min(...distances));
  if (best < 0 || distances[best] >= typed.length) return undefined;
  return distances[best] <= Math.max(1, known[best].length / 3) ? known[best] : undefined;
}

/** Insertions, deletions, substitutions and exchanges of neighbours that lead from `a` to `b` (Damerau 1964). */
function distance(a: string, b: string): number {
  // Whatever is typed: no name is so long.
  if (a.length > 64) return Number.POSITIVE_INFINITY;
  let [beforeLast, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(change, last[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}
