import { invalid } from '../../arguments/errors';
import { checkBoolean } from '../../arguments/validate';
import { checkShape, checkTensors } from '../check-tensors';
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
import { gate, plainLayer, withBias } from './plain';

/** Weights of {@link gru}, as `tf.layers.gru` has them: z (the update gate), r (the reset gate), h (the candidate). */
export interface GruWeights {
  /** [inputs, 3 units] */
  kernel: tf.Tensor;
  /** [units, 3 units] */
  recurrentKernel: tf.Tensor;
  /** [3 units]; without it nothing is added. */
  bias?: tf.Tensor | undefined;
  /** [3 units], added to `h_(t-1) R`, with `resetAfter` only; without it nothing is added. */
  recurrentBias?: tf.Tensor | undefined;
}

/** Options of {@link gru}. */
export interface GruOptions extends RecurrentOptions {
  /**
   * The state before the first step, [batch, units].
   * @defaultValue zeros
   */
  initialState?: tf.Tensor | undefined;
  /**
   * Whether r multiplies the state's product with the candidate's weights, as in PyTorch, cuDNN and Keras, or the state
   * before it is multiplied, as in `tf.layers.gru`.
   * @defaultValue `false`
   */
  resetAfter?: boolean | undefined;
}

/** What {@link gru} gives. */
export interface GruResult {
  /** The state behind each step, at the step's place, [batch, steps, units]. Behind a row's length it is the last one. */
  states: tf.Tensor3D;
  /** The state behind the last step of each row, [batch, units]. */
  state: tf.Tensor2D;
}

/** A call whose arguments have been checked. */
interface GruCall extends RecurrentCall {
  resetAfter: boolean;
  recurrentBias: tf.Tensor | undefined;
}

/**
 * A gated recurrent unit (Cho et al., 2014) over a batch of sequences: with z and r the gate's function of
 * `x_t W + h_(t-1) R + b` (of their columns), and g the hyperbolic tangent of `x_t W + (r h_(t-1)) R + b` (of its columns),
 *
 *     h_t = z h_(t-1) + (1 - z) g;
 *
 * with `resetAfter`, g is that of `x_t W + b + r (h_(t-1) R + c)` and z and r have c too, the recurrent bias.
 *
 * On the native backend all steps are one kernel, and so are all steps of the gradient, which is written out; a row has
 * the same bits among whichever others and with whichever padding. There the gradient has no gradient. On other backends
 * it is made of TensorFlow.js's operations, with the same values up to rounding.
 *
 * A row's state stands still behind its length. What stands in x there is never read and has the gradient 0, NaN or not.
 * O(steps x units x (inputs + units)) for the steps that there are.
 *
 * @param x [batch, steps, inputs]
 * @returns tensors of the caller, both
 * @throws SstError INVALID_ARGUMENT, INVALID_SHAPE
 */
export function gru(x: tf.Tensor, weights: GruWeights, settings: GruOptions = {}): GruResult {
  return tf.tidy(() => {
    const names = ['kernel', 'recurrentKernel', 'bias', 'recurrentBias'];
    checkNames(weights, names, settings, [...recurrentOptions, 'initialState', 'resetAfter']);
    const { initialState, resetAfter = false } = settings;
    const { recurrentBias } = weights;
    checkBoolean('resetAfter', resetAfter);
    const checked = checkedCall(x, weights, settings, {
      gates: 3,
      initialState: initialState && [initialState],
      states: ['initialState'],
    });
    if (recurrentBias !== undefined) {
      if (!resetAfter) throw invalid('recurrentBias', 'none without resetAfter', recurrentBias);
      checkTensors({ recurrentBias });
      checkShape('recurrentBias', recurrentBias, [3 * checked.units]);
    }
    const call = { ...checked, resetAfter, recurrentBias };
    const { states, last } = hasKernel('Gru') ? fusedGru(call) : plainGru(call);
    return { states, state: last[0] };
  });
}

function fusedGru(call: GruCall): RecurrentResults {
  const [state] = call.initialState;
  const { units, recurrentBias, resetAfter } = call;
  return fusedLayer(call, {
    kernel: 'Gru',
    sizes: [Number(resetAfter)],
    inputs: { state, ...(recurrentBias !== undefined && { recurrentBias }) },
    cotangents: ['dStates', 'dLast'],
    gradients: (dGates, [dInner, dState]) => ({
      inputs: {
        state: () => dState,
        recurrentBias: () => tf.concat([tf.slice(tf.sum(dGates, 0), 0, 2 * units), tf.sum(dInner, 0)]),
      },
      further: { dInner },
    }),
  });
}

function plainGru(call: GruCall): RecurrentResults {
  const { units, hard, recurrentBias, resetAfter } = call;
  const recurrent = call.weights.recurrentKernel as tf.Tensor2D;
  const [ofGates, ofCandidate] = tf.split(recurrent, [2 * units, units], 1) as tf.Tensor2D[];
  const split = (sums: tf.Tensor) => tf.split(sums, [2 * units, units], 1);
  return plainLayer(call, (sums, [state]) => {
    const [gateSums, candidateSums] = split(sums);
    const gatesOf = (recurrentSums: tf.Tensor) => tf.split(gate(tf.add(gateSums, recurrentSums), hard), 2, 1);
    const product = (h: tf.Tensor, weights: tf.Tensor2D) => tf.matMul(h as tf.Tensor2D, weights);
    let z: tf.Tensor;
    let candidate: tf.Tensor;
    if (resetAfter) {
      const [inGates, inCandidate] = split(withBias(product(state, recurrent), recurrentBias));
      const [update, r] = gatesOf(inGates);
      z = update;
      candidate = tf.add(candidateSums, tf.mul(r, inCandidate));
    } else {
      const [update, r] = gatesOf(product(state, ofGates));
      z = update;
      candidate = tf.add(candidateSums, product(tf.mul(r, state), ofCandidate));
    }
    return [tf.add(tf.mul(z, state), tf.mul(tf.sub(1, z), tf.tanh(candidate)))];
  });
}
