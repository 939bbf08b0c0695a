import { tf } from '../tfjs/core';

const kernelName = 'BatchMatMul';
const replacements = new WeakSet<tf.GradFunc>();

/** The gradient of an operand that was repeated along some axes: the sum over the repetitions. */
function sumTo(shape: number[], gradient: tf.Tensor): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}

/**
 * Gives products whose batches broadcast their gradient, which TensorFlow.js's own leaves with the shape of the broadcast
 * and then refuses. On other backends it stays TensorFlow.js's own.
 */
export function completeProductGradient(): void {
  const config = tf.getGradient(kernelName);
  if (config === undefined || replacements.has(config.gradFunc)) return;
  const gradFunc: tf.GradFunc = (cotangent, saved, attrs) => {
    const gradients = config.gradFunc(cotangent, saved, attrs);
    if (tf.getBackend() !== 'native') return gradients;
    const [a, b] = saved;
    return { a: () => sumTo(a.shape, gradients.a()), b: () => sumTo(b.shape, gradients.b()) };
  };
  replacements.add(gradFunc);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({ ...config, gradFunc });
}
