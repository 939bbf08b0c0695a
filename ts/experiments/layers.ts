import * as tf from '@tensorflow/tfjs';

/** max(x, e^x - 1), with a gradient made of kernels that every backend has. */
export const elu = tf.customGrad((x, save) => {
  const y = tf.elu(x as tf.Tensor);
  (save as tf.GradSaveFunc)([y]);
  return {
    value: y,
    gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.add(tf.minimum(saved, 0), 1)),
  };
});

/** Batch statistics over the rows: mean and (biased) variance, each [features]. */
export type Moments = {
  mean: tf.Tensor;
  variance: tf.Tensor;
};

const epsilon = 1e-5;

/** Mean and variance over the rows of x [rows, features], without gradient. */
export function rowMoments(x: tf.Tensor): Moments {
  const mean = tf.div(tf.sum(x, 0), x.shape[0]);
  const centred = tf.sub(x, mean);
  return { mean, variance: tf.div(tf.sum(tf.mul(centred, centred), 0), x.shape[0]) };
}

/**
 * Batch normalisation of x [rows, features] by the statistics of its own rows, scale * (x - mean) / deviation +
 * shift, with the gradient through the statistics.
 */
export function batchNorm(
  x: tf.Tensor,
  { mean, variance }: Moments,
  scale: tf.Tensor,
  shift: tf.Tensor,
): tf.Tensor {
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const run = tf.customGrad((...args) => {
    const [input, gain, offset] = args as tf.Tensor[];
    const save = args[3] as unknown as tf.GradSaveFunc;
    const normalised = tf.mul(tf.sub(input, mean), inverse);
    save([normalised, gain, inverse]);
    return {
      value: tf.add(tf.mul(normalised, gain), offset),
      gradFunc: (dy: tf.Tensor, [unit, g, s]: tf.Tensor[]) => {
        const rows = unit.shape[0] as number;
        const shiftGradient = tf.sum(dy, 0);
        const scaleGradient = tf.sum(tf.mul(dy, unit), 0);
        const inner = tf.sub(dy, tf.div(tf.add(shiftGradient, tf.mul(unit, scaleGradient)), rows));
        return [tf.mul(inner, tf.mul(g, s)), scaleGradient, shiftGradient];
      },
    };
  });
  return run(x, scale, shift);
}

/** Normalisation of x [rows, features] by given statistics: what evaluation does with running averages. */
export function fixedNorm(
  x: tf.Tensor,
  { mean, variance }: Moments,
  scale: tf.Tensor,
  shift: tf.Tensor,
): tf.Tensor {
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(x, factor), tf.sub(shift, tf.mul(mean, factor)));
}
