import { invalid, misshapen } from '../arguments/errors';
import { repeatLengths } from '../arguments/lengths';
import type { Gradient } from '../arguments/options';
import { type ReadTemperature, repeatTemperature, type Temperature } from '../arguments/temperature';
import { checkGradient, checkOptions } from '../arguments/validate';
import { ask } from '../trick/asking';
import type { CallOptions } from '../trick/call';
import { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import type { QuestionName } from '../trick/question';
import { Trick } from '../trick/trick';
import { type AdjacencyTensorTrick, adjacencyOf, type WithAdjacency } from './adjacency';
import { tf } from './core';
import {
  type Axes,
  checkTensor,
  type Layout,
  layoutOf,
  learntTemperature,
  lengthsOf,
  shapeOf,
  type TensorLengths,
  temperatureOf,
} from './layout';
import { differentiable, once, values } from './tensors';

export type { TensorLengths } from './layout';

/** Options of the methods that solve. */
export interface TensorArgmaxOptions {
  /**
   * How many things each row is over, an array or a tensor of int32: rows counted over all batch axes, or over the
   * leading ones, whose rows share a length; what stands beyond is ignored.
   * @defaultValue every row is whole
   */
  lengths?: TensorLengths | undefined;
}

/** Options of the methods that relax. */
export interface TensorSoftmaxOptions extends TensorArgmaxOptions {
  /**
   * Overrides the trick's own: one for all rows, or an array of one for each row of all batch axes, or of the leading ones.
   * @defaultValue the trick's own
   */
  temperature?: Temperature | undefined;
}

/** Options of the methods whose gradient goes through the relaxation. */
export interface TensorRelaxOptions extends TensorArgmaxOptions {
  /**
   * Overrides the trick's own: one for all rows, or an array of one for each row of all batch axes, or of the leading ones.
   * A tensor, of one number or of the shape of the batch or of its leading axes, is differentiated too (`temperatureVjp`).
   * @defaultValue the trick's own
   */
  temperature?: Temperature | tf.Tensor | undefined;
  /**
   * How it is computed.
   * @defaultValue `'exact'`
   */
  gradient?: Gradient | undefined;
}

/** Options of the methods that draw. */
export interface TensorPerturbOptions extends TensorArgmaxOptions {
  /** A safe integer >= 0 or a bigint below 2^64. Same seed, same bits. */
  seed: number | bigint;
  /**
   * Adds an axis of this many samples after the batch.
   * @defaultValue one draw, and no such axis
   */
  samples?: number | undefined;
  /**
   * The number of the first row, for a batch that is drawn in parts.
   * @defaultValue `0`
   */
  firstRow?: number | undefined;
}

/** Options of exact draws. */
export interface TensorFamilySampleOptions extends TensorPerturbOptions {
  /**
   * Overrides the trick's own: one for all rows, or an array of one for each row of all batch axes, or of the leading ones.
   * @defaultValue the trick's own
   */
  temperature?: Temperature | undefined;
}

/** One draw as tensors. */
export interface TensorSample {
  /** Differentiable in theta. */
  utility: tf.Tensor;
  /** Not differentiable. */
  hard: tf.Tensor;
  /** Differentiable in theta. */
  soft: tf.Tensor;
}

/**
 * A trick on tensors: the last axis is the structure, all axes before it are the batch. Where rows are matrices, the last
 * two axes may be the structure instead ([..., n, n]), and are so in the results then.
 *
 * Values are computed in double precision by the addon and delivered as float32, on whatever backend is active;
 * gradients are exact. Options are read once, when a method is called. A second derivative is refused with an error rather
 * than given wrongly.
 */
export interface TensorTrick {
  readonly trick: Trick;
  /** Random utilities [..., n], or [..., samples, n]; differentiable in theta. */
  perturb(theta: tf.Tensor, options: TensorPerturbOptions): tf.Tensor;
  /** X [..., n]; not differentiable. */
  argmax(utility: tf.Tensor, options?: TensorArgmaxOptions): tf.Tensor;
  /** X_t [..., n]; differentiable in the utility, and in a temperature that is a tensor. */
  softmax(utility: tf.Tensor, options?: TensorRelaxOptions): tf.Tensor;
  /** X forwards, the derivative of X_t backwards (the straight-through estimator). */
  straightThrough(utility: tf.Tensor, options?: TensorRelaxOptions): tf.Tensor;
  /** `perturb`, then `argmax` and `softmax` of the same utilities. */
  sample(theta: tf.Tensor, options: TensorPerturbOptions & TensorRelaxOptions): TensorSample;
  /** KL of the utilities to their prior, summed over each row's own coordinates, [...]; differentiable in theta. */
  kl(theta: tf.Tensor, options?: TensorArgmaxOptions): tf.Tensor;
}

/** A tensor trick whose relaxation is the exponential family's. */
export interface ExponentialFamilyTensorTrick extends TensorTrick {
  readonly trick: ExponentialFamilyTrick;
  /** `log sum_x exp(U.x / t)`, [...]; differentiable in the utility. */
  logPartition(utility: tf.Tensor, options?: TensorSoftmaxOptions): tf.Tensor;
  /** The entropy of `p(x) ~ exp(U.x / t)`, [...]; differentiable in the utility. */
  entropy(utility: tf.Tensor, options?: TensorSoftmaxOptions): tf.Tensor;
  /**
   * `log p(x)`, [...] of one embedding for each row, or [..., draws] of embeddings [..., draws, n]; differentiable in the
   * utility.
   */
  logProbability(utility: tf.Tensor, embedding: tf.Tensor, options?: TensorSoftmaxOptions): tf.Tensor;
  /** `KL(p_U || p_V)`, [...]; differentiable in both utilities. */
  divergence(utility: tf.Tensor, other: tf.Tensor, options?: TensorSoftmaxOptions): tf.Tensor;
  /** Exact draws `x ~ p(x)`, [..., n] or [..., samples, n]; not differentiable. */
  familySample(utility: tf.Tensor, options: TensorFamilySampleOptions): tf.Tensor;
}

/**
 * Gives a trick's methods on TensorFlow.js tensors, with gradients.
 *
 * @throws SstError of the trick's methods; `INVALID_SHAPE` where the last axis is not the trick's dimension
 */
export function tensorTrick(
  trick: ExponentialFamilyTrick & WithAdjacency,
): ExponentialFamilyTensorTrick & AdjacencyTensorTrick;
export function tensorTrick(trick: Trick & WithAdjacency): TensorTrick & AdjacencyTensorTrick;
export function tensorTrick(trick: ExponentialFamilyTrick): ExponentialFamilyTensorTrick;
export function tensorTrick(trick: Trick): TensorTrick;
export function tensorTrick(trick: Trick): TensorTrick {
  if (!(trick instanceof Trick)) throw invalid('trick', 'what a factory of a structure gives', trick);
  const tensors = bound(
    trick instanceof ExponentialFamilyTrick ? new FamilyTensors(trick) : new Tensors(trick),
  );
  return 'toAdjacency' in trick
    ? Object.assign(tensors, adjacencyOf(trick as Trick & WithAdjacency))
    : tensors;
}

/** An object whose methods may be taken out of it. */
function bound<T extends object>(object: T): T {
  for (let at = Object.getPrototypeOf(object); at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value !== 'function' || name === 'constructor' || Object.hasOwn(object, name)) continue;
      Object.defineProperty(object, name, { value: value.bind(object), enumerable: true });
    }
  }
  return object;
}

