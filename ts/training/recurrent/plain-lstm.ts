import { tf } from '../tf';
import type { LstmCall, LstmResult } from './lstm';

/** The function of a gate. */
function gate(x: tf.Tensor, hard: boolean): tf.Tensor {
  return hard ? tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1) : tf.sigmoid(x);
}

/** Step by step, in TensorFlow.js's operations. */
export function plainLstm({ x, weights, initialState, lengths, reverse, hard }: LstmCall): LstmResult {
  const { kernel, recurrentKernel, bias } = weights;
  const [batch, steps, inputs] = x.shape;
  const [units] = recurrentKernel.shape;
  const inside = lengths && mask(lengths, steps);
  // A NaN in the padding would survive the gradient 0.
  const read = inside === undefined ? x : tf.where(inside, x, 0);
  const product = tf.matMul(tf.reshape(read, [batch * steps, inputs]), kernel as tf.Tensor2D);
  const projected = bias === undefined ? product : tf.add(product, bias);
  const sums = stepsOf(tf.reshape(projected, [batch, steps, 4 * units]));
  const has = inside && stepsOf(inside);
  const states = new Array<tf.Tensor>(steps);
  let [state, cell] = initialState;
  for (let time = 0; time < steps; time++) {
    // A reversed row has its padding first, where its state is still the initial one.
    const at = reverse ? steps - 1 - time : time;
    const z = tf.add(sums[at], tf.matMul(state as tf.Tensor2D, recurrentKernel as tf.Tensor2D));
    const [i, f, g, o] = tf.split(z, 4, 1);
    const kept = tf.mul(gate(f, hard), cell);
    const newCell = tf.add(kept, tf.mul(gate(i, hard), tf.tanh(g)));
    const newState = tf.mul(gate(o, hard), tf.tanh(newCell));
    state = has === undefined ? newState : tf.where(has[at], newState, state);
    cell = has === undefined ? newCell : tf.where(has[at], newCell, cell);
    states[at] = state;
  }
  const stacked = steps === 0 ? tf.zeros([batch, 0, units]) : tf.stack(states, 1);
  return {
    states: (inside === undefined
      ? stacked
      : tf.where(inside, stacked, tf.expandDims(state, 1))) as tf.Tensor3D,
    state: tf.clone(state) as tf.Tensor2D,
    cell: tf.clone(cell) as tf.Tensor2D,
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
