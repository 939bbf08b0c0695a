import { inspect } from 'node:util';
import {
  type ArrayLike,
  checkApart,
  checkLength,
  countRows,
  deliver,
  type NumberArray,
  toDoubles,
} from './arrays';
import { guard, type NativeTrick, type NativeUtility } from './binding';
import { type Drawing, drawSample } from './draw';
import { invalid } from './errors';
import { finiteDifferenceVjp } from './finite-difference';
import { getThreads } from './threads';
import { type Utility, utilityHandle } from './utilities';
import { checkInteger, checkOptions, checkSeed, checkTemperature } from './validate';

/** `util.inspect.custom`, typed so that the declarations need no types of Node. */
const customPrint: symbol = Symbol.for('nodejs.util.inspect.custom');

/** A result array of the caller's own, of the exact length. */
export type Output = Float32Array | Float64Array;

/** How `dL/dU` is computed: exactly, or by central differences with a step (for checking, or for noisy solvers). */
export type Gradient = 'exact' | { readonly finiteDifference: number };

export interface OutOptions {
  out?: Output | undefined;
}

export interface SoftmaxOptions extends OutOptions {
  /** Overrides the trick's own. */
  temperature?: number | undefined;
}

export interface VjpOptions extends SoftmaxOptions {
  gradient?: Gradient | undefined;
}

export interface PerturbOptions extends OutOptions {
  /** A safe integer >= 0 or a bigint below 2^64. Same seed, same bits. */
  seed: number | bigint;
  /** Draws for each row of theta; the result has that many rows for each, next to one another. Default 1. */
  samples?: number | undefined;
  /** The number of the first row, for a batch that is drawn in parts. Default 0. */
  firstRow?: number | undefined;
}

export interface SampleOptions {
  seed: number | bigint;
  temperature?: number | undefined;
  samples?: number | undefined;
  firstRow?: number | undefined;
  out?: { utility?: Output; hard?: Output; soft?: Output } | undefined;
}

/** One draw: the random utility, the structure that maximises it, and its relaxation. */
export interface Sample<A extends Float32Array | Float64Array = Float64Array> {
  utility: A;
  hard: A;
  soft: A;
}

/** The most numbers that are drawn into a new array (2 GiB): a mistaken count should not take the machine's memory. */
const MOST_DRAWN = 2 ** 28;

/** What a factory hands to the class. */
export interface TrickDefinition {
  name: string;
  /** The parameters worth showing, in order. */
  parameters: Record<string, unknown>;
  dimension: number;
  temperature: number;
  utility: Utility;
  handle: NativeTrick;
  /** How one row of numbers is drawn. */
  drawing: Drawing;
}

/**
 * A structured random choice: a stochastic argmax trick with its relaxation.
 *
 * Arrays are flat, row-major, batch first; the batch is inferred. A utility of -Infinity forbids its coordinate. Every
 * method checks all rows before it computes any, and throws `SstError`: `INVALID_ARGUMENT`, `INVALID_SHAPE` (a length
 * that is no multiple of the dimension), `NOT_FINITE` (NaN, +Infinity), `INFEASIBLE` (the forbidden coordinates leave
 * nothing to choose).
 */
export class Trick {
  /** The structure's name. */
  readonly name: string;
  /** The length of an embedding X. */
  readonly dimension: number;
  /** The length of a utility U. */
  readonly utilityDimension: number;
  /** The length of a row of parameters theta. */
  readonly parameterDimension: number;
  /** The default temperature t of the relaxation; 0 means the hard operator. */
  readonly temperature: number;
  /** The family of the random utilities. */
  readonly utility: Utility;

  protected readonly native: NativeTrick;
  readonly #utility: NativeUtility;
  readonly #parameters: Record<string, unknown>;
  readonly #drawing: Drawing;

  constructor(definition: TrickDefinition) {
    const { name, dimension, temperature, utility, handle } = definition;
    const utilityNative = utilityHandle(utility);
    if (utilityNative === undefined) throw invalid('utility', 'gumbel() or logistic()', utility);
    this.name = name;
    this.dimension = dimension;
    this.utilityDimension = dimension;
    this.parameterDimension = dimension;
    this.temperature = checkTemperature(temperature);
    this.utility = utility;
    this.native = handle;
    this.#utility = utilityNative;
    this.#parameters = definition.parameters;
    this.#drawing = definition.drawing;
    Object.defineProperty(this, 'native', { enumerable: false });
  }

