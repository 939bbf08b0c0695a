import type { NumberArray } from '../arguments/arrays';
import { invalid } from '../arguments/errors';
import { checkInteger, checkOptions } from '../arguments/validate';
import { checkPositive } from '../estimators/checks';
import type { DifferentiableLoss, Estimate, Estimator } from '../estimators/estimator';
import { distance, dot, shown } from './numbers';
import { Broken, type Check, judge, LawError, LawReport, Skipped } from './report';
import { checkNames } from './structure';

export interface EstimatorLawOptions {
  /** One row of parameters. */
  theta: NumberArray;
  /** All embeddings that can be drawn. */
  vertices: readonly NumberArray[];
  /**
   * The law of the embeddings: their probabilities, in the order of `vertices`. `'family'`: in proportion to
   * `exp(theta . x / t)`.
   */
  law: 'family' | ((theta: Float64Array) => ArrayLike<number>);
  /**
   * Of the family's law.
   *
   * @defaultValue the trick's own
   */
  temperature?: number | undefined;
  /**
   * What is drawn for.
   *
   * @defaultValue a quadratic loss without symmetries
   */
  loss?: DifferentiableLoss | undefined;
  /**
   * Draws for each row.
   *
   * @defaultValue `2`
   */
  samples?: number | undefined;
  /**
   * Rows of a batch, all of them theta.
   *
   * @defaultValue `200`
   */
  rows?: number | undefined;
  /**
   * @defaultValue `1`
   */
  seed?: number | undefined;
  /**
   * Laws that need not hold, by name; `unbiased` of an estimator that is not.
   *
   * @defaultValue `[]`
   */
  except?: readonly EstimatorLaw[] | undefined;
}

interface Subject {
  estimate: (seed: number) => Estimate;
  theta: Float64Array;
  batch: Float64Array;
  rows: number;
  samples: number;
  seed: number;
  vertices: Float64Array[];
  value: (theta: Float64Array) => number;
}

/** Batches whose means are compared; the error is taken between them, since the rows of one may depend on each other. */
const BATCHES = 64;

/** Standard errors: a t variable of 63 degrees of freedom is beyond them once in 5e7. */
const SURPRISE = 6.5;

const laws = {
  shapes({ estimate, batch, rows, samples, seed, vertices }) {
    const { loss, gradient, samples: drawn } = estimate(seed);
    const expected = [rows, batch.length, rows * samples * vertices[0].length];
    const got = [loss.length, gradient.length, drawn.length];
    if (got.join() !== expected.join()) {
      throw new Broken(
        `loss, gradient and samples have ${got.join(', ')} numbers, not ${expected.join(', ')}`,
      );
    }
    for (const [name, array] of Object.entries({ loss, gradient, samples: drawn })) {
      const bad = array.findIndex((x) => !Number.isFinite(x));
      if (bad >= 0) throw new Broken(`${name}[${bad}] is ${array[bad]}`);
    }
    return `loss, gradient and samples have ${got.join(', ')} finite numbers`;
  },

  seed({ estimate, seed }) {
    const [first, again] = [estimate(seed), estimate(seed)];
    for (const key of ['loss', 'gradient', 'samples'] as const) {
      if (distance(first[key], again[key]) > 0) throw new Broken(`the same seed gives another ${key}`);
    }
    return 'the same seed gives the same estimate';
  },

  inputs({ estimate, batch, seed }) {
    const before = batch.slice();
    estimate(seed);
    if (distance(before, batch) > 0) throw new Broken('theta is written to');
    return 'theta is left as it was';
  },

  vertices({ estimate, seed, vertices }) {
    const { samples } = estimate(seed);
    const width = vertices[0].length;
    const known = new Set(vertices.map((x) => x.join()));
    for (let at = 0; at < samples.length; at += width) {
      const x = samples.subarray(at, at + width).join();
      if (!known.has(x)) throw new Broken(`[${x}] is drawn, which is no vertex`);
    }
    return `what is drawn is among the ${vertices.length} vertices`;
  },

  loss({ estimate, theta, rows, seed, value }) {
    const found = measured(seed, (at) => [mean(estimate(at).loss, rows)]);
    return compared('the mean loss', found, [value(theta)]);
  },

  unbiased({ estimate, theta, rows, seed, value }) {
    const n = theta.length;
    const found = measured(seed, (at) => {
      const { gradient } = estimate(at);
      return Array.from({ length: n }, (_, i) => mean(gradient, rows, i, n));
    });
    return compared('the mean gradient', found, gradientOf(value, theta));
  },
} satisfies Record<string, Check<Subject>>;

/** The laws of estimators, by name. */
export type EstimatorLaw = keyof typeof laws;

/**
 * Checks an estimator of `d E[L(X)] / d theta` against the law of X, enumerated: shapes, the same estimate for the same
 * seed, that vertices are drawn, and that the means of losses and gradients of 64 batches are the expected ones, up to 6.5
 * standard errors, which an unbiased estimator exceeds once in 5e7 coordinates.
 *
 * An estimator that learns from call to call breaks `seed`. 68 batches of `rows` estimates.
 *
 * @throws SstError `INVALID_ARGUMENT` of its arguments alone: what an estimator throws breaks the law
 */
