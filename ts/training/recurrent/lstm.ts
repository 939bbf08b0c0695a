import { invalid, misshapen } from '../../arguments/errors';
import { checkLengths, type LengthArray } from '../../arguments/lengths';
import { checkBoolean, checkInteger, checkOptions } from '../../arguments/validate';
import { checkShape, checkTensors, shapeOf } from '../check-tensors';
import { tf } from '../tf';
import { fusedLstm } from './fused-lstm';
import { plainLstm } from './plain-lstm';

/** Weights of {@link lstm}, as `tf.layers.lstm` has them: gates i, f, c (the candidate), o beside one another. */
export interface LstmWeights {
  /** [inputs, 4 units] */
  kernel: tf.Tensor;
  /** [units, 4 units] */
  recurrentKernel: tf.Tensor;
  /** [4 units]; without it nothing is added. */
  bias?: tf.Tensor | undefined;
}

/** The functions that a gate may have. */
export type RecurrentActivation = 'sigmoid' | 'hardSigmoid';

/** Options of {@link lstm}. */
export interface LstmOptions {
  /**
   * Steps of each row, from 0 to all.
   * @defaultValue every row has all
   */
  lengths?: LengthArray | undefined;
  /**
   * Whether each row is read from its last step to its first.
   * @defaultValue `false`
   */
  reverse?: boolean | undefined;
  /**
   * State and cell before the first step, [batch, units] each.
   * @defaultValue zeros
   */
  initialState?: readonly [state: tf.Tensor, cell: tf.Tensor] | undefined;
  /**
   * Of the gates. `tf.layers.lstm` has 'hardSigmoid', `min(max(0.2 x + 0.5, 0), 1)`, where it is not told.
   * @defaultValue `'sigmoid'`
   */
  recurrentActivation?: RecurrentActivation | undefined;
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

/** A call whose arguments have been checked. */
export interface LstmCall {
  x: tf.Tensor3D;
  weights: LstmWeights;
  initialState: readonly [tf.Tensor, tf.Tensor];
  /** Absent where every row has all steps. */
  lengths: Uint32Array | undefined;
  reverse: boolean;
  hard: boolean;
}

const options = ['lengths', 'reverse', 'initialState', 'recurrentActivation'] as const;

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
    const call = checked(x, weights, settings);
    const isFused = tf.getKernel('Lstm', tf.getBackend()) !== undefined;
    const { states, state, cell } = isFused ? fusedLstm(call) : plainLstm(call);
    return { states, state, cell };
  });
}

function checked(x: tf.Tensor, weights: LstmWeights, settings: LstmOptions): LstmCall {
  checkOptions('weights', weights, ['kernel', 'recurrentKernel', 'bias']);
  checkOptions('options', settings, options);
  const { kernel, recurrentKernel, bias } = weights;
  checkTensors({ x, kernel, recurrentKernel, ...(bias !== undefined && { bias }) });
  if (x.rank !== 3) throw misshapen('x', 'the shape [batch, steps, inputs]', shapeOf(x));
  const [batch, steps, inputs] = x.shape as [number, number, number];
  const [units] = recurrentKernel.shape;
  if (recurrentKernel.rank !== 2 || !(units > 0)) {
    throw misshapen('recurrentKernel', 'the shape [units, 4 units]', shapeOf(recurrentKernel));
  }
  checkShape('recurrentKernel', recurrentKernel, [units, 4 * units]);
  checkShape('kernel', kernel, [inputs, 4 * units]);
  if (bias !== undefined) checkShape('bias', bias, [4 * units]);
  const { reverse = false, recurrentActivation = 'sigmoid' } = settings;
  checkBoolean('reverse', reverse);
  if (recurrentActivation !== 'sigmoid' && recurrentActivation !== 'hardSigmoid') {
    throw invalid('recurrentActivation', "'sigmoid' or 'hardSigmoid'", recurrentActivation);
  }
  const lengths = checkLengths(settings.lengths, batch);
  for (const [row, length] of lengths?.entries() ?? []) checkInteger(`lengths[${row}]`, length, 0, steps);
  return {
    x: x as tf.Tensor3D,
    weights,
    initialState: initialState(settings.initialState, [batch, units]),
    lengths: lengths?.every((length) => length === steps) ? undefined : lengths,
    reverse,
    hard: recurrentActivation === 'hardSigmoid',
  };
}

function initialState(
  given: LstmOptions['initialState'],
  shape: [number, number],
): readonly [tf.Tensor, tf.Tensor] {
  if (given === undefined) {
    const zeros = tf.zeros(shape);
    return [zeros, zeros];
  }
  if (!Array.isArray(given) || given.length !== 2) {
    throw invalid('initialState', '[state, cell]', given);
  }
  const [state, cell] = given as [tf.Tensor, tf.Tensor];
  checkTensors({ 'initialState[0]': state, 'initialState[1]': cell });
  checkShape('initialState[0]', state, shape);
  checkShape('initialState[1]', cell, shape);
  return [state, cell];
}
