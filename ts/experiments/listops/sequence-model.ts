import * as tf from '@tensorflow/tfjs';
import { glorotNormal, glorotUniform, type ParameterSpecs, zeros } from '../../training/initialisers';
import { dense } from '../../training/layers';
import { activate, relu } from '../layers';
import type { Weights } from '../parameters';
import type { ModelSettings } from './config';
import { tokens, values } from './corpus/tokens';
import { lstm, lstmParameters } from './lstm';
import type { BatchTensors } from './tensors';

/** Parameters of the model without a graph. */
export function sequenceParameters({ embedding, lstmHidden }: ModelSettings): ParameterSpecs {
  return {
    'sequence.embedding': glorotNormal([tokens.length, embedding]),
    ...lstmParameters('sequence.lstm', { directions: 1, inputs: embedding, hidden: lstmHidden }),
    'sequence.hidden.weight': glorotUniform([lstmHidden, embedding]),
    'sequence.hidden.bias': zeros([embedding]),
    'sequence.output.weight': glorotUniform([embedding, values]),
    'sequence.output.bias': zeros([values]),
  };
}

/** Logits of the ten values, [expressions, 10], from the last state of an LSTM over the tokens and one hidden layer. */
export function sequenceLogits(
  { lstmHidden }: ModelSettings,
  weights: Weights,
  { size, width, lengths, oneHot }: BatchTensors,
): tf.Tensor2D {
  const table = tf.matMul(
    tf.expandDims(weights['sequence.embedding'], 0),
    weights['sequence.lstm.input'] as tf.Tensor3D,
  );
  const inputs = tf.matMul(tf.expandDims(oneHot, 0), tf.add(table, weights['sequence.lstm.bias']));
  const states = lstm(
    tf.reshape(inputs, [1, size, width, 4 * lstmHidden]),
    weights['sequence.lstm.recurrent'] as tf.Tensor3D,
    lengths,
  );
  const isLast = new Float32Array(size * width);
  for (let row = 0; row < size; row++) isLast[row * width + lengths[row] - 1] = 1;
  const last = tf.matMul(
    tf.tensor3d(isLast, [size, 1, width]),
    tf.reshape(states, [size, width, lstmHidden]) as tf.Tensor3D,
  );
  const flat = tf.reshape(last, [size, lstmHidden]) as tf.Tensor2D;
  const hidden = dense(flat, weights['sequence.hidden.weight'], weights['sequence.hidden.bias']);
  return dense(activate(hidden, relu), weights['sequence.output.weight'], weights['sequence.output.bias']);
}
