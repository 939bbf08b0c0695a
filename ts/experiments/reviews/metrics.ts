/** What a choice of words is worth, against the sentences that are about the aspect. */
export interface ChoiceCounts {
  chosen: number;
  /** Chosen words in those sentences. */
  right: number;
  /** Stretches of chosen words without a gap. */
  runs: number;
}

/** Counts the chosen words of one review. */
export function countChoice(chosen: readonly boolean[], gold: readonly boolean[]): ChoiceCounts {
  const counts = { chosen: 0, right: 0, runs: 0 };
  for (let i = 0; i < chosen.length; i++) {
    if (!chosen[i]) continue;
    counts.chosen++;
    if (gold[i]) counts.right++;
    if (i === 0 || !chosen[i - 1]) counts.runs++;
  }
  return counts;
}

/** A mean that is built up; NaN of nothing. */
export class Mean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  get value(): number {
    return this.#sum / this.#count;
  }
}
