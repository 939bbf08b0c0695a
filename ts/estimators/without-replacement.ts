/** Probabilities of a set that is drawn without replacement, whatever the order. */
export interface SetProbabilities {
  /** Of each of the set: the probability that it was drawn first, given the set, `p_s R(S, s)`. [k] */
  first: Float64Array;
  /**
   * `p_r R(S, s, r)`: R is to the others of the set, drawn without s, what `R(S, s)` is to the set; of s itself `p_s`. [k x k]
   */
  second: Float64Array;
}

/**
 * The leave-one-out ratios of a set S of probabilities p, beside others of probability `rest` in all,
 *
 *     R(S, s) = g({s}) / g({}),   R(S, s, r) = g({s, r}) / g({s}),
 *
 * where g(A) is the probability that the others of S come next once A has been drawn,
 * `g(A) = sum_{s in S \ A} p_s / (1 - p(A)) g(A + s)`, 1 of the whole set. What is left, `1 - p(A)`, is summed up, not subtracted.
 * O(k 2^k).
 */
export function setProbabilities(p: Float64Array, rest: number): SetProbabilities {
  const k = p.length;
  const all = (1 << k) - 1;
  // By those that are still to be drawn, a bit each.
  const next = new Float64Array(all + 1).fill(1, 0, 1);
  const left = new Float64Array(all + 1).fill(rest, 0, 1);
  for (let set = 1; set <= all; set++) {
    const lowest = 31 - Math.clz32(set & -set);
    left[set] = left[set & (set - 1)] + p[lowest];
    for (let s = 0; s < k; s++) {
      if ((set >> s) & 1) next[set] += (p[s] / left[set]) * next[set ^ (1 << s)];
    }
  }
  const without = (s: number, r: number) => next[all & ~(1 << s) & ~(1 << r)];
  return {
    first: p.map((share, s) => (share * without(s, s)) / next[all]),
    second: Float64Array.from({ length: k * k }, (_, at) => {
      const [s, r] = [Math.floor(at / k), at % k];
      return (p[r] * without(s, r)) / without(s, s);
    }),
  };
}
