import { invalid } from '../../arguments/errors';
import { tf } from '../tf';
import {
  checkedCall,
  checkNames,
  type RecurrentCall,
  type RecurrentOptions,
  type RecurrentResults,
  recurrentOptions,
} from './arguments';
import { fusedLayer, hasKernel } from './fused';
import { gate, plainLayer } from './plain';

/** Weights of {@link lstm}, as `tf.layers.lstm` has them: gates i, f, c (the candidate), o beside one another. */
export interface LstmWeights {
  /** [inputs, 4 units] */
  kernel: tf.Tensor;
  /** [units, 4 units] */
  recurrentKernel: tf.Tensor;
  /** [4 units]; without it nothing is added. */
  bias?: tf.Tensor | undefined;
}

/** Options of {@link lstm}. */
export interface LstmOptions extends RecurrentOptions {
  /**
   * State and cell before the first step, [batch, units] each.
   * @defaultValue zeros
   */
  initialState?: readonly [state: tf.Tensor, cell: tf.Tensor] | undefined;
}

/** What {@link lstm} gives. */
export interface LstmResult {
  /** The state behind each step, at the step's place, [batch, steps, units]. Behind a row's length it is the last one. */
  states: tf.Tensor3D;
  /** The state behind the last step of each row, [batch, units]. */
  state: tf.Tensor2D;
  /** The cell behind the last step of each row, [batch, units]. */
  cell: tf.Tensor2D;
}

/**
 * A long short-term memory (Hochreiter and Schmidhuber, 1997; with forget gates: Gers, Schmidhuber and Cummins, 2000) over
 * a batch of sequences: with `(i, f, g, o)` the gate's function (of g the hyperbolic tangent) of `x_t W + h_(t-1) R + b`,
 *
 *     c_t = f c_(t-1) + i g,  h_t = o tanh(c_t).
 *
 * On the native backend all steps are one kernel, and so are all steps of the gradient, which is written out; a row has
 * the same bits among whichever others and with whichever padding. There the gradient has no gradient. On other backends
 * it is made of TensorFlow.js's operations, with the same values up to rounding.
 *
 * A row's state stands still behind its length. What stands in x there is never read and has the gradient 0, NaN or not.
 * O(steps x units x (inputs + units)) for the steps that there are.
 *
 * @param x [batch, steps, inputs]
 * @returns tensors of the caller, all three
 * @throws SstError INVALID_ARGUMENT, INVALID_SHAPE
 */
export function lstm(x: tf.Tensor, weights: LstmWeights, settings: LstmOptions = {}): LstmResult {
  return tf.tidy(() => {
    checkNames(weights, ['kernel', 'recurrentKernel', 'bias'], settings, [
      ...recurrentOptions,
      'initialState',
    ]);
    const { initialState } = settings;
    if (initialState !== undefined && !(Array.isArray(initialState) && initialState.length === 2)) {
      throw invalid('initialState', '[state, cell]', initialState);
    }
    const names = ['initialState[0]', 'initialState[1]'];
    const call = checkedCall(x, weights, settings, { gates: 4, initialState, states: names });
    const { states, last } = hasKernel('Lstm') ? fusedLstm(call) : plainLstm(call);
    return { states, state: last[0], cell: last[1] };
  });
}

function fusedLstm(call: RecurrentCall): RecurrentResults {
  const [state, cell] = call.initialState;
  return fusedLayer(call, {
    kernel: 'Lstm',
    sizes: [],
    inputs: { state, cell },
    cotangents: ['dStates', 'dLast', 'dLastCell'],
    gradients: (_, [dState, dCell]) => ({
      inputs: { state: () => dState, cell: () => dCell },
      further: {},
    }),
  });
}

function plainLstm(call: RecurrentCall): RecurrentResults {
  const { recurrentKernel } = call.weights;
  return plainLayer(call, (sums, [state, cell]) => {
    const z = tf.add(sums, tf.matMul(state as tf.Tensor2D, recurrentKernel as tf.Tensor2D));
    const [i, f, g, o] = tf.split(z, 4, 1);
    const kept = tf.mul(gate(f, call.hard), cell);
    const newCell = tf.add(kept, tf.mul(gate(i, call.hard), tf.tanh(g)));
    return [tf.mul(gate(o, call.hard), tf.tanh(newCell)), newCell];
  });
}