export function checkEstimator(
  estimator: Estimator<DifferentiableLoss>,
  options: EstimatorLawOptions,
): LawReport {
  if (typeof estimator?.estimate !== 'function') throw invalid('estimator', 'an estimator', estimator);
  checkOptions('options', options, [
    'theta',
    'vertices',
    'law',
    'temperature',
    'loss',
    'samples',
    'rows',
    'seed',
    'except',
  ]);
  const rows = checkInteger('rows', options.rows ?? 200, 1, 1e6);
  const samples = checkInteger('samples', options.samples ?? 2, 1, 1e6);
  const seed = checkInteger('seed', options.seed ?? 1, 0, 2 ** 32);
  const except = checkNames('except', options.except ?? [], Object.keys(laws));
  const theta = Float64Array.from(options.theta);
  const vertices = options.vertices.map((x) => Float64Array.from(x));
  if (vertices.length === 0 || vertices[0].length === 0)
    throw invalid('vertices', 'rows of numbers', options.vertices);
  const t = checkPositive('temperature', options.temperature ?? (estimator.trick.temperature || 1));
  const law = options.law === 'family' ? familyOf(vertices, t) : options.law;
  if (typeof law !== 'function') throw invalid('law', "'family' or a function", law);
  const { loss = quadratic } = options;
  const losses = Array.from(loss(Float64Array.from(vertices.flatMap((x) => [...x])), vertices.length).value);
  const batch = Float64Array.from({ length: rows * theta.length }, (_, i) => theta[i % theta.length]);
  const subject: Subject = {
    estimate: (at) => estimator.estimate(batch, loss, { seed: at, samples }),
    theta,
    batch,
    rows,
    samples,
    seed,
    vertices,
    value: (at) => dot(losses, law(at)),
  };
  return new LawReport(`${estimator.name} of ${estimator.trick.name}`, judge<Subject>(laws, subject, except));
}

/** {@link checkEstimator} for test runners. @throws LawError with the report, where a law is broken */
export function assertEstimator(
  estimator: Estimator<DifferentiableLoss>,
  options: EstimatorLawOptions,
): void {
  const report = checkEstimator(estimator, options);
  if (!report.holds) throw new LawError(report);
}

/** `p(x)` in proportion to `exp(theta . x / t)`. */
function familyOf(vertices: readonly Float64Array[], t: number) {
  return (theta: Float64Array): Float64Array => {
    const logs = Float64Array.from(vertices, (x) => dot(theta, x) / t);
    const most = Math.max(...logs);
    const weights = logs.map((log) => Math.exp(log - most));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w) => w / total);
  };
}

/** `(w . x - 1/2)^2 + v . x` with unlike weights. */
function quadratic(x: Float64Array, rows: number): { value: Float64Array; gradient: Float64Array } {
  const n = x.length / rows;
  const [w, v] = [1, 5].map((phase) =>
    Float64Array.from({ length: n }, (_, i) => Math.sin(2.3 * i * i + phase)),
  );
  const inner = Float64Array.from({ length: rows }, (_, r) => dot(w, x.subarray(r * n, (r + 1) * n)) - 0.5);
  return {
    value: inner.map((y, r) => y * y + dot(v, x.subarray(r * n, (r + 1) * n))),
    gradient: x.map((_, i) => 2 * inner[Math.floor(i / n)] * w[i % n] + v[i % n]),
  };
}

/** Differences of five points: an error near 1e-11. */
function gradientOf(value: (theta: Float64Array) => number, theta: Float64Array): number[] {
  const h = 2 ** -9;
  return Array.from(theta, (_, i) => {
    const at = (step: number) => value(theta.map((x, j) => (i === j ? x + step : x)));
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
  });
}

function mean(values: Float64Array, rows: number, from = 0, width = 1): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += values[row * width + from];
  return sum / rows;
}

/** Means over batches, with their standard errors. */
function measured(seed: number, of: (seed: number) => number[]): { mean: number; error: number }[] {
  const batches = Array.from({ length: BATCHES }, (_, b) => of(seed * BATCHES + b));
  return batches[0].map((_, i) => {
    const average = batches.reduce((sum, batch) => sum + batch[i], 0) / BATCHES;
    const squares = batches.reduce((sum, batch) => sum + (batch[i] - average) ** 2, 0);
    return { mean: average, error: Math.sqrt(squares / (BATCHES - 1) / BATCHES) };
  });
}

function compared(what: string, found: { mean: number; error: number }[], truth: number[]): string {
  let most = 0;
  for (const [i, { mean, error }] of found.entries()) {
    const gap = Math.abs(mean - truth[i]);
    // What has no noise must be exact.
    if (gap < 1e-9) continue;
    if (!(gap <= SURPRISE * error)) {
      const where = found.length > 1 ? ` of coordinate ${i}` : '';
      throw new Broken(
        `${what}${where} is ${shown(mean)}, the truth ${shown(truth[i])}: ${shown(gap / error)} standard errors apart`,
      );
    }
    most = Math.max(most, gap / error);
  }
  if (found.length === 0) throw new Skipped('there are no parameters');
  return `${what} is the truth, at most ${shown(most)} standard errors off`;
}
