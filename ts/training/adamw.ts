import type { serialization } from '@tensorflow/tfjs-core';
import { invalid, misshapen, SstError } from '../arguments/errors';
import { checkInteger, checkNumber, checkOptions } from '../arguments/validate';
import { adamStep } from './adam-step';
import { clippingScale, normOf } from './clip';
import { assignValues, checkParameters, type ParameterMap } from './parameters';
import { asSchedule, type Schedule } from './schedules';
import { tf } from './tf';

/** Parameters with a rate and a decay of their own. */
export interface ParameterGroup {
  /** Names, or which parameters they are. */
  parameters: readonly string[] | ((name: string, variable: tf.Variable) => boolean);
  /** By default the optimiser's. */
  learningRate?: number | Schedule | undefined;
  /** By default the optimiser's. */
  weightDecay?: number | undefined;
}

/** Options of {@link AdamW}, with PyTorch's defaults. */
export interface AdamWOptions {
  /**
   * A number or a schedule over the steps already taken.
   * @defaultValue `1e-3`
   */
  learningRate?: number | Schedule | undefined;
  /**
   * Decay of the mean of the gradients.
   * @defaultValue `0.9`
   */
  beta1?: number | undefined;
  /**
   * Decay of the mean of their squares.
   * @defaultValue `0.999`
   */
  beta2?: number | undefined;
  /**
   * Added to the root of the mean square.
   * @defaultValue `1e-8`
   */
  epsilon?: number | undefined;
  /**
   * Decoupled weight decay: what is taken off is learning rate x this x the value.
   * @defaultValue `0.01`
   */
  weightDecay?: number | undefined;
  /**
   * Gradients are scaled down to this norm, over all parameters together.
   * @defaultValue they are not
   */
  clipNorm?: number | undefined;
  /**
   * The first that a parameter is in counts.
   * @defaultValue one, of all parameters
   */
  groups?: readonly ParameterGroup[] | undefined;
}

/** All that {@link AdamW} has learnt. */
export interface AdamWState {
  /** Steps taken. */
  iterations: number;
  /** By name of the parameter. */
  parameters: Record<string, AdamWMoments>;
}

/** Moments of one parameter. */
export interface AdamWMoments {
  /** Steps in which it had a gradient. */
  steps: number;
  shape: readonly number[];
  mean: Float32Array;
  square: Float32Array;
}

/** As TensorFlow.js has it, whose names for these types are not exported. */
type NamedGradients = tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[];

interface Tracked {
  name: string;
  variable: tf.Variable;
  mean: tf.Variable;
  square: tf.Variable;
  steps: number;
  group: { rate: Schedule; decay: number };
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): of a value w with gradient g, at step s of rate r,
 * `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`,
 * `w -= r (m / (1 - beta1^s)) / (sqrt(v / (1 - beta2^s)) + epsilon) + r weightDecay w`.
 *
 * A TensorFlow.js optimiser over given parameters: `minimize(loss)` takes the gradients of these, clips their global norm,
 * and moves them; `model.compile({ optimizer })` takes it too. On the native backend a parameter's step is one kernel.
 * Steps are counted for each parameter, as PyTorch does: one without a gradient is left alone.
 */
export class AdamW extends tf.Optimizer {
  static get className(): string {
    return 'AdamW';
  }

  readonly #tracked: readonly Tracked[];
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #clipNorm: number;

