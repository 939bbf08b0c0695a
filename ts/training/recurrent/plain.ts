import { tf } from '../tf';
import type { RecurrentCall, RecurrentResults } from './arguments';

/** The function of a gate. */
export function gate(x: tf.Tensor, hard: boolean): tf.Tensor {
  return hard ? tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1) : tf.sigmoid(x);
}

/** Sums, [rows, width], and a bias. */
export function withBias(sums: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  if (bias === undefined) return sums;
  const [rows, width] = sums.shape;
  // The wasm backend sums no rows to whatever its memory holds; the gradient of no copies is 0.
  return tf.add(sums, rows === 0 ? tf.tile(tf.reshape(bias, [1, width]), [0, 1]) : bias);
}

/**
 * A layer step by step, in TensorFlow.js's operations. `step` makes new states, the first of which is the layer's output,
 * of a step's `x_t W + b` and the states before.
 */
export function plainLayer(
  { x, weights, initialState, units, lengths, reverse }: RecurrentCall,
  step: (sums: tf.Tensor, states: readonly tf.Tensor[]) => tf.Tensor[],
): RecurrentResults {
  const { kernel, bias } = weights;
  const [batch, steps, inputs] = x.shape;
  const inside = lengths && mask(lengths, steps);
  // A NaN in the padding would survive the gradient 0.
  const read = inside === undefined ? x : tf.where(inside, x, 0);
  const product = tf.matMul(tf.reshape(read, [batch * steps, inputs]), kernel as tf.Tensor2D);
  const sums = stepsOf(tf.reshape(withBias(product, bias), [batch, steps, kernel.shape[1] as number]));
  const has = inside && stepsOf(inside);
  const outputs = new Array<tf.Tensor>(steps);
  let states = initialState;
  for (let time = 0; time < steps; time++) {
    // A reversed row has its padding first, where its state is still the initial one.
    const at = reverse ? steps - 1 - time : time;
    const before = states;
    const after = step(sums[at], before);
    states = has === undefined ? after : after.map((state, index) => tf.where(has[at], state, before[index]));
    outputs[at] = states[0];
  }
  const stacked = steps === 0 ? tf.zeros([batch, 0, units]) : tf.stack(outputs, 1);
  return {
    states: (inside === undefined
      ? stacked
      : tf.where(inside, stacked, tf.expandDims(states[0], 1))) as tf.Tensor3D,
    last: states.map((state) => tf.clone(state) as tf.Tensor2D),
  };
}

/** The parts of each step; TensorFlow.js has no gradient where there is but one. */
function stepsOf(x: tf.Tensor): tf.Tensor[] {
  const [batch, steps, width] = x.shape;
  if (steps === 0) return [];
  return steps === 1 ? [tf.reshape(x, [batch, width])] : tf.unstack(x, 1);
}

/** Whether a row has a step, [batch, steps, 1]. */
function mask(lengths: Uint32Array, steps: number): tf.Tensor3D {
  const inside = new Uint8Array(lengths.length * steps);
  for (const [row, length] of lengths.entries()) inside.fill(1, row * steps, row * steps + length);
  return tf.tensor3d(inside, [lengths.length, steps, 1], 'bool');
}
