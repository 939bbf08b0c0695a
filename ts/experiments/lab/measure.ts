import type { Truth } from './truth';

/** A number with its 95 % confidence interval. */
export interface Measured {
  value: number;
  low: number;
  high: number;
}

/** What many estimates of one gradient show. */
export interface Measurement {
  /** Length of the mean error. */
  bias: Measured;
  /** Total variance: the mean squared distance from the mean. */
  variance: Measured;
  /** Mean squared distance from the truth. */
  error: Measured;
  /** Mean cosine of the angle to the truth; 0 for an estimate that is 0. */
  cosine: Measured;
  /** The probability of a mean error as large in some coordinate without bias (Bonferroni over the coordinates). */
  chance: number;
}

/** The 97.5 % point of the normal distribution. */
const z = 1.959_963_984_540_054;

/**
 * Bias, variance, mean squared error and cosine of estimates [repeats x n] of a gradient.
 *
 * The squared bias is `|m - t|^2 - tr(C) / R - |truth's error|^2`, which is unbiased; its variance is
 * `4 d'C d / R + 2 tr(C C) / R^2` for the covariance C of the estimates and d = m - t. The other intervals are those of
 * means over the repeats.
 */
export function measure(estimates: Float64Array, { gradient: truth, error: truthError }: Truth): Measurement {
  const n = truth.length;
  const repeats = estimates.length / n;
  const mean = new Float64Array(n);
  for (let i = 0; i < estimates.length; i++) mean[i % n] += estimates[i] / repeats;
  const covariance = covarianceOf(estimates, mean, repeats);
  const spreads = new Float64Array(repeats);
  const errors = new Float64Array(repeats);
  const cosines = new Float64Array(repeats);
  const length = norm(truth);
  for (let r = 0; r < repeats; r++) {
    const g = estimates.subarray(r * n, (r + 1) * n);
    let dot = 0;
    for (let i = 0; i < n; i++) {
      spreads[r] += (g[i] - mean[i]) ** 2;
      errors[r] += (g[i] - truth[i]) ** 2;
      dot += g[i] * truth[i];
    }
    const product = norm(g) * length;
    cosines[r] = product === 0 ? 0 : dot / product;
  }
  const gap = mean.map((m, i) => m - truth[i]);
  const variance = meanOf(spreads, repeats / (repeats - 1));
  const noise = variance.value / repeats + norm(truthError) ** 2;
  const squared = norm(gap) ** 2 - noise;
  const along = gap.reduce(
    (sum, d, i) => sum + d * gap.reduce((s, e, j) => s + covariance[i * n + j] * e, 0),
    0,
  );
  const trace = covariance.reduce((sum, c) => sum + c * c, 0);
  const deviation = Math.sqrt((4 * along) / repeats + (2 * trace) / repeats ** 2);
  const root = (x: number) => Math.sqrt(Math.max(0, x));
  return {
    bias: { value: root(squared), low: root(squared - z * deviation), high: root(squared + z * deviation) },
    variance,
    error: meanOf(errors),
    cosine: meanOf(cosines),
    chance: chanceOf(gap, covariance, truthError, repeats),
  };
}

function covarianceOf(estimates: Float64Array, mean: Float64Array, repeats: number): Float64Array {
  const n = mean.length;
  const covariance = new Float64Array(n * n);
  for (let r = 0; r < repeats; r++) {
    for (let i = 0; i < n; i++) {
      const d = (estimates[r * n + i] - mean[i]) / (repeats - 1);
      for (let j = 0; j < n; j++) covariance[i * n + j] += d * (estimates[r * n + j] - mean[j]);
    }
  }
  return covariance;
}

function chanceOf(
  gap: Float64Array,
  covariance: Float64Array,
  truthError: Float64Array,
  repeats: number,
): number {
  const n = gap.length;
  const deviations = gap.map((d, i) => {
    // What rounding leaves of an exact coordinate is no deviation.
    if (Math.abs(d) < 1e-12) return 0;
    return Math.abs(d) / Math.sqrt(covariance[i * n + i] / repeats + truthError[i] ** 2);
  });
  return Math.min(1, n * tail(Math.max(...deviations)));
}

/** `P(|Z| > x)` of a standard normal Z, by the fit of Abramowitz and Stegun (7.1.26), off by 3e-7 at most. */
function tail(x: number): number {
  const y = x / Math.SQRT2;
  const k = 1 / (1 + 0.3275911 * y);
  const series =
    k * (0.254829592 + k * (-0.284496736 + k * (1.421413741 + k * (-1.453152027 + k * 1.061405429))));
  return series * Math.exp(-y * y);
}

function meanOf(values: Float64Array, factor = 1): Measured {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const half = z * Math.sqrt(squares / (values.length - 1) / values.length);
  return { value: factor * mean, low: factor * (mean - half), high: factor * (mean + half) };
}

function norm(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, xi) => sum + xi * xi, 0));
}
