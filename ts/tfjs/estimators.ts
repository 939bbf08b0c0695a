import { invalid, misshapen } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import type { DifferentiableLoss, Estimator, SupervisedLoss } from '../estimators';
import { ROWS, WEIGHTS } from '../estimators/call';
import type { Optional } from '../estimators/supervised-loss';
import type { Trick } from '../trick/trick';
import { tf } from './core';
import { type Axes, checkTensor, layoutOf, lengthsOf, shapeOf, type TensorLengths } from './layout';
import { once, values } from './tensors';

/** What a tensor estimator is told. */
export interface TensorEstimateOptions {
  /** A safe integer >= 0 or a bigint below 2^64. Same seed, same bits. */
  seed: number | bigint;
  /**
   * Draws for each row of theta.
   * @defaultValue `1`
   */
  samples?: number | undefined;
  /**
   * What a learnt baseline sees of each row (for `nvil`), [..., inputs]; no gradient flows into it.
   * @defaultValue theta itself
   */
  inputs?: tf.Tensor | undefined;
  /**
   * How many things each row is over, an array or a tensor of int32; what stands beyond is ignored.
   * @defaultValue every row is whole
   */
  lengths?: TensorLengths | undefined;
}

/** What a tensor estimator gives. */
export interface TensorEstimate {
  /**
   * The mean loss of the draws, [...]. Its gradient in theta is the estimator's; in all else that the loss depends on, it
   * is the loss's own.
   */
  loss: tf.Tensor;
  /** What was drawn, [..., samples, dimension] (without the axis of samples where none were asked for). */
  samples: tf.Tensor;
}

/** An estimator on tensors: the last axis of theta is its parameters, all axes before it are the batch. */
export interface TensorEstimator {
  readonly estimator: Estimator;
  /**
   * Draws structures, evaluates `loss` on them ([rows, dimension] to [rows], the draws of a row next to one another), and
   * returns a mean loss whose gradient in theta is the estimate.
   *
   * The loss is evaluated once; where the estimator needs its gradient, that is one more pass backwards.
   */
  estimate(
    theta: tf.Tensor,
    loss: (x: tf.Tensor2D) => tf.Tensor,
    options: TensorEstimateOptions,
  ): TensorEstimate;
}

/**
 * Gives an estimator on TensorFlow.js tensors.
 *
 * @throws SstError of the estimator; `INVALID_SHAPE` for a loss that does not give a number for each embedding
 */
export function tensorEstimator(estimator: Estimator): TensorEstimator {
  if (typeof estimator?.estimate !== 'function') {
    throw invalid('estimator', 'what a factory of an estimator gives', estimator);
  }
  const { trick } = estimator;
  return {
    estimator,
    estimate(theta, loss, options) {
      checkOptions('options', options, ['seed', 'samples', 'inputs', 'lengths']);
      const { inputs, lengths, ...draws } = options;
      const layout = layoutOf('theta', theta, axesOf(trick, trick.parameterDimension));
      if (inputs !== undefined) checkTensor('inputs', inputs);
      const counts = lengthsOf(lengths, layout);
      const given = {
        ...draws,
        ...(inputs === undefined ? {} : { inputs: values(inputs) }),
        lengths: counts,
        [ROWS]: layout.rows,
      };
      const shape = shapeOf(
        layout,
        axesOf(trick, trick.dimension),
        draws.samples === undefined ? [] : [draws.samples],
      );
      // What the loss and its gradient leave behind goes with this call; what a tape needs is kept by the engine.
      return tf.tidy(() => {
        let own: tf.Tensor | undefined;
        const numbers: DifferentiableLoss = (x, rows) => {
          const { value, gradient } = evaluate(
            loss,
            x,
            rows,
            trick.dimension,
            estimator.needs === 'gradient',
          );
          // The first evaluation is the one whose mean is given back, weighed as the estimator says.
          own ??= value;
          return { value: values(value), gradient };
        };
        const estimate = estimator.estimate(values(theta), numbers, given);
        const { gradient, samples } = estimate;
        const evaluated = own as tf.Tensor;
        const perRow = layout.rows === 0 ? 1 : evaluated.size / layout.rows;
        const ofRows = tf.reshape(evaluated, [layout.rows, perRow]) as tf.Tensor2D;
        const means = meansOf(ofRows, (estimate as { [WEIGHTS]?: Float64Array })[WEIGHTS]);
        const counted = counts?.includes(0)
          ? tf.mul(means, tf.tensor1d(Float32Array.from(counts, Math.sign)))
          : means;
        return {
          loss: withGradient(theta, tf.reshape(counted, [...layout.batch]), gradient),
          samples: tf.tensor(Float32Array.from(samples), shape),
        };
      });
    },
  };
}