  /** @throws SstError INVALID_ARGUMENT naming the option, or the group's */
  constructor(parameters: ParameterMap, options: AdamWOptions = {}) {
    super();
    checkParameters(parameters);
    checkOptions('options', options, optionNames);
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, clipNorm = Number.POSITIVE_INFINITY } = options;
    for (const [name, beta] of Object.entries({ beta1, beta2 })) checkNumber(name, beta, 0, 1 - 2 ** -24);
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = checkNumber('epsilon', epsilon, 0, Number.MAX_VALUE);
    this.#clipNorm = checkNumber('clipNorm', clipNorm, Number.MIN_VALUE, Number.POSITIVE_INFINITY);
    const groupOf = grouping(parameters, options);
    this.#tracked = Object.entries(parameters).map(([name, variable]) => ({
      name,
      variable,
      mean: zeros(variable.shape),
      square: zeros(variable.shape),
      steps: 0,
      group: groupOf(name),
    }));
  }

  /**
   * Takes a step down the gradient of a loss.
   *
   * @param f gives a scalar
   * @param returnCost whether the loss comes back, to be disposed by the caller; by default null comes
   * @param varList by default all parameters of the optimiser
   * @throws SstError NOT_FINITE naming the parameter whose gradient is not finite; nothing has moved then
   */
  override minimize(f: () => tf.Scalar, returnCost = false, varList?: tf.Variable[]): tf.Scalar | null {
    // TensorFlow.js leaves the loss behind where no gradient reaches a parameter.
    const { value, grads } = tf.tidy(() =>
      this.computeGradients(f, varList ?? this.#tracked.map(({ variable }) => variable)),
    );
    let kept = false;
    try {
      this.applyGradients(grads);
      kept = returnCost;
    } finally {
      tf.dispose(grads);
      if (!kept) value.dispose();
    }
    return kept ? value : null;
  }

  /**
   * Takes a step with given gradients, by TensorFlow.js's names of their variables.
   *
   * @throws SstError NOT_FINITE naming the parameter whose gradient is not finite; nothing has moved then
   */
  override applyGradients(gradients: NamedGradients): void {
    const steps = this.#matched(gradients);
    const norm = normOf(steps.map(([{ name }, gradient]) => [name, gradient]));
    const scale = clippingScale(norm, this.#clipNorm);
    if (norm * scale > largestNorm) {
      const expected = 'a norm of at most 2^63 (single precision holds no larger squares), or clipNorm';
      throw new SstError('NOT_FINITE', `gradients: expected ${expected}, got a norm of ${norm}`);
    }
    // The same of all parameters of a group, and known to be good before anything moves.
    const rates = new Map(this.#tracked.map(({ group }) => [group, this.#rate(group.rate)]));
    tf.tidy(() => {
      for (const [tracked, gradient] of steps) {
        const clipped = scale === 1 ? gradient : tf.mul(gradient, scale);
        this.#step(tracked, clipped, rates.get(tracked.group) as number);
      }
    });
    this.incrementIterations();
  }

  #step(tracked: Tracked, gradient: tf.Tensor, learningRate: number): void {
    const { variable, mean, square, group } = tracked;
    tracked.steps += 1;
    const numbers = {
      learningRate,
      beta1: this.#beta1,
      beta2: this.#beta2,
      epsilon: this.#epsilon,
      correction1: 1 - this.#beta1 ** tracked.steps,
      correction2: 1 - this.#beta2 ** tracked.steps,
    };
    const decay = learningRate * group.decay;
    // The decay joins the step before either is added: alone it may be less than half a unit in the value's last place.
    const from = decay === 0 ? variable : tf.mul(variable, -decay);
    const [moved, newMean, newSquare] = adamStep(from, gradient, mean, square, numbers);
    variable.assign(decay === 0 ? moved : tf.add(variable, moved));
    mean.assign(newMean);
    square.assign(newSquare);
  }

  /** The parameters that have a gradient, with it. */
  #matched(gradients: NamedGradients): [Tracked, tf.Tensor][] {
    const entries = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    const byName = new Map(this.#tracked.map((tracked) => [tracked.variable.name, tracked]));
    return entries.flatMap(([name, gradient]): [Tracked, tf.Tensor][] => {
      const tracked = byName.get(name);
      if (tracked === undefined)
        throw invalid('gradients', 'gradients of the parameters of the optimiser', name);
      if (gradient == null) return [];
      const { shape } = tracked.variable;
      if (!tf.util.arraysEqual(gradient.shape, shape)) {
        throw misshapen(`gradient of '${tracked.name}'`, `the shape [${shape}]`, `[${gradient.shape}]`);
      }
      return [[tracked, gradient]];
    });
  }

  #rate(schedule: Schedule): number {
    const rate = schedule(this.iterations);
    if (typeof rate !== 'number' || !(rate >= 0 && rate < Number.POSITIVE_INFINITY)) {
      throw invalid('learningRate', `a finite number >= 0 at step ${this.iterations}`, rate);
    }
    return rate;
  }

  /** All that it has learnt, as arrays of its own; rates and decays are not learnt, and not in it. */
  save(): AdamWState {
    const entries = this.#tracked.map(({ name, steps, mean, square }): [string, AdamWMoments] => {
      const numbers = (moment: tf.Variable) => (moment.dataSync() as Float32Array).slice();
      return [name, { steps, shape: [...mean.shape], mean: numbers(mean), square: numbers(square) }];
    });
    return { iterations: this.iterations, parameters: Object.fromEntries(entries) };
  }

  /**
   * Goes on from what {@link save} gave: the next steps have the bits that they would have had there.
   *
   * @throws SstError naming the parameter that is missing, too much, or of another shape; nothing has changed then
   */
  restore(state: AdamWState): void {
    checkOptions('state', state, ['iterations', 'parameters']);
    const iterations = checkInteger('iterations', state.iterations, 0, Number.MAX_SAFE_INTEGER);
    const known = new Set(this.#tracked.map(({ name }) => name));
    const extra = Object.keys(state.parameters).find((name) => !known.has(name));
    if (extra !== undefined) throw invalid('state', 'moments of the parameters of the optimiser', extra);
    const moments = this.#tracked.map(({ name, mean }) =>
      checkMoments(name, mean.shape, state.parameters[name]),
    );
    for (const [index, tracked] of this.#tracked.entries()) {
      const { steps, shape, mean, square } = moments[index];
      tracked.steps = steps;
      assignValues(tracked.mean, shape, mean.slice());
      assignValues(tracked.square, shape, square.slice());
    }
    this.iterations_ = iterations;
  }

  override dispose(): void {
    for (const { mean, square } of this.#tracked) tf.dispose([mean, square]);
  }

  override getConfig(): serialization.ConfigDict {
    return { beta1: this.#beta1, beta2: this.#beta2, epsilon: this.#epsilon, clipNorm: this.#clipNorm };
  }
}

/** A square beyond single precision would stay in the moments for good. */
const largestNorm = 2 ** 63;

const optionNames = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'clipNorm', 'groups'];

