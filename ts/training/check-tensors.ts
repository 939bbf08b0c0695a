import { invalid, misshapen } from '../arguments/errors';
import { tf } from './tf';

/** Refuses what is no tensor of float32. */
export function checkTensors(tensors: Record<string, tf.Tensor>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!(tensor instanceof tf.Tensor) || tensor.dtype !== 'float32') {
      throw invalid(name, 'a tensor of float32', tensor);
    }
  }
}

/** Refuses a tensor of another shape. */
export function checkShape(name: string, tensor: tf.Tensor, shape: readonly number[]): void {
  if (tensor.rank !== shape.length || shape.some((size, axis) => size !== tensor.shape[axis])) {
    throw misshapen(name, `the shape [${shape.join(', ')}]`, shapeOf(tensor));
  }
}

/** A tensor's shape as it appears in an error message. */
export function shapeOf(tensor: tf.Tensor): string {
  return `[${tensor.shape.join(', ')}]`;
}
