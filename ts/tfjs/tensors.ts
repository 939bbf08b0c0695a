import { SstError } from '../arguments/errors';
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

/** A function of tensors with derivatives of its own, one for each input; what neither needs is not kept. */
export function differentiable(
  inputs: readonly tf.Tensor[],
  forward: (...inputs: tf.Tensor[]) => tf.Tensor,
  backward: (cotangent: tf.Tensor, inputs: tf.Tensor[], output: tf.Tensor) => tf.Tensor[],
): tf.Tensor {
  const operation = tf.customGrad((...args) => {
    const own = args.slice(0, inputs.length) as tf.Tensor[];
    const save = args[inputs.length] as unknown as tf.GradSaveFunc;
    const value = forward(...own);
    save([...own, value]);
    return {
      value,
      gradFunc: (cotangent: tf.Tensor, saved: tf.Tensor[]) =>
        backward(cotangent, saved.slice(0, -1), saved[saved.length - 1]),
    };
  });
  return operation(...inputs);
}