/** Which group each parameter is in. */
function grouping(parameters: ParameterMap, options: AdamWOptions): (name: string) => Tracked['group'] {
  const { learningRate = 1e-3, weightDecay = 0.01, groups = [] } = options;
  const settings = (rate: number | Schedule, decay: number, at: string): Tracked['group'] => ({
    rate: asSchedule(`${at}learningRate`, rate),
    decay: checkNumber(`${at}weightDecay`, decay, 0, Number.MAX_VALUE),
  });
  const rest = settings(learningRate, weightDecay, '');
  if (!Array.isArray(groups)) throw invalid('groups', 'a list of groups', groups);
  const found = new Map<string, Tracked['group']>();
  for (const [index, given] of groups.entries()) {
    const at = `groups[${index}]`;
    checkOptions(at, given, ['parameters', 'learningRate', 'weightDecay']);
    const group = settings(given.learningRate ?? learningRate, given.weightDecay ?? weightDecay, `${at}.`);
    for (const name of members(`${at}.parameters`, given, parameters)) {
      if (!found.has(name)) found.set(name, group);
    }
  }
  return (name) => found.get(name) ?? rest;
}

/** The names of a group's parameters, of which there must be some: a group of none is a misspelt name. */
function members(at: string, { parameters: given }: ParameterGroup, parameters: ParameterMap): string[] {
  const all = Object.keys(parameters);
  if (typeof given !== 'function' && !Array.isArray(given))
    throw invalid(at, 'names or a function of them', given);
  if (Array.isArray(given)) {
    const unknown = given.find((name) => !all.includes(name));
    if (unknown !== undefined) throw invalid(at, 'names of parameters', unknown);
  }
  const names =
    typeof given === 'function' ? all.filter((name) => given(name, parameters[name])) : [...given];
  if (names.length === 0) throw new SstError('INVALID_ARGUMENT', `${at}: expected some parameter, got none`);
  return names;
}

function checkMoments(
  name: string,
  shape: readonly number[],
  moments: AdamWMoments | undefined,
): AdamWMoments {
  if (moments === undefined) throw invalid(`state of '${name}'`, 'its moments', moments);
  checkInteger(`state of '${name}'`, moments.steps, 0, Number.MAX_SAFE_INTEGER);
  const size = shape.reduce((product, axis) => product * axis, 1);
  for (const values of [moments.mean, moments.square]) {
    const good = values instanceof Float32Array && values.length === size;
    if (!good || !tf.util.arraysEqual([...moments.shape], [...shape])) {
      throw misshapen(`state of '${name}'`, `the shape [${shape}]`, `[${moments.shape}]`);
    }
  }
  return moments;
}

function zeros(shape: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros(shape), false));
}