/** The elements of embeddings of `correlatedTopK`, [..., n] of [..., 2 n - 1]: the pairs are left out. */
export function elementsOf(x: tf.Tensor): tf.Tensor {
  checkTensor('x', x);
  const last = x.shape.at(-1) ?? 0;
  if (last % 2 !== 1)
    throw misshapen('x', 'a tensor whose last axis is 2 n - 1', `shape [${x.shape.join(', ')}]`);
  const begin = x.shape.map(() => 0);
  return tf.slice(x, begin, [...x.shape.slice(0, -1), (last + 1) / 2]);
}

/** Sums of as many numbers next to one another each. */
function sums(numbers: Float64Array, count: number): Float32Array {
  const each = numbers.length / count;
  const sum = (i: number) => numbers.subarray(i * each, (i + 1) * each).reduce((total, x) => total + x, 0);
  return Float32Array.from({ length: count }, (_, i) => sum(i));
}

/** What a call is asked with, read once. */
interface Given extends CallOptions {
  lengths: Uint32Array | undefined;
  temperature: ReadTemperature;
}

class Tensors<T extends Trick = Trick> implements TensorTrick {
  constructor(readonly trick: T) {}

  protected get parameters(): Axes {
    const { parameterDimension: width, utilityDimension } = this.trick;
    return width === utilityDimension ? this.utilities : { width, natural: [width] };
  }

  protected get utilities(): Axes {
    const { utilityDimension: width, dimension } = this.trick;
    return width === dimension ? this.embeddings : { width, natural: [width] };
  }

  protected get embeddings(): Axes {
    return { width: this.trick.dimension, natural: this.trick.shape };
  }

