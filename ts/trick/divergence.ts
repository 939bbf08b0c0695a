import type { ExponentialFamilyTrick } from './exponential-family-trick';

/** `(v - u) / t`, coordinate by coordinate; 0 where both are forbidden. */
export function quotients(u: Float64Array, v: Float64Array, t: number): Float64Array {
  return u.map((x, i) => (x === v[i] ? 0 : (v[i] - x) / t));
}

/** Abscissas and weights of Gauss and Legendre with eight nodes, of the four on the right of the interval [-1, 1]. */
const NODES = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
];

/** On [0, 1]. */
const QUADRATURE = NODES.flatMap(([x, weight]) =>
  [-x, x].map((node) => ({ at: (1 + node) / 2, weight: weight / 2 })),
);

/** Up to this sum of |V - U| / t a divergence is small. */
const SMALL = 1;

interface Pair {
  u: Float64Array;
  /** `(V - U) / t`, 0 where nothing counts. */
  difference: Float64Array;
  t: number;
  lengths: Uint32Array | undefined;
}

/**
 * Replaces the divergences of rows in which V is close to U, where entropies cancel, by
 *
 *     KL(p_U || p_V) = int_0^1 (1 - s) d.Cov(x) d ds,   d = (V - U) / t,   Cov at U + s (V - U),
 *
 * Taylor's remainder of the log-partition function: nothing cancels, since the integrand is not negative. It is analytic
 * within a distance of pi / sum |d| of the interval, so that eight nodes of Gauss are exact to rounding.
 */
export function replaceSmallDivergences(
  trick: ExponentialFamilyTrick,
  { u, difference, t, lengths }: Pair,
  divergences: Float64Array,
): void {
  const n = trick.dimension;
  const size = (row: number) =>
    difference.subarray(row * n, (row + 1) * n).reduce((sum, x) => sum + Math.abs(x), 0);
  const rows = Array.from(divergences.keys()).filter((row) => size(row) <= SMALL);
  if (rows.length === 0 || n === 0) return;
  const [own, d] = [u, difference].map((cells) =>
    Float64Array.from(rows.flatMap((row) => Array.from(cells.subarray(row * n, (row + 1) * n)))),
  );
  const options = { temperature: t, lengths: lengths && rows.map((row) => lengths[row]) };
  const integrals = new Float64Array(rows.length);
  for (const { at, weight } of QUADRATURE) {
    const between = own.map((x, i) => (d[i] === 0 ? x : x + at * t * d[i]));
    const product = trick.softmaxVjp(between, d, options);
    for (let i = 0; i < d.length; i++) {
      integrals[Math.floor(i / n)] += weight * (1 - at) * d[i] * (product[i] * t);
    }
  }
  rows.forEach((row, i) => {
    divergences[row] = Math.max(0, integrals[i]);
  });
}
