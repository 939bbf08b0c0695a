import * as tf from '@tensorflow/tfjs';
import { glorotNormal, glorotUniform, ones, type ParameterSpecs, zeros } from '../../training/initialisers';
import { dense, layerNorm } from '../../training/layers';
import { activate, relu } from '../layers';
import type { Weights } from '../parameters';
import type { ModelSettings } from './config';
import { firstDigit, tokens, values } from './corpus/tokens';
import type { BatchTensors } from './tensors';

/** Parameters of the graph network. */
export function graphParameters({ embedding, updateHidden }: ModelSettings): ParameterSpecs {
  return {
    'graph.embedding': glorotNormal([tokens.length, embedding]),
    'graph.message.weight': glorotUniform([embedding, embedding]),
    'graph.message.bias': zeros([embedding]),
    'graph.update.token': glorotUniform([embedding, updateHidden], { inputs: 2 * embedding }),
    'graph.update.messages': glorotUniform([embedding, updateHidden], { inputs: 2 * embedding }),
    'graph.update.bias': zeros([updateHidden]),
    'graph.update.output': glorotUniform([updateHidden, embedding]),
    'graph.update.outputBias': zeros([embedding]),
    'graph.norm.scale': ones([embedding]),
    'graph.norm.shift': zeros([embedding]),
    'graph.answer.scale': ones([1]),
    'graph.answer.bias': zeros([values]),
  };
}

/**
 * Logits of the ten values, [expressions, 10], from messages along the arcs of graphs: with
 *
 *     f(e, m) = LN(e + U2 relu(U1 e + V1 m + u1) + u2),
 *
 * h = f(e, 0), and in each round, with the same weights, m_i = sum_j X_ij relu(M h_j + c) and h_i = f(e_i, m_i). The state of
 * the first token is compared with what digits look like: logit_k = s <h_0, f(E_k, 0)> / sqrt(features) + o_k.
 *
 * @param graphs X, [expressions, head, modifier], 0 at padding
 */
export function answerLogits(
  { embedding, rounds }: ModelSettings,
  weights: Weights,
  { size, width, oneHot }: Pick<BatchTensors, 'size' | 'width' | 'oneHot'>,
  graphs: tf.Tensor3D,
): tf.Tensor2D {
  const weight = (name: string) => weights[`graph.${name}`] as tf.Tensor2D;
  const updated = (e: tf.Tensor2D, sum: tf.Tensor2D) => {
    const change = dense(activate(sum, relu), weight('update.output'), weight('update.outputBias'));
    return layerNorm(tf.add(e, change) as tf.Tensor2D, weight('norm.scale'), weight('norm.shift'));
  };
  // Without messages all is a matter of the kind of token: looked up in tables of few rows.
  const kinds = weight('embedding');
  const sums = dense(kinds, weight('update.token'), weight('update.bias'));
  const alone = updated(kinds, sums);
  const e = tf.matMul(oneHot, kinds) as tf.Tensor2D;
  const own = tf.matMul(oneHot, sums) as tf.Tensor2D;
  let h: tf.Tensor2D = tf.matMul(oneHot, alone);
  for (let round = 0; round < rounds; round++) {
    const messages = activate(dense(h, weight('message.weight'), weight('message.bias')), relu);
    const sent = tf.reshape(messages, [size, width, embedding]) as tf.Tensor3D;
    const received = tf.matMul(graphs, sent);
    const flat = tf.reshape(received, [size * width, embedding]) as tf.Tensor2D;
    h = updated(e, tf.add<tf.Tensor2D>(own, tf.matMul(flat, weight('update.messages'))) as tf.Tensor2D);
  }
  const first = tf.slice(tf.reshape(h, [size, width, embedding]), [0, 0, 0], [size, 1, embedding]);
  const digits = tf.slice(alone, [firstDigit, 0], [values, embedding]);
  const products = tf.matMul(tf.reshape(first, [size, embedding]) as tf.Tensor2D, digits, false, true);
  const scale = tf.div(weight('answer.scale'), Math.sqrt(embedding));
  return tf.add(tf.mul(products, scale), weight('answer.bias')) as tf.Tensor2D;
}
