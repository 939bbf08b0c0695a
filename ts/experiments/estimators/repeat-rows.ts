import * as tf from '@tensorflow/tfjs';

/** Every row of a tensor [rows, ...] so many times, one after the other, [rows x times, ...]. */
export function repeatRows<T extends tf.Tensor>(x: T, times: number): T {
  if (times === 1) return x;
  const [rows, ...rest] = x.shape;
  const flat = tf.tile(tf.reshape(x, [rows, 1, -1]), [1, times, 1]);
  return tf.reshape(flat, [times * rows, ...rest]) as T;
}
