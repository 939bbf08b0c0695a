import * as tf from '@tensorflow/tfjs';
import { constant, normal, type ParameterSpecs, type Weights, xavierNormal } from '../parameters';
import { edgeLayer, type GraphMatrices, receive } from './graph';

const dimensions = 2;

/** Parameters of the decoder; `presentEdgeScale` multiplies the last weights of the present edges' messages. */
export function decoderParameters(hidden: number, presentEdgeScale: number): ParameterSpecs {
  const deviation = Math.sqrt(1 / hidden);
  const specs: ParameterSpecs = {};
  for (const [type, scale] of [
    ['absent', 1],
    ['present', presentEdgeScale],
  ] as const) {
    specs[`decoder.${type}.sender`] = xavierNormal([dimensions, hidden], 2 * dimensions);
    specs[`decoder.${type}.receiver`] = xavierNormal([dimensions, hidden], 2 * dimensions);
    specs[`decoder.${type}.bias1`] = constant([hidden], 0.1);
    specs[`decoder.${type}.weight2`] = normal([hidden, hidden], scale * deviation);
    specs[`decoder.${type}.bias2`] = constant([hidden], 0.1 * scale);
  }
  specs['decoder.output.position'] = xavierNormal([dimensions, hidden], dimensions + hidden);
  specs['decoder.output.message'] = xavierNormal([hidden, hidden], dimensions + hidden);
  specs['decoder.output.bias1'] = constant([hidden], 0.1);
  specs['decoder.output.weight2'] = xavierNormal([hidden, hidden]);
  specs['decoder.output.bias2'] = constant([hidden], 0.1);
  specs['decoder.output.weight3'] = xavierNormal([hidden, dimensions]);
  specs['decoder.output.bias3'] = constant([dimensions], 0.1);
  return specs;
}

/**
 * Predicts each vertex's next position: messages m1 on present and m0 on absent edges, mixed as X m1 + (1 - X) m0,
 * summed over senders, and an output network whose result is added to the position.
 *
 * @param x positions [vertices x batch x starts, 2], node-major
 * @param edges X on directed edges, [directed edges, batch]
 * @returns [vertices x batch x starts, 2]
 */
export function decodeStep(
  graph: GraphMatrices,
  weights: Weights,
  x: tf.Tensor,
  edges: tf.Tensor,
): tf.Tensor {
  const weight = (name: string) => weights[`decoder.${name}`] as tf.Tensor2D;
  const messages = (type: string) =>
    tf.fused.matMul({
      a: tf.relu(
        edgeLayer(graph, x, weight(`${type}.sender`), weight(`${type}.receiver`), weight(`${type}.bias1`)),
      ) as tf.Tensor2D,
      b: weight(`${type}.weight2`),
      bias: weight(`${type}.bias2`),
      activation: 'relu',
    });
  const absent = messages('absent');
  const hidden = absent.shape[1] as number;
  const perSequence = [edges.size, -1];
  const difference = tf.reshape(tf.sub(messages('present'), absent), perSequence);
  const mixed = tf.add(tf.reshape(absent, perSequence), tf.mul(difference, tf.reshape(edges, [-1, 1])));
  const received = receive(graph, tf.reshape(mixed, [-1, hidden])) as tf.Tensor2D;

  const first = tf.add(
    tf.matMul(x as tf.Tensor2D, weight('output.position')),
    tf.add(tf.matMul(received, weight('output.message')), weight('output.bias1')),
  );
  const second = tf.add(
    tf.matMul(tf.relu(first) as tf.Tensor2D, weight('output.weight2')),
    weight('output.bias2'),
  );
  const change = tf.add(
    tf.matMul(tf.relu(second) as tf.Tensor2D, weight('output.weight3')),
    weight('output.bias3'),
  );
  return tf.add(x, change);
}
