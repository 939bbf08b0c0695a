import type * as tf from '@tensorflow/tfjs';
import { glorotNormal, glorotUniform, type ParameterSpecs, zeros } from '../../training/initialisers';
import { dense } from '../../training/layers';
import { activate, relu } from '../layers';
import type { Weights } from '../parameters';
import type { ModelSettings } from './config';
import { tokens, values } from './corpus/tokens';
import { lstmParameters, lstms } from './lstm';
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
export function sequenceLogits(weights: Weights, tensors: BatchTensors): tf.Tensor2D {
  const embedding = weights['sequence.embedding'] as tf.Tensor2D;
  const [{ state }] = lstms('sequence.lstm', weights, embedding, tensors);
  const hidden = dense(state, weights['sequence.hidden.weight'], weights['sequence.hidden.bias']);
  return dense(activate(hidden, relu), weights['sequence.output.weight'], weights['sequence.output.bias']);
}
