import {
  type ArrayLike,
  checkApart,
  checkLength,
  checkOut,
  countRows,
  deliver,
  type NumberArray,
  toDoubles,
} from '../arguments/arrays';
import { invalid } from '../arguments/errors';
import { checkLengths, repeatLengths } from '../arguments/lengths';
import type {
  ArgmaxOptions,
  OutOptions,
  Sample,
  SampleOptions,
  SoftmaxOptions,
  VjpOptions,
} from '../arguments/options';
import { checkGradient, checkOptions, checkTemperature } from '../arguments/validate';
import { type Drawing, drawSample } from '../drawing/draw';
import { drawTrick } from '../drawing/draw-trick';
import { type Cancellation, guard, type NativeTrick, type Outcome } from '../native/binding';
import { getThreads } from '../threads';
import type { Utility } from '../utilities';
import { type AsyncOptions, inBackground } from './background';
import { finiteDifferenceVjp } from './finite-difference';
import { type Arrangement, Perturbation } from './perturbation';
import type { Solver } from './solver';

/** `util.inspect.custom`, typed so that the declarations need no types of Node. */
const customPrint: symbol = Symbol.for('nodejs.util.inspect.custom');

/** What a factory hands to the class. */
export interface TrickDefinition<H extends Solver = NativeTrick> {
  name: string;
  /** The parameters worth showing, in order. */
  parameters: Record<string, unknown>;
  temperature: number;
  utility: Utility;
  /** How utilities follow from parameters, where not coordinate by coordinate. */
  arrangement?: Arrangement | undefined;
  handle: H;
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
export class Trick extends Perturbation {
  /** The structure's name. */
  readonly name: string;
  /** The length of an embedding X. */
  readonly dimension: number;
  /** The default temperature t of the relaxation; 0 means the hard operator. */
  readonly temperature: number;

  protected readonly native: Solver;
  readonly #parameters: Record<string, unknown>;
  readonly #drawing: Drawing;

  constructor(definition: TrickDefinition<Solver>) {
    const { name, temperature, utility, arrangement, handle } = definition;
    super(utility, handle.utilityDimension, arrangement);
    this.name = name;
    this.dimension = handle.dimension;
    this.temperature = checkTemperature(temperature);
    this.native = handle;
    this.#parameters = definition.parameters;
    this.#drawing = definition.drawing;
    Object.defineProperty(this, 'native', { enumerable: false });
  }

  /**
   * `X = argmax_x U.x` over the embeddings x: the stochastic argmax trick, [batch x dimension] of 0 and 1.
   *
   * Of equal utilities the one of the lowest index wins (paper, section 4).
   */
  argmax<A extends NumberArray>(utility: A, options: ArgmaxOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['lengths', 'out']);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    return deliver(rows * this.dimension, utility, options.out, (out) =>
      guard(() => this.native.argmax(u, lengths, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /**
   * `X_t = argmax_{x in P} U.x - t f(x)` over the convex hull P: the stochastic softmax trick, [batch x dimension].
   *
   * Exact to about 1e-15 at every temperature; at temperature 0 it is the argmax (paper, section 5).
   */
  softmax<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['temperature', 'lengths', 'out']);
    const { temperature = this.temperature } = options;
    const t = checkTemperature(temperature);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    return deliver(rows * this.dimension, utility, options.out, (out) =>
      guard(() => this.native.softmax(u, t, lengths, out, getThreads())),
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
    checkOptions('options', options, ['temperature', 'lengths', 'gradient', 'out']);
    const { temperature = this.temperature, gradient = 'exact' } = options;
    const t = checkTemperature(temperature);
    const epsilon = checkGradient(gradient);
    if (epsilon !== undefined && !this.native.symmetric) {
      throw invalid(
        'gradient',
        `'exact' for this relaxation: its Jacobian is not symmetric, so that a difference along the cotangent is not its gradient`,
        gradient,
      );
    }
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, rows * this.dimension, 'one for each coordinate of the structure');
    return deliver(u.length, utility, options.out, (out) => {
      // The exact product checks both arrays, so it goes first in any case.
      guard(() => this.native.softmaxVjp(u, epsilon === undefined ? t : 0, g, lengths, out, getThreads()));
      if (epsilon !== undefined && t > 0) {
        // What counts of the cotangent: elsewhere it may hold anything.
        const direction = new Float64Array(g.length);
        guard(() => this.native.masked(g, lengths, direction));
        const relaxation = (at: Float64Array) => this.softmax(at, { temperature: t, lengths });
        finiteDifferenceVjp(relaxation, u, direction, this.dimension, epsilon, out);
      }
    }) as ArrayLike<A>;
  }

  /**
   * {@link argmax} on another thread: the event loop stays free. The arguments are copied, so that they may change
   * meanwhile; a batch is computed a few rows at a time, and `signal` calls off what is left.
   */
  async argmaxAsync<A extends NumberArray>(
    utility: A,
    options: ArgmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    checkOptions('options', options, ['lengths', 'out', 'signal']);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    return this.later(rows * this.dimension, utility, options, (cancellation) =>
      this.native.argmaxAsync(u, lengths, getThreads(), cancellation),
    );
  }

  /** {@link softmax} on another thread, as {@link argmaxAsync}. */
  async softmaxAsync<A extends NumberArray>(
    utility: A,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    checkOptions('options', options, ['temperature', 'lengths', 'out', 'signal']);
    const { temperature = this.temperature } = options;
    const t = checkTemperature(temperature);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    return this.later(rows * this.dimension, utility, options, (cancellation) =>
      this.native.softmaxAsync(u, t, lengths, getThreads(), cancellation),
    );
  }

  /** The exact {@link softmaxVjp} on another thread, as {@link argmaxAsync}. */
  async softmaxVjpAsync<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    checkOptions('options', options, ['temperature', 'lengths', 'out', 'signal']);
    const { temperature = this.temperature } = options;
    const t = checkTemperature(temperature);
    const [u, rows] = this.utilities(utility);
    const lengths = checkLengths(options.lengths, rows);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, rows * this.dimension, 'one for each coordinate of the structure');
    return this.later(u.length, utility, options, (cancellation) =>
      this.native.softmaxVjpAsync(u, t, g, lengths, getThreads(), cancellation),
    );
  }

