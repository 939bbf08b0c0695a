import { invalid, misshapen, SstError } from '../arguments/errors';
import { tf } from './core';

/** A function of tensors whose own derivative is refused: the engine would otherwise take it for a constant. */
export function once(compute: (cotangent: tf.Tensor) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor {
  const operation = tf.customGrad((...args) => ({
    value: compute(args[0] as tf.Tensor),
    gradFunc: () => {
      throw new SstError(
        'INVALID_ARGUMENT',
        'gradient: expected a first derivative, got a derivative of one',
      );
    },
  }));
  return operation(...inputs);
}

/** The numbers of a tensor, not to be written to: on some backends they are the tensor's own memory. */
export function values(tensor: tf.Tensor): Float32Array {
  const data = tensor.dataSync();
  return data instanceof Float32Array ? data : Float32Array.from(data as Iterable<number>);
}

export function checkLastAxis(name: string, tensor: tf.Tensor, dimension: number): void {
  if (!(tensor instanceof tf.Tensor) || tensor.dtype === 'string' || tensor.dtype === 'complex64') {
    throw invalid(name, 'a tensor of real numbers', tensor);
  }
  const last = tensor.shape.at(-1);
  if (last === dimension) return;
  const shape = `[${tensor.shape.join(', ')}]`;
  throw misshapen(name, `a tensor whose last axis is ${dimension}`, `shape ${shape}`);
}
