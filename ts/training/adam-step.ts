import { tf } from './tf';

/** Numbers of a step of Adam: `correction1 = 1 - beta1^s` and so on at step s, counted from 1. */
export interface AdamNumbers {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  correction1: number;
  correction2: number;
}

/** What a step of Adam gives: the new value and the new moments. */
export type AdamResult = [value: tf.Tensor, mean: tf.Tensor, square: tf.Tensor];

/** The name of the kernel that does the whole step, where a backend has it. */
const fusedKernel = 'AdamStep';

/**
 * One step of Adam (Kingma and Ba, 2015) from `value`:
 * `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g^2`,
 * `value - rate (m / correction1) / (sqrt(v / correction2) + epsilon)`.
 * One kernel on the native backend, with the same bits as the operations below give on it.
 */
export function adamStep(
  value: tf.Tensor,
  gradient: tf.Tensor,
  mean: tf.Tensor,
  square: tf.Tensor,
  { learningRate, beta1, beta2, epsilon, correction1, correction2 }: AdamNumbers,
): AdamResult {
  if (tf.getKernel(fusedKernel, tf.getBackend()) !== undefined) {
    const parameters = [beta1, beta2, 1 - beta1, 1 - beta2, correction1, correction2, -learningRate, epsilon];
    const inputs = { value, gradient, mean, square };
    return tf.engine().runKernel(fusedKernel, inputs, { parameters }) as unknown as AdamResult;
  }
  const newMean = tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1));
  const newSquare = tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const root = tf.sqrt(tf.div(newSquare, correction2));
  const direction = tf.div(tf.div(newMean, correction1), tf.add(root, epsilon));
  return [tf.add(tf.mul(direction, -learningRate), value), newMean, newSquare];
}
