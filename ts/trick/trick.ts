import {
  type ArrayLike,
  checkLength,
  checkOut,
  checkOverlaps,
  type NumberArray,
  toDoubles,
  widened,
} from '../arguments/arrays';
import { invalid } from '../arguments/errors';
import { repeatLengths } from '../arguments/lengths';
import type {
  ArgmaxOptions,
  LengthsOptions,
  Sample,
  SampleOptions,
  SoftmaxOptions,
  VjpOptions,
} from '../arguments/options';
import {
  type ReadTemperature,
  readTemperature,
  repeatTemperature,
  temperatureAt,
} from '../arguments/temperature';
import { checkGradient, checkOptions, checkTemperature } from '../arguments/validate';
import { type Drawing, drawSample } from '../drawing/draw';
import { drawTrick } from '../drawing/draw-trick';
import { guard } from '../native/binding';
import type { Utility } from '../utilities';
import { answer, answerLater, ask, askLater, read, solverOf } from './asking';
import type { AsyncOptions } from './background';
import { answerOf } from './call';
import { finiteDifferenceVjp } from './finite-difference';
import { type KBest, type KBestOptions, kBest, kBestLater } from './k-best';
import { Perturbation } from './perturbation';
import {
  type SoftmaxWithVjp,
  type SoftmaxWithVjpOptions,
  softmaxWithVjp,
  softmaxWithVjpLater,
} from './softmax-with-vjp';
import type { Solver } from './solver';
import { slopesOf, temperatureDifference, temperatureGradient } from './temperature';

/** `nodejs.util.inspect.custom`, typed so that the declarations need no types of Node. */
const customPrint: symbol = Symbol.for('nodejs.util.inspect.custom');

/** What a factory hands to the class. */
export interface TrickDefinition {
  name: string;
  /** The parameters worth showing, in order. */
  parameters: Record<string, unknown>;
  temperature: number;
  utility: Utility;
  solver: Solver;
  /** The natural axes of a row, where it is a matrix. */
  shape?: readonly number[] | undefined;
  /** How one row of numbers is drawn. */
  drawing: Drawing;
}

/**
 * A structured random choice: a stochastic argmax trick with its relaxation.
 *
 * Arrays are flat, row-major, batch first; the batch is inferred. A utility of -Infinity forbids its coordinate. Every
 * method checks all rows before it computes any, and throws `SstError`: `INVALID_ARGUMENT`, `INVALID_SHAPE` (a length
 * that is no multiple of the dimension), `NOT_FINITE` (NaN, +Infinity, results beyond the precision that is asked for),
 * `INFEASIBLE` (the forbidden coordinates leave nothing to choose).
 *
 * Arguments are read once, before anything is computed. `out` receives the result; it may share memory with no input.
 * `lengths` says how many things each row is over; where `samples` rows next to one another are draws of one, they share
 * its length.
 */
export class Trick extends Perturbation {
  /** The structure's name. */
  readonly name: string;
  /** The length of an embedding X. */
  readonly dimension: number;
  /** The natural axes of an embedding: [dimension], or [rows, columns] of a matrix in row-major order. */
  readonly shape: readonly number[];
  /** How many things (elements, vertices, words) a row may be over: the largest of `lengths`. */
  readonly size: number;
  /**
   * Whether `X_t` is a function of `U / t` alone, so that its derivative in t is one in U: of all relaxations but SoftSub, and
   * those of one's own that do not say so.
   */
  readonly homogeneous: boolean;
  /** Whether the Jacobian of `X_t` is symmetric, as it is where `X_t` is the gradient of a convex function of U. */
  readonly symmetric: boolean;
  /** The default temperature t of the relaxation; 0 means the hard operator. */
  readonly temperature: number;

  readonly #parameters: Record<string, unknown>;
  readonly #drawing: Drawing;

  constructor(definition: TrickDefinition) {
    const { name, utility, solver } = definition;
    const temperature = checkTemperature(definition.temperature);
    super(utility, solver, temperature);
    this.name = name;
    this.dimension = solver.widths.embedding;
    this.shape = Object.freeze([...(definition.shape ?? [this.dimension])]);
    this.size = solver.size;
    this.homogeneous = solver.inhomogeneous === undefined;
    this.symmetric = solver.symmetric;
    this.temperature = temperature;
    this.#parameters = definition.parameters;
    this.#drawing = definition.drawing;
  }