  /**
   * Random utilities `U(theta)`, [batch x samples x n] from theta [batch x n].
   *
   * The draw of a cell depends on the seed, its row, its sample number and its coordinate, and on nothing else: not on
   * the size of the batch, nor on threads. A theta of -Infinity stays -Infinity. O(n) a row.
   */
  perturb<A extends NumberArray>(theta: A, options: PerturbOptions): ArrayLike<A> {
    checkOptions('options', options, ['seed', 'samples', 'firstRow', 'out']);
    const seed = checkSeed(options.seed);
    const { samples: count = 1, firstRow: first = 0, out: given } = options;
    const samples = checkInteger('samples', count, 1, 2 ** 32 - 1);
    const firstRow = checkInteger('firstRow', first, 0, 2 ** 48);
    const parameters = toDoubles('theta', theta);
    countRows('theta', parameters.length, this.parameterDimension);
    const length = parameters.length * samples;
    if (given === undefined && length > MOST_DRAWN) {
      throw invalid('samples', `at most ${MOST_DRAWN} draws in all without out`, samples);
    }
    return deliver(length, theta, given, (out) =>
      guard(() =>
        this.#utility.perturb(
          this.parameterDimension,
          parameters,
          seed,
          samples,
          firstRow,
          out,
          getThreads(),
        ),
      ),
    ) as ArrayLike<A>;
  }

  /**
   * `X = argmax_x U.x` over the embeddings x: the stochastic argmax trick, [batch x dimension] of 0 and 1.
   *
   * Of equal utilities the one of the lowest index wins (paper, section 4).
   */
  argmax<A extends NumberArray>(utility: A, options: OutOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const u = this.#utilities(utility);
    return deliver(u.length, utility, options.out, (out) =>
      guard(() => this.native.argmax(u, undefined, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /**
   * `X_t = argmax_{x in P} U.x - t f(x)` over the convex hull P: the stochastic softmax trick, [batch x dimension].
   *
   * Exact to about 1e-15 at every temperature; at temperature 0 it is the argmax (paper, section 5).
   */
  softmax<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['temperature', 'out']);
    const { temperature = this.temperature } = options;
    const t = checkTemperature(temperature);
    const u = this.#utilities(utility);
    return deliver(u.length, utility, options.out, (out) =>
      guard(() => this.native.softmax(u, t, undefined, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /**
   * `dL/dU = (dX_t/dU)^T dL/dX_t` for a cotangent `dL/dX_t` [batch x dimension], exactly; or by central differences.
   *
   * Two to three times the cost of `softmax`. At temperature 0 it is 0, the derivative of the argmax almost everywhere
   * (paper, equation 7).
   */
  softmaxVjp<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: VjpOptions = {},
  ): ArrayLike<A> {
    checkOptions('options', options, ['temperature', 'gradient', 'out']);
    const { temperature = this.temperature, gradient = 'exact' } = options;
    const t = checkTemperature(temperature);
    const epsilon = checkGradient(gradient);
    const u = this.#utilities(utility);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, u.length, 'as many as the utility has');
    return deliver(u.length, utility, options.out, (out) => {
      // The exact product checks both arrays, so it goes first in any case.
      guard(() => this.native.softmaxVjp(u, epsilon === undefined ? t : 0, g, undefined, out, getThreads()));
      if (epsilon !== undefined && t > 0) {
        const relaxation = (at: Float64Array) => this.softmax(at, { temperature: t });
        finiteDifferenceVjp(relaxation, u, g, this.dimension, epsilon, out);
      }
    }) as ArrayLike<A>;
  }

  /**
   * `dL/dtheta` [batch x n] from `dL/dU` [batch x samples x n], through `dU/dtheta` with the noise held fixed.
   *
   * The contributions of the samples of a row are added; a forbidden coordinate gets 0.
   */
  perturbVjp<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: OutOptions = {},
  ): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const parameters = toDoubles('theta', theta);
    countRows('theta', parameters.length, this.parameterDimension);
    const u = toDoubles('utility', utility);
    if (parameters.length > 0) countRows('utility', u.length, parameters.length);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, u.length, 'as many as the utility has');
    return deliver(parameters.length, theta, options.out, (out) =>
      guard(() => this.#utility.perturbVjp(this.parameterDimension, parameters, u, g, out)),
    ) as ArrayLike<A>;
  }

  /**
   * Draws utilities, and from the same utilities the hard and the soft structure: `{ utility, hard, soft }`.
   *
   * Print it to see it drawn.
   */
  sample<A extends NumberArray>(theta: A, options: SampleOptions): Sample<ArrayLike<A>> {
    checkOptions('options', options, ['seed', 'temperature', 'samples', 'firstRow', 'out']);
    const { temperature = this.temperature, out = {}, ...draw } = options;
    checkOptions('out', out, ['utility', 'hard', 'soft']);
    checkApart({ theta, 'out.utility': out.utility, 'out.hard': out.hard, 'out.soft': out.soft });
    const t = checkTemperature(temperature);
    const utility = this.perturb(theta, { ...draw, out: out.utility });
    const hard = this.argmax(utility as NumberArray, { out: out.hard });
    const soft = this.softmax(utility as NumberArray, { temperature: t, out: out.soft });
    const sample = { utility, hard, soft } as Sample<ArrayLike<A>>;
    const print = () => drawSample(this.name, t, this.dimension, sample, this.#drawing);
    return Object.defineProperty(sample, customPrint, { value: print, enumerable: false });
  }

  /**
   * `KL(U(theta) || U(0))`, summed over the coordinates, [batch]: an upper bound of the divergence of the structures
   * themselves, so that an evidence lower bound with it stays one. A forbidden coordinate adds 0.
   */
  kl<A extends NumberArray>(theta: A, options: OutOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const parameters = toDoubles('theta', theta);
    const rows = countRows('theta', parameters.length, this.parameterDimension);
    return deliver(rows, theta, options.out, (out) =>
      guard(() => this.#utility.kl(this.parameterDimension, parameters, out)),
    ) as ArrayLike<A>;
  }

  /** `dL/dtheta` [batch x n] for a cotangent `dL/dKL` [batch]. */
  klVjp<A extends NumberArray>(theta: A, cotangent: NumberArray, options: OutOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const parameters = toDoubles('theta', theta);
    const rows = countRows('theta', parameters.length, this.parameterDimension);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, rows, 'one for each row of theta');
    return deliver(parameters.length, theta, options.out, (out) =>
      guard(() => this.#utility.klVjp(this.parameterDimension, parameters, g, out)),
    ) as ArrayLike<A>;
  }

  /** One row of numbers (a utility, a hard or a soft structure) as text, in the shape of the structure. */
  draw(row: NumberArray): string {
    const cells = toDoubles('row', row);
    checkLength('row', cells, this.dimension, 'one row');
    return this.#drawing(cells);
  }

  [customPrint](_depth: number, options: { colors?: boolean }): string {
    const shown = { ...this.#parameters, temperature: this.temperature, utility: this.utility.name };
    const text = inspect(shown, { colors: options.colors ?? false, breakLength: 100, compact: 3 });
    return `${this.name} ${text}`;
  }

  #utilities(utility: NumberArray): Float64Array {
    const u = toDoubles('utility', utility);
    countRows('utility', u.length, this.utilityDimension);
    return u;
  }
}

/** A trick whose relaxation is the exponential family's, `X_t = E[x]` under `p(x) ~ exp(u.x / t)`. */
export class ExponentialFamilyTrick extends Trick {
  /**
   * `log sum_x exp(U.x / t)` of every row, [batch]; its gradient in U is `X_t / t`.
   *
   * @throws SstError also `INVALID_ARGUMENT` at temperature 0, where it diverges, and `NOT_FINITE` beyond 1e308
   */
  logPartition<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['temperature', 'out']);
    const { temperature = this.temperature } = options;
    const t = checkTemperature(temperature);
    const u = toDoubles('utility', utility);
    const rows = countRows('utility', u.length, this.utilityDimension);
    return deliver(rows, utility, options.out, (out) =>
      guard(() => this.native.logPartition(u, t, undefined, out, getThreads())),
    ) as ArrayLike<A>;
  }
}

/** The step of a finite difference, or nothing for the exact gradient. */
function checkGradient(gradient: unknown): number | undefined {
  if (gradient === 'exact') return undefined;
  const expected = "'exact' or { finiteDifference: epsilon } with a finite epsilon > 0";
  if (typeof gradient !== 'object' || gradient === null) throw invalid('gradient', expected, gradient);
  checkOptions('gradient', gradient, ['finiteDifference']);
  const { finiteDifference: epsilon } = gradient as { finiteDifference?: unknown };
  if (typeof epsilon !== 'number' || !(epsilon > 0 && Number.isFinite(epsilon))) {
    throw invalid('gradient', expected, gradient);
  }
  return epsilon;
}