/** Means of the rows of a matrix, or sums weighed. */
function meansOf(values: tf.Tensor2D, weights: Float64Array | undefined): tf.Tensor {
  if (weights === undefined) return tf.mean(values, 1);
  return tf.sum(tf.mul(values, tf.tensor2d(Float32Array.from(weights), values.shape)), 1);
}

/** The axes of rows of a trick's parameters or embeddings. */
function axesOf(trick: Trick, width: number): Axes {
  return { width, natural: width === trick.dimension ? trick.shape : [width] };
}

/** A loss of parameters against targets, on tensors. */
export interface TensorSupervisedLoss<Options> {
  readonly loss: SupervisedLoss<Options>;
  /** The loss [...] of theta [..., n] for targets of its shape; differentiable in theta. */
  evaluate(theta: tf.Tensor, target: tf.Tensor, ...options: Optional<Options>): tf.Tensor;
}

/**
 * Gives a supervised loss on TensorFlow.js tensors.
 *
 * @throws SstError of the loss
 */
export function tensorSupervisedLoss<Options>(loss: SupervisedLoss<Options>): TensorSupervisedLoss<Options> {
  if (typeof loss?.evaluate !== 'function') {
    throw invalid('loss', 'what a factory of a supervised loss gives', loss);
  }
  return {
    loss,
    evaluate(theta, target, ...[options]) {
      const axes = axesOf(loss.trick, loss.trick.dimension);
      const layout = layoutOf('theta', theta, axes);
      layoutOf('target', target, axes);
      const { lengths, ...rest } = (options ?? {}) as { lengths?: TensorLengths };
      const given = { ...rest, lengths: lengthsOf(lengths, layout), [ROWS]: layout.rows } as Options;
      const found = loss.evaluate(values(theta), values(target), ...([given] as Optional<Options>));
      return tf.tidy(() =>
        withGradient(theta, tf.tensor(Float32Array.from(found.loss), [...layout.batch]), found.gradient),
      );
    },
  };
}

/** A loss on embeddings as a tensor on the tape, and its gradient in them as numbers. */
function evaluate(
  loss: (x: tf.Tensor2D) => tf.Tensor,
  x: Float64Array,
  rows: number,
  dimension: number,
  differentiate: boolean,
): { value: tf.Tensor; gradient: Float32Array } {
  const checked = (embeddings: tf.Tensor) => {
    const value = loss(embeddings as tf.Tensor2D);
    if (!(value instanceof tf.Tensor) || value.size !== rows) {
      const shape = value instanceof tf.Tensor ? `shape [${value.shape.join(', ')}]` : typeof value;
      throw misshapen('loss', `a tensor of ${rows} numbers (one for each embedding)`, shape);
    }
    return value;
  };
  const embeddings = tf.tensor2d(Float32Array.from(x), [rows, dimension]);
  if (!differentiate) return { value: checked(embeddings), gradient: new Float32Array(x.length) };
  const { value, grad } = tf.valueAndGrad(checked)(embeddings, undefined);
  return { value, gradient: values(grad) };
}

/** A number for each row, with axes of length 1 in place of those of a row: one, or two of a matrix. */
function perCoordinate(numbers: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(numbers, [...numbers.shape, ...new Array<number>(rank - numbers.rank).fill(1)]);
}

/** A loss [...] with another gradient in theta [..., n]; what else it depends on keeps its own. */
function withGradient(theta: tf.Tensor, loss: tf.Tensor, gradient: Float64Array): tf.Tensor {
  const operation = tf.customGrad((...args) => {
    const [parameters, value] = args as tf.Tensor[];
    const slope = tf.tensor(Float32Array.from(gradient), parameters.shape);
    (args[2] as unknown as tf.GradSaveFunc)([parameters, slope]);
    return {
      value: tf.clone(value),
      gradFunc: (cotangent: tf.Tensor, [savedTheta, savedSlope]: tf.Tensor[]) => [
        once((dy) => tf.mul(savedSlope, perCoordinate(dy, savedTheta.rank)), [cotangent, savedTheta]),
        cotangent,
      ],
    };
  });
  return operation(theta, loss);
}
