import * as tf from '@tensorflow/tfjs';
import { type ParameterSpec, uniformByInputs } from '../../training/initialisers';
import { dense } from '../../training/layers';
import { activate, denseRelu, relu } from '../layers';
import type { Weights } from '../parameters';
import { edgeLayer, type GraphLayout, receive } from './graph';

const dimensions = 2;

/**
 * Parameters of the decoder, weights and biases uniform by their layer's inputs; `presentEdgeScale` multiplies the last
 * layer of the present edges' messages.
 */
export function decoderParameters(hidden: number, presentEdgeScale: number): Record<string, ParameterSpec> {
  const specs: Record<string, ParameterSpec> = {};
  for (const [type, scale] of [
    ['absent', 1],
    ['present', presentEdgeScale],
  ] as const) {
    specs[`decoder.${type}.sender`] = uniformByInputs([dimensions, hidden], { inputs: 2 * dimensions });
    specs[`decoder.${type}.receiver`] = uniformByInputs([dimensions, hidden], { inputs: 2 * dimensions });
    specs[`decoder.${type}.bias1`] = uniformByInputs([hidden], { inputs: 2 * dimensions });
    specs[`decoder.${type}.weight2`] = uniformByInputs([hidden, hidden], { inputs: hidden, scale });
    specs[`decoder.${type}.bias2`] = uniformByInputs([hidden], { inputs: hidden, scale });
  }
  specs['decoder.output.position'] = uniformByInputs([dimensions, hidden], { inputs: dimensions + hidden });
  specs['decoder.output.message'] = uniformByInputs([hidden, hidden], { inputs: dimensions + hidden });
  specs['decoder.output.bias1'] = uniformByInputs([hidden], { inputs: dimensions + hidden });
  specs['decoder.output.weight2'] = uniformByInputs([hidden, hidden], { inputs: hidden });
  specs['decoder.output.bias2'] = uniformByInputs([hidden], { inputs: hidden });
  specs['decoder.output.weight3'] = uniformByInputs([hidden, dimensions], { inputs: hidden });
  specs['decoder.output.bias3'] = uniformByInputs([dimensions], { inputs: hidden });
  return specs;
}

/**
 * Predicts each vertex's next position: messages m1 on present and m0 on absent edges, mixed as X m1 + (1 - X) m0,
 * summed over senders, and an output network whose result is added to the position.
 *
 * @param x positions [vertices x batch x starts, 2], node-major
 * @param edges X on ordered pairs, [ordered pairs, batch], 0 at (v, v)
 * @returns [vertices x batch x starts, 2]
 */
export function decodeStep(
  graph: GraphLayout,
  weights: Weights,
  x: tf.Tensor2D,
  edges: tf.Tensor2D,
): tf.Tensor2D {
  const weight = (name: string) => weights[`decoder.${name}`] as tf.Tensor2D;
  const hidden = weight('output.message').shape[0];
  const received = (type: string, share: tf.Tensor2D) => {
    const ends = {
      sender: weight(`${type}.sender`),
      receiver: weight(`${type}.receiver`),
      bias: weight(`${type}.bias1`),
    };
    const first = edgeLayer(graph, x, ends, relu);
    const messages = denseRelu(first, weight(`${type}.weight2`), weight(`${type}.bias2`));
    // All frames of a sequence share its graph.
    const sums = receive(graph, tf.reshape(messages, [edges.size, -1]), share);
    return tf.reshape(sums, [-1, hidden]) as tf.Tensor2D;
  };
  const present = received('present', edges);
  const absent = received('absent', tf.sub(graph.distinct, edges));

  const first = tf.add(
    tf.matMul(x, weight('output.position')),
    dense(tf.add(present, absent), weight('output.message'), weight('output.bias1')),
  ) as tf.Tensor2D;
  const second = dense(activate(first, relu), weight('output.weight2'), weight('output.bias2'));
  return tf.add(x, dense(activate(second, relu), weight('output.weight3'), weight('output.bias3')));
}
