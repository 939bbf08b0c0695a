import {
  type ArrayLike,
  checkApart,
  checkLength,
  countRows,
  deliver,
  type NumberArray,
  toDoubles,
} from '../arguments/arrays';
import { checkDrawn, checkDraws } from '../arguments/draws';
import { invalid, SstError } from '../arguments/errors';
import { checkLengths, repeatLengths } from '../arguments/lengths';
import type { FamilySampleOptions, SoftmaxOptions } from '../arguments/options';
import { checkOptions, checkTemperature } from '../arguments/validate';
import { guard, type NativeTrick } from '../native/binding';
import { getThreads } from '../threads';
import type { AsyncOptions } from './background';
import { quotients, replaceSmallDivergences } from './divergence';
import { Trick, type TrickDefinition } from './trick';

/** A trick whose relaxation is the exponential family's, `X_t = E[x]` under `p(x) ~ exp(u.x / t)`. */
export class ExponentialFamilyTrick extends Trick {
  declare protected readonly native: NativeTrick;

  constructor(definition: TrickDefinition) {
    super(definition);
  }

  /**
   * `log sum_x exp(U.x / t)` of every row, [batch]; its gradient in U is `X_t / t`.
   *
   * @throws SstError also `INVALID_ARGUMENT` at temperature 0, where it diverges, and `NOT_FINITE` beyond 1e308
   */
  logPartition<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['temperature', 'lengths', 'out']);
    const { temperature = this.temperature } = options;
    const t = checkTemperature(temperature);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    return deliver(rows, utility, options.out, (out) =>
      guard(() => this.native.logPartition(u, t, lengths, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /** {@link logPartition} on another thread, as {@link argmaxAsync}. */
  async logPartitionAsync<A extends NumberArray>(
    utility: A,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    checkOptions('options', options, ['temperature', 'lengths', 'out', 'signal']);
    const { temperature = this.temperature } = options;
    const t = checkTemperature(temperature);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    return this.later(rows, utility, options, (cancellation) =>
      this.native.logPartitionAsync(u, t, lengths, getThreads(), cancellation),
    );
  }

  /**
   * Exact, independent draws `x ~ p(x) ~ exp(U.x / t)` over the embeddings, [batch x samples x dimension] of 0 and 1; the
   * utilities are taken as they are, without noise (the stochastic argmax is {@link sample}).
   *
   * By one run of the partition function for each row, and back through its tables for each sample: O(n) of one-hot
   * vectors and subsets, O(n) of k-subsets, O(n^2) of trees. A draw depends on the seed, its row and its sample, and on
   * nothing else. At temperature 0 it is the argmax.
   */
  familySample<A extends NumberArray>(utility: A, options: FamilySampleOptions): ArrayLike<A> {
    checkOptions('options', options, ['seed', 'samples', 'firstRow', 'temperature', 'lengths', 'out']);
    const { seed, samples, firstRow } = checkDraws(options);
    const t = checkTemperature(options.temperature ?? this.temperature);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    const length = checkDrawn(rows * samples * this.dimension, samples, options.out);
    return deliver(length, utility, options.out, (out) =>
      guard(() => this.native.familySample(u, t, lengths, seed, samples, firstRow, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /**
   * The entropy `-sum_x p(x) log p(x)` of `p(x) ~ exp(U.x / t)`, [batch], at least 0; to about 1e-15 times the largest
   * `U / t`. At the cost of `softmax`.
   *
   * @throws SstError also `INVALID_ARGUMENT` at temperature 0, and where rounding leaves nothing of it (`U / t > 1e15`)
   */
  entropy<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    const { u, rows, t, lengths } = this.#read(utility, options);
    return deliver(rows, utility, options.out, (out) =>
      guard(() => this.native.entropy(u, t, lengths, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /** `dL/dU = -c Cov(x) U / t^2` for a cotangent c = dL/dH, [batch]. */
  entropyVjp<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    const { u, rows, t, lengths } = this.#read(utility, options);
    const c = this.#cotangents(cotangent, rows);
    checkPositive(t);
    const direction = u.map((x, i) => (Number.isFinite(x) ? (-c[this.#row(i)] * x) / t : 0));
    return this.softmaxVjp(utility, direction, { temperature: t, lengths, out: options.out });
  }

  /**
   * `log p(x) = U.x / t - log Z` of embeddings x, [batch x draws] from [batch x draws x dimension]: exact to about 1e-15 of
   * 1 or of itself. -Infinity where x has a forbidden coordinate.
   *
   * Of the many parts that `U.x / t` and `log Z` share nothing is left to cancel: it is computed from the best embedding.
   *
   * @throws SstError also `INVALID_ARGUMENT` where x is no embedding, and at temperature 0
   */
  logProbability<A extends NumberArray>(
    utility: A,
    embedding: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    const { u, rows, t, lengths } = this.#read(utility, options);
    const { x, draws, lengths: ofDraws } = this.#embeddings(embedding, rows, lengths);
    const repeated = repeatRows(u, this.dimension, draws);
    return deliver(rows * draws, utility, options.out, (out) =>
      guard(() => this.native.logProbability(repeated, x, t, ofDraws, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /** `dL/dU = sum_s c_s (x_s - E[x]) / t` for a cotangent c, [batch x draws]; 0 where a coordinate is forbidden. */
  logProbabilityVjp<A extends NumberArray>(
    utility: A,
    embedding: NumberArray,
    cotangent: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    const { u, rows, t, lengths } = this.#read(utility, options);
    const { x, draws } = this.#embeddings(embedding, rows, lengths);
    const c = this.#cotangents(cotangent, rows * draws);
    checkPositive(t);
    checkApart({ utility, out: options.out });
    const mean = this.softmax(u, { temperature: t, lengths });
    const n = this.dimension;
    return deliver(u.length, utility, options.out, (out) => {
      out.fill(0);
      for (let cell = 0; cell < x.length; cell++) {
        const draw = Math.floor(cell / n);
        const i = Math.floor(draw / draws) * n + (cell % n);
        if (u[i] !== Number.NEGATIVE_INFINITY) out[i] += (c[draw] * (x[cell] - mean[i])) / t;
      }
      checkFinite(out, n, GRADIENT);
    }) as ArrayLike<A>;
  }

  /**
   * `KL(p_U || p_V) = sum_x p_U(x) log(p_U(x) / p_V(x))` of the exponential families of two utilities, [batch], at least 0;
   * Infinity where V forbids what U does not.
   *
   * To about 1e-15 times the largest `U / t` and `V / t`; where V is close to U, times the square of `(V - U) / t` instead,
   * as the integral of a variance. At the cost of three to a dozen `softmax`.
   *
   * @throws SstError as {@link entropy}
   */
  divergence<A extends NumberArray>(
    utility: A,
    other: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    const { u, rows, t, lengths } = this.#read(utility, options);
    const v = this.#other(other, u.length);
    checkApart({ utility, out: options.out });
    return deliver(rows, utility, options.out, (out) => {
      const entropy = this.entropy(u, { temperature: t, lengths });
      const mean = this.softmax(u, { temperature: t, lengths });
      guard(() => this.native.logProbability(v, mean, t, lengths, out, getThreads()));
      for (let row = 0; row < rows; row++) out[row] = Math.max(0, -entropy[row] - out[row]);
      const difference = new Float64Array(u.length);
      guard(() => this.native.masked(quotients(u, v, t), lengths, difference));
      replaceSmallDivergences(this, { u, difference, t, lengths }, out);
    }) as ArrayLike<A>;
  }

  /**
   * `dL/dU = c Cov_U(x) (U - V) / t^2` and `dL/dV = c (E_V[x] - E_U[x]) / t` for a cotangent c = dL/dKL, [batch].
   *
   * @throws SstError also `NOT_FINITE` where the divergence is infinite
   */
  divergenceVjp<A extends NumberArray>(
    utility: A,
    other: NumberArray,
    cotangent: NumberArray,
    options: Omit<SoftmaxOptions, 'out'> = {},
  ): { utility: ArrayLike<A>; other: ArrayLike<A> } {
    const { u, rows, t, lengths } = this.#read(utility, options, ['temperature', 'lengths']);
    const v = this.#other(other, u.length);
    const c = this.#cotangents(cotangent, rows);
    checkPositive(t);
    const direction = quotients(v, u, t).map((x, i) => c[this.#row(i)] * x);
    const at = { temperature: t, lengths };
    const ofUtility = this.softmaxVjp(utility, direction, at);
    const [p, q] = [this.softmax(u, at), this.softmax(v, at)];
    const ofOther = deliver(v.length, utility, undefined, (out) => {
      for (let i = 0; i < out.length; i++) out[i] = (c[this.#row(i)] * (q[i] - p[i])) / t;
      checkFinite(out, this.dimension, GRADIENT);
    }) as ArrayLike<A>;
    return { utility: ofUtility, other: ofOther };
  }

  /** Utilities and the options of most methods. */
  #read(utility: NumberArray, options: SoftmaxOptions, known = ['temperature', 'lengths', 'out']) {
    checkOptions('options', options, known);
    const t = checkTemperature(options.temperature ?? this.temperature);
    const [u, rows] = this.utilities(utility);
    return { u, rows, t, lengths: checkLengths(options.lengths, rows) };
  }

  #row(cell: number): number {
    return Math.floor(cell / this.dimension);
  }

  #cotangents(cotangent: NumberArray, count: number): Float64Array {
    const c = toDoubles('cotangent', cotangent);
    checkLength('cotangent', c, count, 'one for each number of the result');
    checkFinite(c, 1, 'finite numbers');
    return c;
  }

  #other(other: NumberArray, length: number): Float64Array {
    const v = toDoubles('other', other);
    checkLength('other', v, length, 'as many as the utility has');
    return v;
  }

  /** Embeddings, as many for each row; with 0 where nothing counts. */
  #embeddings(embedding: NumberArray, rows: number, lengths: Uint32Array | undefined) {
    const given = toDoubles('embedding', embedding);
    const draws = countRows('embedding', given.length, rows * this.dimension);
    const ofDraws = lengths && repeatLengths(lengths, draws);
    const x = new Float64Array(given.length);
    guard(() => this.native.masked(given, ofDraws, x));
    // Of 0/1 vectors x alone maximises (2x - 1).y over all y, so that it is the argmax if it is an embedding at all.
    const best = this.argmax(
      x.map((cell) => 2 * cell - 1),
      { lengths: ofDraws },
    );
    const apart = x.findIndex((cell, i) => cell !== best[i]);
    if (apart >= 0) {
      const message = `embedding: expected embeddings of 0 and 1, got another (batch row ${this.#row(apart)})`;
      throw new SstError('INVALID_ARGUMENT', message);
    }
    return { x, draws, lengths: ofDraws };
  }
}

/** Each row so many times. */
function repeatRows(cells: Float64Array, width: number, times: number): Float64Array {
  if (times === 1 || width === 0) return cells;
  const repeated = new Float64Array(cells.length * times);
  for (let row = 0; row * width < cells.length; row++) {
    const own = cells.subarray(row * width, (row + 1) * width);
    for (let copy = 0; copy < times; copy++) repeated.set(own, (row * times + copy) * width);
  }
  return repeated;
}

const GRADIENT = 'numbers whose gradient is in the range of doubles';

/** Refuses a cotangent for a number that is none. */
function checkFinite(cells: Float64Array, width: number, expected: string): void {
  const bad = cells.findIndex((x) => !Number.isFinite(x));
  if (bad < 0) return;
  const row = Math.floor(bad / width);
  throw new SstError('NOT_FINITE', `cotangent: expected ${expected}, got ${cells[bad]} (batch row ${row})`);
}

/** A temperature at which there is a law to differentiate. */
function checkPositive(temperature: number): void {
  if (temperature === 0) throw invalid('temperature', 'a number > 0', temperature);
}
