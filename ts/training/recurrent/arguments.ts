import { invalid, misshapen } from '../../arguments/errors';
import { checkLengths, type LengthArray } from '../../arguments/lengths';
import { checkBoolean, checkInteger, checkOptions } from '../../arguments/validate';
import { checkShape, checkTensors, shapeOf } from '../check-tensors';
import { tf } from '../tf';

/** The functions that a gate may have. */
export type RecurrentActivation = 'sigmoid' | 'hardSigmoid';

/** What the options of all recurrent layers have in common. */
export interface RecurrentOptions {
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
   * Of the gates. The layers of TensorFlow.js have 'hardSigmoid', `min(max(0.2 x + 0.5, 0), 1)`, where they are not told.
   * @defaultValue `'sigmoid'`
   */
  recurrentActivation?: RecurrentActivation | undefined;
}

/** The names of the options that all layers have. */
export const recurrentOptions = ['lengths', 'reverse', 'recurrentActivation'] as const;

/** Weights that all layers have, the gates beside one another: [inputs, width], [units, width] and [width]. */
interface Weights {
  kernel: tf.Tensor;
  recurrentKernel: tf.Tensor;
  bias?: tf.Tensor | undefined;
}

/** A call whose arguments have been checked. */
export interface RecurrentCall {
  x: tf.Tensor3D;
  weights: Weights;
  /** One [batch, units] for each state that a layer has. */
  initialState: readonly tf.Tensor[];
  units: number;
  /** Absent where every row has all steps. */
  lengths: Uint32Array | undefined;
  reverse: boolean;
  hard: boolean;
}

/** What a layer computes. */
export interface RecurrentResults {
  /** [batch, steps, units] */
  states: tf.Tensor3D;
  /** One [batch, units] for each state that a layer has. */
  last: tf.Tensor2D[];
}

/** Checks what all layers have in common; the initial states are zeros where none are given. */
export function checkedCall(
  x: tf.Tensor,
  weights: Weights,
  { lengths, reverse = false, recurrentActivation = 'sigmoid' }: RecurrentOptions,
  layer: { gates: number; initialState: readonly tf.Tensor[] | undefined; states: readonly string[] },
): RecurrentCall {
  const { kernel, recurrentKernel, bias } = weights;
  checkTensors({ x, kernel, recurrentKernel, ...(bias !== undefined && { bias }) });
  if (x.rank !== 3) throw misshapen('x', 'the shape [batch, steps, inputs]', shapeOf(x));
  const [batch, steps, inputs] = x.shape as [number, number, number];
  const [units] = recurrentKernel.shape;
  if (recurrentKernel.rank !== 2 || !(units > 0)) {
    throw misshapen('recurrentKernel', `the shape [units, ${layer.gates} units]`, shapeOf(recurrentKernel));
  }
  const width = layer.gates * units;
  checkShape('recurrentKernel', recurrentKernel, [units, width]);
  checkShape('kernel', kernel, [inputs, width]);
  if (bias !== undefined) checkShape('bias', bias, [width]);
  checkBoolean('reverse', reverse);
  if (recurrentActivation !== 'sigmoid' && recurrentActivation !== 'hardSigmoid') {
    throw invalid('recurrentActivation', "'sigmoid' or 'hardSigmoid'", recurrentActivation);
  }
  const checked = checkLengths(lengths, batch);
  for (const [row, length] of checked?.entries() ?? []) checkInteger(`lengths[${row}]`, length, 0, steps);
  for (const [index, name] of layer.states.entries()) {
    const state = layer.initialState?.[index];
    if (layer.initialState === undefined) continue;
    checkTensors({ [name]: state as tf.Tensor });
    checkShape(name, state as tf.Tensor, [batch, units]);
  }
  return {
    x: x as tf.Tensor3D,
    weights,
    initialState: layer.initialState ?? layer.states.map(() => tf.zeros([batch, units])),
    units,
    lengths: checked?.every((length) => length === steps) ? undefined : checked,
    reverse,
    hard: recurrentActivation === 'hardSigmoid',
  };
}

/** Checks names of weights and options. */
export function checkNames(
  weights: object,
  weightNames: readonly string[],
  options: object,
  optionNames: readonly string[],
): void {
  checkOptions('weights', weights, weightNames);
  checkOptions('options', options, optionNames);
}
