import * as tf from '@tensorflow/tfjs';
import { glorotNormal, glorotUniform, type ParameterSpecs, zeros } from '../../training/initialisers';
import { dense } from '../../training/layers';
import type { Weights } from '../parameters';
import type { ModelSettings } from './config';
import { tokens } from './corpus/tokens';
import { lstmParameters, lstms } from './lstm';
import type { BatchTensors } from './tensors';

/** Parameters of the encoder. */
export function encoderParameters({ embedding, encoderHidden, arcHidden }: ModelSettings): ParameterSpecs {
  return {
    'encoder.embedding': glorotNormal([tokens.length, embedding]),
    ...lstmParameters('encoder.lstm', { directions: 2, inputs: embedding, hidden: encoderHidden }),
    'encoder.head.weight': glorotUniform([2 * encoderHidden, arcHidden]),
    'encoder.head.bias': zeros([arcHidden]),
    'encoder.modifier.weight': glorotUniform([2 * encoderHidden, arcHidden]),
    'encoder.modifier.bias': zeros([arcHidden]),
    'encoder.bias': zeros([1]),
  };
}

/** Whether a parameter is the encoder's. */
export function isEncoder(name: string): boolean {
  return name.startsWith('encoder.');
}

/**
 * Scores of all arcs, [expressions, head, modifier]: an LSTM in either direction, maps of both states to a head and a modifier, and scale <head, modifier> + b.
 */
export function arcScores(
  { encoderHidden, arcHidden, scoreScale }: ModelSettings,
  weights: Weights,
  tensors: BatchTensors,
): tf.Tensor3D {
  const { size, width } = tensors;
  const directions = lstms('encoder.lstm', weights, weights['encoder.embedding'] as tf.Tensor2D, tensors);
  const both = tf.concat(
    directions.map(({ states }) => states),
    2,
  );
  const flat = tf.reshape(both, [size * width, 2 * encoderHidden]);
  const part = (name: string) =>
    tf.reshape(dense(flat, weights[`encoder.${name}.weight`], weights[`encoder.${name}.bias`]), [
      size,
      width,
      arcHidden,
    ]);
  const products = tf.matMul(part('head'), part('modifier'), false, true);
  return tf.add(tf.mul(products, scoreScale), weights['encoder.bias']) as tf.Tensor3D;
}
