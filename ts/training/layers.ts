import { misshapen } from '../arguments/errors';
import { checkNumber, checkOptions } from '../arguments/validate';
import { checkTensors, shapeOf } from './check-tensors';
import { tf } from './tf';

/**
 * A dense layer, `x weight + bias`.
 *
 * @param x [..., inputs]
 * @param weight [inputs, outputs]
 * @param bias [outputs]; without it nothing is added
 * @returns [..., outputs]
 * @throws SstError INVALID_SHAPE
 */
export function dense<T extends tf.Tensor>(x: T, weight: tf.Tensor, bias?: tf.Tensor): T {
  checkTensors({ x, weight, ...(bias !== undefined && { bias }) });
  const [inputs, outputs] = weight.shape;
  if (weight.rank !== 2) throw misshapen('weight', 'the shape [inputs, outputs]', shapeOf(weight));
  if (x.shape.at(-1) !== inputs) throw misshapen('x', `a last axis of ${inputs}`, shapeOf(x));
  if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== outputs)) {
    throw misshapen('bias', `the shape [${outputs}]`, shapeOf(bias));
  }
  const flat = x.rank === 2;
  const product = tf.matMul(
    (flat ? x : tf.reshape(x, [rowsOf(x), inputs])) as tf.Tensor2D,
    weight as tf.Tensor2D,
  );
  const sum = bias === undefined ? product : tf.add(product, bias);
  return (flat ? sum : tf.reshape(sum, [...x.shape.slice(0, -1), outputs])) as T;
}

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /**
   * Added to the variance.
   * @defaultValue `1e-5`
   */
  epsilon?: number | undefined;
}

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016): each row by its own mean and (biased) variance,
 * `scale (x - mean) / sqrt(variance + epsilon) + shift`.
 *
 * The gradient is written out, `dx = (g - mean(g) - u mean(g u)) / sqrt(variance + epsilon)` with u the normalised row and
 * g = scale dy; it is made of differentiable operations, so second derivatives are right too. Only x is kept for it.
 *
 * @param x [..., features]
 * @param scale [features]
 * @param shift [features]
 * @throws SstError INVALID_SHAPE
 */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  scale: tf.Tensor,
  shift: tf.Tensor,
  options: LayerNormOptions = {},
): T {
  checkTensors({ x, scale, shift });
  checkOptions('options', options, ['epsilon']);
  const { epsilon = 1e-5 } = options;
  checkNumber('epsilon', epsilon, 0, Number.MAX_VALUE);
  const features = x.shape.at(-1);
  if (features === undefined) throw misshapen('x', 'the shape [..., features]', shapeOf(x));
  for (const [name, tensor] of Object.entries({ scale, shift })) {
    const good = tensor.rank === 1 && tensor.shape[0] === features;
    if (!good) throw misshapen(name, `the shape [${features}]`, shapeOf(tensor));
  }
  const run = tf.customGrad((...args) => {
    const [input, gain, offset] = args as tf.Tensor[];
    const save = args[3] as unknown as tf.GradSaveFunc;
    save([input, gain]);
    return {
      value: tf.add(tf.mul(normalised(input, epsilon).unit, gain), offset),
      gradFunc: (dy: tf.Tensor, [row, weight]: tf.Tensor[]) =>
        tf.tidy(() => {
          const { unit, inverse } = normalised(row, epsilon);
          const g = tf.mul(dy, weight);
          const centred = tf.sub(g, tf.mean(g, -1, true));
          const dx = tf.mul(tf.sub(centred, tf.mul(unit, tf.mean(tf.mul(g, unit), -1, true))), inverse);
          const rows = (tensor: tf.Tensor) => tf.sum(tf.reshape(tensor, [rowsOf(x), features]), 0);
          return [dx, rows(tf.mul(dy, unit)), rows(dy)];
        }),
    };
  });
  return run(x, scale, shift) as T;
}

/** Rows of mean 0 and variance 1, and what they were multiplied by. */
function normalised(x: tf.Tensor, epsilon: number): { unit: tf.Tensor; inverse: tf.Tensor } {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
  return { unit: tf.mul(centred, inverse), inverse };
}

/** Rows over all axes but the last. */
function rowsOf(x: tf.Tensor): number {
  return x.shape.slice(0, -1).reduce((rows, axis) => rows * axis, 1);
}