  /** Asks about tensors of a layout and gives the answer a shape. */
  protected ask(
    name: QuestionName,
    [first, ...others]: readonly (tf.Tensor | Float32Array)[],
    options: CallOptions,
    { rows }: Layout,
    shape: number[],
  ): tf.Tensor {
    const numbers = (x: tf.Tensor | Float32Array) => (x instanceof Float32Array ? x : values(x));
    const arrays = [numbers(first), ...others.map(numbers)] as const;
    return tf.tensor(ask(this.trick, name, arrays, options, rows), shape, 'float32');
  }

  /** Options as they are now, whatever the caller does with them later. */
  protected given(options: TensorSoftmaxOptions, layout: Layout): Given {
    const { temperature = this.trick.temperature, lengths: told } = options;
    const lengths = lengthsOf(told, layout);
    return { temperature: temperatureOf(temperature, layout, lengths), lengths };
  }

  perturb(theta: tf.Tensor, options: TensorPerturbOptions): tf.Tensor {
    checkOptions('options', options, ['seed', 'samples', 'firstRow', 'lengths']);
    const { lengths: given, samples, ...draws } = options;
    const layout = layoutOf('theta', theta, this.parameters);
    const lengths = lengthsOf(given, layout);
    const shape = shapeOf(layout, this.utilities, samples === undefined ? [] : [samples]);
    return differentiable(
      [theta],
      (t) => this.ask('perturb', [t], { ...draws, samples: samples ?? 1, lengths }, layout, shape),
      (dy, [t], utility) => [
        once((g) => this.ask('perturbVjp', [t, utility, g], { lengths }, layout, t.shape), [dy, t, utility]),
      ],
    );
  }

  argmax(utility: tf.Tensor, options: TensorArgmaxOptions = {}): tf.Tensor {
    checkOptions('options', options, ['lengths']);
    const layout = layoutOf('utility', utility, this.utilities);
    const { lengths } = this.given(options, layout);
    return this.ask('argmax', [utility], { lengths }, layout, shapeOf(layout, this.embeddings));
  }

  softmax(utility: tf.Tensor, options: TensorRelaxOptions = {}): tf.Tensor {
    return this.#relax(utility, options, false);
  }

  straightThrough(utility: tf.Tensor, options: TensorRelaxOptions = {}): tf.Tensor {
    return this.#relax(utility, options, true);
  }

  #relax(utility: tf.Tensor, options: TensorRelaxOptions, hard: boolean): tf.Tensor {
    checkOptions('options', options, ['temperature', 'lengths', 'gradient']);
    const epsilon = checkGradient(options.gradient === undefined ? 'exact' : options.gradient);
    const gradient: Gradient = epsilon === undefined ? 'exact' : { finiteDifference: epsilon };
    const layout = layoutOf('utility', utility, this.utilities);
    const { temperature: asked, lengths: told } = options;
    const learnt = asked instanceof tf.Tensor ? asked : undefined;
    const own = learnt === undefined ? (asked as Temperature | undefined) : learntTemperature(learnt, layout);
    // A derivative that there is not is refused now, not when it is asked for.
    if (learnt !== undefined) this.trick.temperatureVjp([], [], { gradient, lengths: [] });
    const { temperature, lengths } = this.given({ temperature: own, lengths: told }, layout);
    const shape = shapeOf(layout, this.embeddings);
    const inputs = learnt === undefined ? [utility] : [utility, learnt];
    return differentiable(
      inputs,
      (u) =>
        hard
          ? this.ask('argmax', [u], { lengths }, layout, shape)
          : this.ask('softmax', [u], { temperature, lengths }, layout, shape),
      (dy, [u, t]) => {
        const at = { temperature, lengths, gradient };
        const product = (g: tf.Tensor) =>
          tf.tensor(this.trick.softmaxVjp(values(u), values(g), at), u.shape, 'float32');
        const slope = (g: tf.Tensor) => {
          const rows = this.trick.temperatureVjp(Float64Array.from(values(u)), values(g), at);
          return tf.tensor(sums(rows, t.size), t.shape, 'float32');
        };
        return t === undefined
          ? [once(product, [dy, u])]
          : [once(product, [dy, u, t]), once(slope, [dy, u, t])];
      },
    );
  }

  sample(theta: tf.Tensor, options: TensorPerturbOptions & TensorRelaxOptions): TensorSample {
    const known = ['seed', 'samples', 'firstRow', 'temperature', 'lengths', 'gradient'];
    checkOptions('options', options, known);
    const { temperature, lengths: given, gradient, ...draws } = options;
    // Read here, once, for all three.
    const layout = layoutOf('theta', theta, this.parameters);
    const lengths = lengthsOf(given, layout);
    const each =
      temperature === undefined || temperature instanceof tf.Tensor
        ? temperature
        : repeatTemperature(temperatureOf(temperature, layout, lengths), draws.samples ?? 1);
    const utility = this.perturb(theta, { ...draws, lengths });
    return {
      utility,
      hard: this.argmax(utility, { lengths }),
      soft: this.softmax(utility, { temperature: each, lengths, gradient }),
    };
  }

  kl(theta: tf.Tensor, options: TensorArgmaxOptions = {}): tf.Tensor {
    checkOptions('options', options, ['lengths']);
    const layout = layoutOf('theta', theta, this.parameters);
    const { lengths } = this.given(options, layout);
    return differentiable(
      [theta],
      (t) => this.ask('kl', [t], { lengths }, layout, [...layout.batch]),
      (dy, [t]) => [once((g) => this.ask('klVjp', [t, g], { lengths }, layout, t.shape), [dy, t])],
    );
  }
}

