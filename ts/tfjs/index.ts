import { invalid } from '../arguments/errors';
import { checkLengths, type LengthArray, repeatLengths } from '../arguments/lengths';
import type { Gradient } from '../arguments/options';
import { checkGradient, checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { Trick } from '../trick/trick';
import { tf } from './core';
import { checkLastAxis, once, values } from './tensors';

export {
  type TensorEstimate,
  type TensorEstimateOptions,
  type TensorEstimator,
  type TensorSupervisedLoss,
  tensorEstimator,
  tensorSupervisedLoss,
} from './estimators';

/** Options of the methods that solve. */
export interface TensorArgmaxOptions {
  /** How many things each row is over, rows counted over all batch axes; what stands beyond is ignored. */
  lengths?: LengthArray | undefined;
}

/** Options of the methods that relax. */
export interface TensorSoftmaxOptions extends TensorArgmaxOptions {
  /** Overrides the trick's own. */
  temperature?: number | undefined;
}

/** Options of the methods whose gradient goes through the relaxation. */
export interface TensorRelaxOptions extends TensorSoftmaxOptions {
  /** How it is computed; by default exactly. */
  gradient?: Gradient | undefined;
}

/** Options of the methods that draw. */
export interface TensorPerturbOptions {
  /** A safe integer >= 0 or a bigint below 2^64. Same seed, same bits. */
  seed: number | bigint;
  /** Adds an axis of this many samples before the last one. */
  samples?: number | undefined;
  /** The number of the first row, for a batch that is drawn in parts. */
  firstRow?: number | undefined;
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
 * A trick on tensors: the last axis is the structure, all axes before it are the batch.
 *
 * Values are computed in double precision by the addon and delivered as float32, on whatever backend is active;
 * gradients are exact. A second derivative is refused with an error rather than given wrongly.
 */
export interface TensorTrick {
  readonly trick: Trick;
  /** Random utilities [..., n], or [..., samples, n]; differentiable in theta. */
  perturb(theta: tf.Tensor, options: TensorPerturbOptions): tf.Tensor;
  /** X [..., n]; not differentiable. */
  argmax(utility: tf.Tensor, options?: TensorArgmaxOptions): tf.Tensor;
  /** X_t [..., n]; differentiable in the utility. */
  softmax(utility: tf.Tensor, options?: TensorRelaxOptions): tf.Tensor;
  /** X forwards, the derivative of X_t backwards (the straight-through estimator). */
  straightThrough(utility: tf.Tensor, options?: TensorRelaxOptions): tf.Tensor;
  /** `perturb`, then `argmax` and `softmax` of the same utilities. */
  sample(theta: tf.Tensor, options: TensorPerturbOptions & TensorRelaxOptions): TensorSample;
  /** KL of the utilities to their prior, summed over the last axis, [...]; differentiable in theta. */
  kl(theta: tf.Tensor): tf.Tensor;
}

/** A tensor trick whose relaxation is the exponential family's. */
export interface ExponentialFamilyTensorTrick extends TensorTrick {
  readonly trick: ExponentialFamilyTrick;
  /** `log sum_x exp(U.x / t)`, [...]; differentiable in the utility. */
  logPartition(utility: tf.Tensor, options?: TensorSoftmaxOptions): tf.Tensor;
}

/**
 * Gives a trick's methods on TensorFlow.js tensors, with gradients.
 *
 * @throws SstError of the trick's methods; `INVALID_SHAPE` where the last axis is not the trick's dimension
 */
export function tensorTrick(trick: ExponentialFamilyTrick): ExponentialFamilyTensorTrick;
export function tensorTrick(trick: Trick): TensorTrick;
export function tensorTrick(trick: Trick): TensorTrick | ExponentialFamilyTensorTrick {
  if (!(trick instanceof Trick)) throw invalid('trick', 'what a factory of a structure gives', trick);
  const softmax = (utility: tf.Tensor, options: TensorRelaxOptions = {}) =>
    relax(trick, utility, options, false);
  const argmax = (utility: tf.Tensor, options: TensorArgmaxOptions = {}) => {
    checkLastAxis('utility', utility, trick.utilityDimension);
    return tf.tensor(trick.argmax(values(utility), options), structureShape(trick, utility));
  };
  const perturb = (theta: tf.Tensor, options: TensorPerturbOptions) => perturbTensor(trick, theta, options);
  return {
    trick,
    perturb,
    argmax,
    softmax,
    straightThrough: (utility, options = {}) => relax(trick, utility, options, true),
    sample(theta, given) {
      checkOptions('options', given, ['seed', 'samples', 'firstRow', 'temperature', 'lengths', 'gradient']);
      const { temperature, lengths: ofRows, gradient, ...options } = given;
      const utility = perturb(theta, options);
      const rows = utility.size / Math.max(1, trick.utilityDimension * (options.samples ?? 1));
      const checked = checkLengths(ofRows, rows);
      const lengths = checked && repeatLengths(checked, options.samples ?? 1);
      return {
        utility,
        hard: argmax(utility, { lengths }),
        soft: softmax(utility, { temperature, lengths, gradient }),
      };
    },
    kl: (theta) => divergence(trick, theta),
    ...('logPartition' in trick
      ? {
          logPartition: (utility: tf.Tensor, options: TensorSoftmaxOptions = {}) =>
            logPartition(trick as ExponentialFamilyTrick, utility, options),
        }
      : {}),
  } as TensorTrick;
}

function relax(trick: Trick, utility: tf.Tensor, options: TensorRelaxOptions, hard: boolean): tf.Tensor {
  checkOptions('options', options, ['temperature', 'lengths', 'gradient']);
  const { temperature, lengths, gradient } = options;
  if (gradient !== undefined) checkGradient(gradient);
  checkLastAxis('utility', utility, trick.utilityDimension);
  const operation = tf.customGrad((input, save) => {
    const u = input as tf.Tensor;
    (save as tf.GradSaveFunc)([u]);
    return {
      value: tf.tensor(
        hard ? trick.argmax(values(u), { lengths }) : trick.softmax(values(u), { temperature, lengths }),
        structureShape(trick, u),
      ),
      gradFunc: (cotangent: tf.Tensor, [saved]: tf.Tensor[]) =>
        once(
          (g) => tf.tensor(trick.softmaxVjp(values(saved), values(g), options), saved.shape),
          [cotangent, saved],
        ),
    };
  });
  return operation(utility);
}

function perturbTensor(trick: Trick, theta: tf.Tensor, options: TensorPerturbOptions): tf.Tensor {
  checkOptions('options', options, ['seed', 'samples', 'firstRow']);
  checkLastAxis('theta', theta, trick.parameterDimension);
  const batch = theta.shape.slice(0, -1);
  const shape = [
    ...batch,
    ...(options.samples === undefined ? [] : [options.samples]),
    trick.utilityDimension,
  ];
  const operation = tf.customGrad((input, save) => {
    const parameters = input as tf.Tensor;
    const utility = tf.tensor(trick.perturb(values(parameters), options), shape);
    (save as tf.GradSaveFunc)([parameters, utility]);
    return {
      value: utility,
      gradFunc: (cotangent: tf.Tensor, [savedTheta, savedUtility]: tf.Tensor[]) =>
        once(
          (g) =>
            tf.tensor(
              trick.perturbVjp(values(savedTheta), values(savedUtility), values(g)),
              savedTheta.shape,
            ),
          [cotangent, savedTheta, savedUtility],
        ),
    };
  });
  return operation(theta);
}

function divergence(trick: Trick, theta: tf.Tensor): tf.Tensor {
  checkLastAxis('theta', theta, trick.parameterDimension);
  const operation = tf.customGrad((input, save) => {
    const parameters = input as tf.Tensor;
    (save as tf.GradSaveFunc)([parameters]);
    return {
      value: tf.tensor(trick.kl(values(parameters)), parameters.shape.slice(0, -1)),
      gradFunc: (cotangent: tf.Tensor, [saved]: tf.Tensor[]) =>
        once((g) => tf.tensor(trick.klVjp(values(saved), values(g)), saved.shape), [cotangent, saved]),
    };
  });
  return operation(theta);
}

function logPartition(
  trick: ExponentialFamilyTrick,
  utility: tf.Tensor,
  options: TensorSoftmaxOptions,
): tf.Tensor {
  checkOptions('options', options, ['temperature', 'lengths']);
  checkLastAxis('utility', utility, trick.utilityDimension);
  const temperature = options.temperature ?? trick.temperature;
  const batch = utility.shape.slice(0, -1);
  const operation = tf.customGrad((input, save) => {
    const u = input as tf.Tensor;
    (save as tf.GradSaveFunc)([u]);
    return {
      value: tf.tensor(trick.logPartition(values(u), options), batch),
      // d log Z / dU = X_t / t, itself differentiable.
      gradFunc: (cotangent: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.mul(tf.div(relax(trick, saved, options, false), temperature), tf.expandDims(cotangent, -1)),
    };
  });
  return operation(utility);
}

/** The shape of the structures of a tensor of utilities. */
function structureShape(trick: Trick, utility: tf.Tensor): number[] {
  return [...utility.shape.slice(0, -1), trick.dimension];
}
