import * as tf from '@tensorflow/tfjs';
import { type ParameterSpecs, uniformByInputs, zeros } from '../../training/initialisers';
import { type LstmResult, lstm } from '../../training/recurrent/lstm';
import type { Weights } from '../parameters';
import type { BatchTensors } from './tensors';

/** Parameters of LSTMs that run beside one another: input and recurrent weights, biases; gates in the order i, f, c, o. */
export function lstmParameters(
  name: string,
  { directions, inputs, hidden }: { directions: number; inputs: number; hidden: number },
): ParameterSpecs {
  return {
    [`${name}.kernel`]: uniformByInputs([directions, inputs, 4 * hidden], { inputs: hidden }),
    [`${name}.recurrentKernel`]: uniformByInputs([directions, hidden, 4 * hidden], { inputs: hidden }),
    [`${name}.bias`]: zeros([directions, 1, 4 * hidden]),
  };
}

/**
 * LSTMs over the tokens of each expression, the first from left to right, the second the other way; forget gates are
 * open at first, by 1 that is added to their bias.
 *
 * @param embedding features of the tokens, [tokens, features]
 */
export function lstms(
  name: string,
  weights: Weights,
  embedding: tf.Tensor2D,
  { size, width, lengths, oneHot }: Pick<BatchTensors, 'size' | 'width' | 'lengths' | 'oneHot'>,
): LstmResult[] {
  const part = (of: string) => {
    const all = weights[`${name}.${of}`];
    const [directions, rows, columns] = all.shape;
    // TensorFlow.js has no gradient of an unstacking into one.
    return Array.from({ length: directions }, (_, direction) =>
      tf.reshape<tf.Rank.R2>(tf.slice(all, direction, 1), [rows, columns]),
    );
  };
  const [kernels, recurrentKernels, biases] = ['kernel', 'recurrentKernel', 'bias'].map(part);
  const x = tf.reshape(oneHot, [size, width, -1]);
  return kernels.map((kernel, direction) => {
    const hidden = recurrentKernels[direction].shape[0];
    const open = tf.tensor1d(new Float32Array(4 * hidden).fill(1, hidden, 2 * hidden));
    return lstm(
      x,
      {
        // A token's embedding times the input weights is looked up in a table of few rows.
        kernel: tf.matMul(embedding, kernel),
        recurrentKernel: recurrentKernels[direction],
        bias: tf.add(tf.reshape(biases[direction], [4 * hidden]), open),
      },
      { lengths, reverse: direction === 1 },
    );
  });
}