class FamilyTensors extends Tensors<ExponentialFamilyTrick> implements ExponentialFamilyTensorTrick {
  /** Layout and options of a method. */
  #read(utility: tf.Tensor, options: TensorSoftmaxOptions): { layout: Layout; given: Given } {
    checkOptions('options', options, ['temperature', 'lengths']);
    const layout = layoutOf('utility', utility, this.utilities);
    return { layout, given: this.given(options, layout) };
  }

  logPartition(utility: tf.Tensor, options: TensorSoftmaxOptions = {}): tf.Tensor {
    const { layout, given } = this.#read(utility, options);
    const { temperature } = given;
    const along = layout.natural ? this.trick.shape.map(() => 1) : [1];
    const perRow = (numbers: tf.Tensor) => tf.reshape(numbers, [...layout.batch, ...along]);
    const t = () =>
      typeof temperature === 'number' ? temperature : perRow(tf.tensor1d(Float32Array.from(temperature)));
    return differentiable(
      [utility],
      (u) => this.ask('logPartition', [u], given, layout, [...layout.batch]),
      // d log Z / dU = X_t / t, itself differentiable.
      (dy, [u]) => {
        const mean = this.softmax(u, { temperature, lengths: given.lengths });
        return [tf.mul(tf.div(mean, t()), perRow(dy))];
      },
    );
  }

  entropy(utility: tf.Tensor, options: TensorSoftmaxOptions = {}): tf.Tensor {
    const { layout, given } = this.#read(utility, options);
    return differentiable(
      [utility],
      (u) => this.ask('entropy', [u], given, layout, [...layout.batch]),
      (dy, [u]) => [once((g) => this.ask('entropyVjp', [u, g], given, layout, u.shape), [dy, u])],
    );
  }

  logProbability(utility: tf.Tensor, embedding: tf.Tensor, options: TensorSoftmaxOptions = {}): tf.Tensor {
    const { layout, given } = this.#read(utility, options);
    const { batch, rows } = layoutOf('embedding', embedding, this.embeddings);
    // Empty embeddings do not tell how many draws of a row there are: each stands for a row.
    const each = this.trick.dimension === 0 && layout.rows > 0 ? rows / layout.rows : 1;
    const at = { ...layout, rows: layout.rows * each };
    const own = {
      temperature: repeatTemperature(given.temperature, each),
      lengths: given.lengths && repeatLengths(given.lengths, each),
    };
    // Read now: the caller may dispose of it before the gradient is asked for.
    const x = values(embedding).slice();
    return differentiable(
      [utility],
      (u) => this.ask('logProbability', [u, x], own, at, [...batch]),
      (dy, [u]) => [once((g) => this.ask('logProbabilityVjp', [u, x, g], own, at, u.shape), [dy, u])],
    );
  }

  divergence(utility: tf.Tensor, other: tf.Tensor, options: TensorSoftmaxOptions = {}): tf.Tensor {
    const { layout, given } = this.#read(utility, options);
    layoutOf('other', other, this.utilities);
    return differentiable(
      [utility, other],
      (u, v) => this.ask('divergence', [u, v], given, layout, [...layout.batch]),
      (dy, [u, v]) =>
        (['divergenceVjp', 'divergenceVjpOther'] as const).map((name) =>
          once((g) => this.ask(name, [u, v, g], given, layout, u.shape), [dy, u, v]),
        ),
    );
  }

  familySample(utility: tf.Tensor, options: TensorFamilySampleOptions): tf.Tensor {
    checkOptions('options', options, ['seed', 'samples', 'firstRow', 'temperature', 'lengths']);
    const { seed, samples, firstRow, ...rest } = options;
    const layout = layoutOf('utility', utility, this.utilities);
    const shape = shapeOf(layout, this.embeddings, samples === undefined ? [] : [samples]);
    const draws = { seed, samples: samples ?? 1, firstRow };
    return this.ask('familySample', [utility], { ...draws, ...this.given(rest, layout) }, layout, shape);
  }
}
