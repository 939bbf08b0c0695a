import * as tf from '@tensorflow/tfjs';
import { type ParameterSpecs, uniformByInputs, zeros } from '../../training/initialisers';

/** Parameters of LSTMs that run beside one another: input and recurrent weights, biases. */
export function lstmParameters(
  name: string,
  { directions, inputs, hidden }: { directions: number; inputs: number; hidden: number },
): ParameterSpecs {
  return {
    [`${name}.input`]: uniformByInputs([directions, inputs, 4 * hidden], { inputs: hidden }),
    [`${name}.recurrent`]: uniformByInputs([directions, hidden, 4 * hidden], { inputs: hidden }),
    [`${name}.bias`]: zeros([directions, 1, 4 * hidden]),
  };
}

/**
 * LSTMs (Hochreiter and Schmidhuber, 1997) over sequences, several (directions) beside one another: of inputs z already
 * multiplied by their weights, in the order of the gates i, f, o and the candidate g,
 *
 *     (i, f, o, g) = (sigmoid, sigmoid, sigmoid, tanh)(z_t + h_(t-1) R + (0, 1, 0, 0)),
 *     c_t = f c_(t-1) + i g,  h_t = o tanh(c_t).
 *
 * Behind the end of a sequence states and gradients are 0, and nothing is computed. Products of matrices are the backend's,
 * gates are computed here, in both directions of time: far fewer kernels than the tape's.
 *
 * @param inputs [directions, batch, times, 4 hidden]
 * @param recurrent [directions, hidden, 4 hidden]
 * @param lengths of the sequences, [batch]
 * @returns states [directions, batch, times, hidden]
 */
export function lstm(inputs: tf.Tensor4D, recurrent: tf.Tensor3D, lengths: Uint32Array): tf.Tensor4D {
  const run = tf.customGrad((...args) => {
    const [z, weights] = args as [tf.Tensor4D, tf.Tensor3D];
    const save = args[2] as unknown as tf.GradSaveFunc;
    const trace = forwards(z, weights, lengths);
    save([weights]);
    return {
      value: tf.tensor4d(trace.states, [z.shape[0], z.shape[1], z.shape[2], trace.hidden]),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.tidy(() => backwards(trace, saved as tf.Tensor3D, dy.dataSync() as Float32Array)),
    };
  });
  return run(inputs, recurrent) as tf.Tensor4D;
}

/** All gates, cells and states, [directions, batch, times, ...]. */
interface Trace {
  directions: number;
  batch: number;
  times: number;
  hidden: number;
  lengths: Uint32Array;
  gates: Float32Array;
  cells: Float32Array;
  /** tanh of the cells. */
  squashed: Float32Array;
  states: Float32Array;
}

function forwards(z: tf.Tensor4D, recurrent: tf.Tensor3D, lengths: Uint32Array): Trace {
  const [directions, batch, times, width] = z.shape;
  const hidden = width / 4;
  const rows = directions * batch;
  const shape = [directions, batch, times, hidden] as const;
  const gates = (z.dataSync() as Float32Array).slice();
  const cells = new Float32Array(rows * times * hidden);
  const squashed = new Float32Array(rows * times * hidden);
  const states = new Float32Array(rows * times * hidden);
  for (let time = 0; time < times; time++) {
    const before = time === 0 ? undefined : product(stateAt(states, time - 1, shape), recurrent, false);
    for (let row = 0; row < rows; row++) {
      if (time >= lengths[row % batch]) continue;
      const at = row * times + time;
      const gate = at * width;
      for (let k = 0; k < hidden; k++) {
        const i = gate + k;
        const f = i + hidden;
        const o = f + hidden;
        const g = o + hidden;
        if (before !== undefined) {
          const from = row * width + k;
          gates[i] += before[from];
          gates[f] += before[from + hidden];
          gates[o] += before[from + 2 * hidden];
          gates[g] += before[from + 3 * hidden];
        }
        gates[i] = sigmoid(gates[i]);
        gates[f] = sigmoid(gates[f] + 1);
        gates[o] = sigmoid(gates[o]);
        gates[g] = tanh(gates[g]);
        const cell = at * hidden + k;
        const kept = time === 0 ? 0 : gates[f] * cells[cell - hidden];
        cells[cell] = kept + gates[i] * gates[g];
        squashed[cell] = tanh(cells[cell]);
        states[cell] = gates[o] * squashed[cell];
      }
    }
  }
  return { directions, batch, times, hidden, lengths, gates, cells, squashed, states };
}

/** States of one time, beside one another. */
function stateAt(
  states: Float32Array,
  time: number,
  [directions, batch, times, hidden]: readonly [number, number, number, number],
): tf.Tensor3D {
  const state = new Float32Array(directions * batch * hidden);
  for (let row = 0; row < directions * batch; row++) {
    const at = (row * times + time) * hidden;
    state.set(states.subarray(at, at + hidden), row * hidden);
  }
  return tf.tensor3d(state, [directions, batch, hidden]);
}

function backwards(
  { directions, batch, times, hidden, lengths, gates, cells, squashed, states }: Trace,
  recurrent: tf.Tensor3D,
  dStates: Float32Array,
): [tf.Tensor4D, tf.Tensor3D] {
  const width = 4 * hidden;
  const rows = directions * batch;
  const dInputs = new Float32Array(gates.length);
  const previous = new Float32Array(states.length);
  const dCell = new Float32Array(rows * hidden);
  let dState: ArrayLike<number> = new Float32Array(rows * hidden);
  for (let time = times - 1; time >= 0; time--) {
    const dGates = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      if (time >= lengths[row % batch]) continue;
      const at = row * times + time;
      for (let k = 0; k < hidden; k++) {
        const cell = at * hidden + k;
        const gate = at * width + k;
        const i = gates[gate];
        const f = gates[gate + hidden];
        const o = gates[gate + 2 * hidden];
        const g = gates[gate + 3 * hidden];
        const output = squashed[cell];
        const dh = dStates[cell] + dState[row * hidden + k];
        const dc = dCell[row * hidden + k] + dh * o * (1 - output * output);
        const to = row * width + k;
        dGates[to] = dc * g * i * (1 - i);
        dGates[to + hidden] = time === 0 ? 0 : dc * cells[cell - hidden] * f * (1 - f);
        dGates[to + 2 * hidden] = dh * output * o * (1 - o);
        dGates[to + 3 * hidden] = dc * i * (1 - g * g);
        dCell[row * hidden + k] = dc * f;
        if (time > 0) previous[cell] = states[cell - hidden];
      }
      dInputs.set(dGates.subarray(row * width, (row + 1) * width), at * width);
    }
    if (time > 0) dState = product(tf.tensor3d(dGates, [directions, batch, width]), recurrent, true);
  }
  const before = tf.tensor3d(previous, [directions, batch * times, hidden]);
  const dz = tf.tensor4d(dInputs, [directions, batch, times, width]);
  const flat = tf.reshape(dz, [directions, batch * times, width]);
  return [dz, tf.matMul(before, flat, true) as tf.Tensor3D];
}

/** The numbers of a product with the recurrent weights (or their transpose); the tensor that is given is used up. */
function product(rows: tf.Tensor3D, recurrent: tf.Tensor3D, transposed: boolean): Float32Array {
  const found = tf.matMul(rows, recurrent, false, transposed);
  const numbers = (found.dataSync() as Float32Array).slice();
  tf.dispose([rows, found]);
  return numbers;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** From one exponential, which is faster than Math.tanh, with an error of 1e-16. */
function tanh(x: number): number {
  return 2 / (1 + Math.exp(-2 * x)) - 1;
}
