import * as tf from '@tensorflow/tfjs';

/*
 * The gradients here tidy up after themselves: the engine frees what a gradient function leaves only when the whole
 * backward pass is over.
 */

/** An activation function whose derivative is a function of its value, so that only the value needs to be kept. */
export interface Activation {
  apply: (x: tf.Tensor) => tf.Tensor;
  slope: (y: tf.Tensor) => tf.Tensor;
}

/** max(x, 0). */
export const relu: Activation = { apply: tf.relu, slope: tf.step };

/** x above 0, e^x - 1 below, where its derivative e^x is the value plus 1. */
export const elu: Activation = { apply: tf.elu, slope: (y) => tf.add(tf.clipByValue(y, -1, 0), 1) };

/** An activation of x. */
export function activate(x: tf.Tensor2D, activation: Activation): tf.Tensor2D {
  const run = tf.customGrad((input, save) => {
    const y = activation.apply(input as tf.Tensor);
    (save as tf.GradSaveFunc)([y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.tidy(() => tf.mul(dy, activation.slope(saved))),
    };
  });
  return run(x) as tf.Tensor2D;
}

/** max(x weight + bias, 0) as one kernel; TensorFlow.js itself does not fuse it where gradients are wanted. */
export const denseRelu: (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor2D) => tf.Tensor2D =
  tf.customGrad((...args) => {
    const [x, weight, bias] = args as tf.Tensor2D[];
    const save = args[3] as unknown as tf.GradSaveFunc;
    const attributes = { transposeA: false, transposeB: false, activation: 'relu' };
    // The kernel wants a batch axis.
    const inputs = { a: tf.expandDims(x, 0), b: tf.expandDims(weight, 0), bias };
    const y = tf.squeeze(tf.engine().runKernel('_FusedMatMul', inputs, attributes) as tf.Tensor, [0]);
    save([x, weight, y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [input, w, output]: tf.Tensor[]) =>
        tf.tidy(() => {
          const dSum = tf.mul(dy, tf.step(output)) as tf.Tensor2D;
          return [tf.matMul(dSum, w, false, true), tf.matMul(input, dSum, true), tf.sum(dSum, 0)];
        }),
    };
  }) as (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor2D) => tf.Tensor2D;

/** Mean and variance of each feature, [features]. */
export type Moments = {
  mean: tf.Tensor;
  variance: tf.Tensor;
};

/** Rows that count: a mask [rows, 1] of zeros and ones, and the number of ones. */
export interface CountedRows {
  mask?: tf.Tensor2D;
  count: number;
}

const epsilon = 1e-5;

/** Mean and (biased) variance of each feature of x [rows, features] over the rows that count, without gradient. */
export function rowMoments(x: tf.Tensor2D, { mask, count }: CountedRows): Moments {
  const masked = (y: tf.Tensor) => (mask === undefined ? y : tf.mul(y, mask));
  const mean = tf.div(tf.sum(masked(x), 0), count);
  const centred = masked(tf.sub(x, mean));
  return { mean, variance: tf.div(tf.sum(tf.mul(centred, centred), 0), count) };
}

/**
 * Batch normalisation of x [rows, features] by the moments of its own rows that count: scale (x - mean) /
 * sqrt(variance + 1e-5) + shift, with the gradient through the moments. Rows that do not count become `shift`.
 */
export function batchNorm(
  x: tf.Tensor2D,
  { mean, variance }: Moments,
  rows: CountedRows,
  scale: tf.Tensor,
  shift: tf.Tensor,
): tf.Tensor2D {
  const { mask, count } = rows;
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const masked = (y: tf.Tensor, by: tf.Tensor | undefined) => (by === undefined ? y : tf.mul(y, by));
  const normalise = tf.customGrad((...args) => {
    const [input, gain, offset] = args as tf.Tensor[];
    const save = args[3] as unknown as tf.GradSaveFunc;
    const unit = masked(tf.mul(tf.sub(input, mean), inverse), mask);
    save([unit, gain, inverse, ...(mask === undefined ? [] : [mask])]);
    return {
      value: tf.add(tf.mul(unit, gain), offset),
      gradFunc: (dy: tf.Tensor, [u, g, s, savedMask]: tf.Tensor[]) =>
        tf.tidy(() => {
          const dGain = tf.sum(tf.mul(dy, u), 0);
          const counted = masked(dy, savedMask);
          const dMean = tf.sum(counted, 0);
          const across = tf.add(tf.div(dMean, count), tf.mul(u, tf.div(dGain, count)));
          const dInput = tf.mul(tf.sub(counted, masked(across, savedMask)), tf.mul(g, s));
          return [dInput, dGain, savedMask === undefined ? dMean : tf.sum(dy, 0)];
        }),
    };
  });
  return normalise(x, scale, shift) as tf.Tensor2D;
}

/** Normalisation of x [rows, features] by given moments: what evaluation does with running averages. */
export function fixedNorm(
  x: tf.Tensor2D,
  { mean, variance }: Moments,
  scale: tf.Tensor,
  shift: tf.Tensor,
): tf.Tensor2D {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(x, factor), tf.sub(shift, tf.mul(mean, factor)));
}