  /**
   * `X = argmax_x U.x` over the embeddings x: the stochastic argmax trick, [batch x dimension] of 0 and 1.
   *
   * Of equal utilities the one of the lowest index wins (paper, section 4).
   */
  argmax<A extends NumberArray>(utility: A, options: ArgmaxOptions = {}): ArrayLike<A> {
    return ask(this, 'argmax', [utility], options);
  }

  /**
   * `X_t = argmax_{x in P} U.x - t f(x)` over the convex hull P: the stochastic softmax trick, [batch x dimension].
   *
   * Exact to about 1e-15 at every temperature; at temperature 0 it is the argmax (paper, section 5).
   */
  softmax<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    return ask(this, 'softmax', [utility], options);
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
    const call = read(this, 'softmaxVjp', [utility, cotangent], options, { extra: ['gradient'] });
    const epsilon = checkGradient(options.gradient === undefined ? 'exact' : options.gradient);
    if (epsilon === undefined) return answer(this, call);
    if (!this.symmetric) {
      throw invalid(
        'gradient',
        `'exact' for this relaxation: its Jacobian is not symmetric, so that a difference along the cotangent is not its gradient`,
        options.gradient,
      );
    }
    const { inputs, lengths, temperature } = call;
    const solver = solverOf(this);
    return answerOf(call, (out) => {
      // The exact product checks both arrays, so it goes first in any case.
      guard(() => solver.ask({ ...call, temperature: 0 }, out));
      if (temperature === 0) return;
      // What counts of the cotangent: elsewhere it may hold anything.
      const direction = ask(this, 'masked', [widened(inputs[1])], { lengths });
      const relaxation = (at: Float64Array) => this.softmax(at, { temperature, lengths });
      finiteDifferenceVjp(relaxation, widened(inputs[0]), direction, this.dimension, epsilon, out);
      for (let row = 0; row < call.rows; row++) {
        // Nor is a step over a boundary of the argmax a derivative.
        if (temperatureAt(temperature, row) === 0) out.fill(0, row * call.width, (row + 1) * call.width);
      }
    });
  }

  /**
   * {@link softmax} and the exact {@link softmaxVjp} by one run: `{ soft, gradient }`, with the very bits of each: for rows of a
   * hundred numbers and more at some three quarters of the cost of both, but of Sinkhorn, SparseMAP, L2X and Perturb & Parse, of
   * which it makes both. For cotangents that are known before `X_t` is: those of linear losses, directions of
   * Jacobian-vector products.
   */
  softmaxWithVjp<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxWithVjpOptions = {},
  ): SoftmaxWithVjp<ArrayLike<A>> {
    return softmaxWithVjp(this, utility, cotangent, options);
  }

  /** {@link softmaxWithVjp} on another thread, as {@link argmaxAsync}. */
  softmaxWithVjpAsync<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxWithVjpOptions & AsyncOptions = {},
  ): Promise<SoftmaxWithVjp<ArrayLike<A>>> {
    return softmaxWithVjpLater(this, utility, cotangent, options);
  }

  /**
   * `dL/dt`, [batch], of a loss of the soft structure at fixed utilities, for a cotangent `dL/dX_t` [batch x dimension]: for
   * learning the temperature, or to see whether a loss wants it warmer or colder.
   *
   * `X_t` is a function of `U / t` alone, so that `dL/dt = -(dL/dU . U) / t`: one {@link softmaxVjp} and n products, to
   * rounding of the largest of them. 0 at temperature 0. With `gradient: { finiteDifference: epsilon }` it is a central
   * difference from `t (1 - epsilon)` to `t (1 + epsilon)` instead, of two solves, for which epsilon is below 1.
   *
   * @throws SstError also `INVALID_ARGUMENT` for the exact gradient of a relaxation that is not {@link homogeneous}, and
   *   `NOT_FINITE` beyond the range of doubles
   */
  temperatureVjp<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: VjpOptions = {},
  ): ArrayLike<A> {
    const call = read(this, 'temperatureVjp', [utility, cotangent], options, { extra: ['gradient'] });
    const epsilon = checkGradient(options.gradient === undefined ? 'exact' : options.gradient);
    if (epsilon === undefined) this.#checkHomogeneous();
    const solver = solverOf(this);
    const { inputs, lengths, temperature } = call;
    const slopes = slopesOf(call, this.utilityDimension);
    return answerOf(call, (out) => {
      // A callback may write to the caller's arrays.
      const [at, direction] = inputs.map((cells) => new Float64Array(cells));
      const gradient = new Float64Array(slopes.length);
      // The exact product checks both arrays, so it goes first in any case.
      guard(() => solver.ask(epsilon === undefined ? slopes : { ...slopes, temperature: 0 }, gradient));
      if (epsilon === undefined || temperature === 0) temperatureGradient(at, gradient, temperature, out);
      else {
        const relaxation = (t: ReadTemperature) => this.softmax(at, { temperature: t, lengths });
        temperatureDifference(relaxation, direction, temperature, epsilon, out);
      }
    });
  }

  /** Refuses the exact derivative in the temperature where it does not follow from that in the utility. */
  #checkHomogeneous(): void {
    const { inhomogeneous } = solverOf(this);
    if (inhomogeneous === undefined) return;
    const reason = `since this relaxation is not known to be a function of U / t alone: ${inhomogeneous}`;
    throw invalid('gradient', `{ finiteDifference: epsilon }, ${reason}`, 'exact');
  }

  /**
   * {@link argmax} on another thread: the event loop stays free. The arguments are copied, so that they may change
   * meanwhile; a batch is computed a few rows at a time, and `signal` calls off what is left.
   */
  argmaxAsync<A extends NumberArray>(
    utility: A,
    options: ArgmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'argmax', [utility], options);
  }

  /**
   * The k structures of the largest `U.x`, best first, and these values: `{ structures, values }`, whatever the relaxation is.
   *
   * The first is the argmax; of others that are equal the order is a function of the utility alone: of sets the one whose
   * elements are first in the order of their utilities, then of their indices; of derivations that of their choices from the
   * first on. Where a row has fewer than k, the others are 0, with value -Infinity; so are all of a row of length 0. Forbidden
   * coordinates are in none.
   *
   * Each row at the cost of its argmax and, for each of the k,
   * - of sets (`oneHot`, `topK`, `subset`, `independentEdges`) O(s + log k) for s elements, or choices that differ, after
   *   O(n + k log k) once: a heap of sets that follow one another (Lawler, 1972);
   * - of derivations of a forest O(c log k) for c choices (Huang and Chiang, 2005);
   * - of spanning trees O(m a(m, n)), by exchanges of edges (Gabow, 1977), after O(m log m) once;
   * - of matchings at most O(m^2 n), an augmenting path of O(m n) for each of m rows (Murty, 1968), most of which bounds spare;
   * - of arborescences O(n^3), of projective trees O(n^4), an argmax for each vertex (Lawler, 1972).
   *
   * @throws SstError also `INVALID_ARGUMENT` of `permutahedron`, `neuralSort`, `correlatedTopK`, `topK` with `'l2x'`, and structures of your own,
   *   whose order is not known; `NOT_FINITE` where a value is beyond the range of doubles
   */
  kBest<A extends NumberArray>(utility: A, options: KBestOptions): KBest<ArrayLike<A>> {
    return kBest(this, utility, options);
  }

  /** {@link kBest} on another thread, as {@link argmaxAsync}. */
  kBestAsync<A extends NumberArray>(
    utility: A,
    options: KBestOptions & AsyncOptions,
  ): Promise<KBest<ArrayLike<A>>> {
    return kBestLater(this, utility, options);
  }

  /** {@link softmax} on another thread, as {@link argmaxAsync}. */
  softmaxAsync<A extends NumberArray>(
    utility: A,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'softmax', [utility], options);
  }

  /** The exact {@link softmaxVjp} on another thread, as {@link argmaxAsync}. */
  softmaxVjpAsync<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'softmaxVjp', [utility, cotangent], options);
  }

  /** The exact {@link temperatureVjp} on another thread, as {@link argmaxAsync}. */
  async temperatureVjpAsync<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    const call = read(this, 'temperatureVjp', [utility, cotangent], options, { extra: ['signal'] });
    this.#checkHomogeneous();
    const at = new Float64Array(call.inputs[0]);
    const slopes = await answerLater<Float64Array>(
      this,
      slopesOf({ ...call, inputs: [at, call.inputs[1]] }, this.utilityDimension),
      options.signal,
    );
    // The caller may have given its memory away meanwhile.
    if (call.out !== undefined) checkOut(call.out, call.length);
    return answerOf<A>(call, (out) => temperatureGradient(at, slopes, call.temperature, out));
  }

  /**
   * Rows of embeddings, cotangents or anything else in their coordinates, where they count; 0 where they are padding or
   * no coordinate of the structure.
   */
  masked<A extends NumberArray>(embedding: A, options: LengthsOptions = {}): ArrayLike<A> {
    return ask(this, 'masked', [embedding], options);
  }

  /** {@link masked} while the event loop turns. */
  maskedAsync<A extends NumberArray>(
    embedding: A,
    options: LengthsOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'masked', [embedding], options);
  }

  /**
   * Draws utilities, and from the same utilities the hard and the soft structure: `{ utility, hard, soft }`.
   *
   * Print it to see it drawn.
   */
  sample<A extends NumberArray>(theta: A, options: SampleOptions): Sample<ArrayLike<A>> {
    const { call, temperature, lengths, out } = this.#readSample(theta, options);
    const utility: ArrayLike<A> = answer(this, call);
    const of = [utility as NumberArray] as const;
    const hard = ask(this, 'argmax', of, { lengths, out: out.hard });
    const soft = ask(this, 'softmax', of, { temperature, lengths, out: out.soft });
    return this.#printed({ utility, hard, soft } as Sample<ArrayLike<A>>, temperature);
  }

  /** {@link sample} while the event loop turns. */
  async sampleAsync<A extends NumberArray>(
    theta: A,
    options: SampleOptions & AsyncOptions,
  ): Promise<Sample<ArrayLike<A>>> {
    const { call, temperature, lengths, out } = this.#readSample(theta, options, ['signal']);
    const { signal } = options;
    const utility = await answerLater<A>(this, call, signal);
    const of = [utility as NumberArray] as const;
    const [hard, soft] = await Promise.all([
      askLater(this, 'argmax', of, { lengths, out: out.hard, signal }),
      askLater(this, 'softmax', of, { temperature, lengths, out: out.soft, signal }),
    ]);
    return this.#printed({ utility, hard, soft } as Sample<ArrayLike<A>>, temperature);
  }

  /** Reads the arguments of a sample: the call that draws, and what its utilities are solved with. */
  #readSample(theta: NumberArray, options: SampleOptions, extra: readonly string[] = []) {
    const known = ['seed', 'temperature', 'lengths', 'samples', 'firstRow', 'out', ...extra];
    checkOptions('options', options, known);
    const { temperature = this.temperature, lengths: given, out = {} } = options;
    const { seed, samples, firstRow } = options;
    checkOptions('out', out, ['utility', 'hard', 'soft']);
    const outputs = { 'out.utility': out.utility, 'out.hard': out.hard, 'out.soft': out.soft };
    checkOverlaps({ theta, lengths: given, temperature, ...outputs });
    const draw = { seed, samples, firstRow, lengths: given, out: out.utility };
    const call = read(this, 'perturb', [theta], draw);
    const t = readTemperature(temperature, call.rows, call.lengths);
    // Before anything is drawn: a call that is refused leaves all of them as they were.
    const length = call.rows * call.samples * this.dimension;
    for (const key of ['hard', 'soft'] as const) {
      if (out[key] !== undefined) checkOut(out[key], length, `out.${key}`);
    }
    return {
      call,
      temperature: repeatTemperature(t, call.samples),
      lengths: call.lengths && repeatLengths(call.lengths, call.samples),
      out: { hard: out.hard, soft: out.soft },
    };
  }

  /** A sample that shows itself when it is printed. */
  #printed<A extends Float32Array | Float64Array>(
    sample: Sample<A>,
    temperature: ReadTemperature,
  ): Sample<A> {
    const print = () => drawSample(this.name, temperature, this.dimension, sample, this.#drawing);
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
}