  /** Delivers what another thread computes. */
  protected async later<A extends NumberArray>(
    length: number,
    like: A,
    { out, signal }: OutOptions & AsyncOptions,
    start: (cancellation: Cancellation) => Promise<Outcome>,
  ): Promise<ArrayLike<A>> {
    if (out !== undefined) checkOut(out, length);
    const values = await inBackground(signal, (cancellation) => guard(() => start(cancellation)));
    return deliver(length, like, out, (doubles) => doubles.set(values)) as ArrayLike<A>;
  }

  /**
   * Draws utilities, and from the same utilities the hard and the soft structure: `{ utility, hard, soft }`.
   *
   * Print it to see it drawn.
   */
  sample<A extends NumberArray>(theta: A, options: SampleOptions): Sample<ArrayLike<A>> {
    checkOptions('options', options, ['seed', 'temperature', 'lengths', 'samples', 'firstRow', 'out']);
    const { temperature = this.temperature, lengths: given, out = {}, ...draw } = options;
    checkOptions('out', out, ['utility', 'hard', 'soft']);
    checkApart({ theta, 'out.utility': out.utility, 'out.hard': out.hard, 'out.soft': out.soft });
    const t = checkTemperature(temperature);
    const utility = this.perturb(theta, { ...draw, out: out.utility });
    const { samples = 1 } = draw;
    const rows = utility.length / (this.utilityDimension * samples);
    const checked = checkLengths(given, this.utilityDimension === 0 ? 1 : rows);
    const lengths = checked && repeatLengths(checked, samples);
    const hard = this.argmax(utility as NumberArray, { lengths, out: out.hard });
    const soft = this.softmax(utility as NumberArray, { temperature: t, lengths, out: out.soft });
    const sample = { utility, hard, soft } as Sample<ArrayLike<A>>;
    const print = () => drawSample(this.name, t, this.dimension, sample, this.#drawing);
    return Object.defineProperty(sample, customPrint, { value: print, enumerable: false });
  }

  /** One row of numbers (a utility, a hard or a soft structure) as text, in the shape of the structure. */
  draw(row: NumberArray): string {
    const cells = toDoubles('row', row);
    checkLength('row', cells, this.dimension, 'one row');
    return this.#drawing(cells);
  }

  [customPrint](_depth: number, options: { colors?: boolean }): string {
    const shown = { ...this.#parameters, temperature: this.temperature, utility: this.utility.name };
    return drawTrick(this.name, shown, this.parameterDimension, options.colors ?? false);
  }

  /** Utilities as doubles, and how many rows of them there are. */
  protected utilities(utility: NumberArray): [Float64Array, number] {
    const u = toDoubles('utility', utility);
    return [u, countRows('utility', u.length, this.utilityDimension)];
  }
}
