/** Which way an objective is better. */
export type Better = 'higher' | 'lower';

/** Whether a value takes the place of another: any number takes that of NaN, an equal one does not. */
export function betterThan(value: number, other: number, better: Better): boolean {
  return better === 'higher' ? !(other >= value) : !(other <= value);
}

/** Indices of the values, the best first; what is not finite is last; of equals the earlier is first. */
export function rank(values: readonly number[], better: Better): number[] {
  const sign = better === 'higher' ? 1 : -1;
  const key = (i: number) => (Number.isFinite(values[i]) ? sign * values[i] : Number.NEGATIVE_INFINITY);
  return values.map((_, i) => i).sort((a, b) => (key(a) === key(b) ? a - b : key(b) - key(a)));
}
