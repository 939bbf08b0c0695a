import * as tf from '@tensorflow/tfjs';
import { batchNorm, elu, fixedNorm, type Moments, rowMoments } from '../layers';
import { constant, type ParameterSpecs, type Weights, xavierNormal } from '../parameters';
import { edgeLayer, type GraphMatrices, receive } from './graph';

/** Statistics for batch normalisation. */
export interface NormStatistics {
  /** Statistics to normalise with, by block (evaluation); without them each block uses its own rows' (training). */
  running?: Record<string, Moments>;
  /** Receives each block's statistics over its rows, in training. */
  observe?: (block: string, moments: Moments, rows: number) => void;
}

/** The four blocks: two dense layers with ELU, then batch normalisation. */
export const encoderBlocks = ['node1', 'edge1', 'node2', 'edge2'] as const;

/** Parameters of NRI's MLP encoder for `inputs` features a vertex. */
export function encoderParameters(inputs: number, hidden: number): ParameterSpecs {
  const specs: ParameterSpecs = {};
  const add = (name: string, parts: Record<string, number>) => {
    const total = Object.values(parts).reduce((sum, size) => sum + size, 0);
    for (const [part, size] of Object.entries(parts)) {
      specs[`encoder.${name}.${part}`] = xavierNormal([size, hidden], total);
    }
    specs[`encoder.${name}.bias1`] = constant([hidden], 0.1);
    specs[`encoder.${name}.weight2`] = xavierNormal([hidden, hidden]);
    specs[`encoder.${name}.bias2`] = constant([hidden], 0.1);
    specs[`encoder.${name}.scale`] = constant([hidden], 1);
    specs[`encoder.${name}.shift`] = constant([hidden], 0);
  };
  add('node1', { input: inputs });
  add('edge1', { sender: hidden, receiver: hidden });
  add('node2', { input: hidden });
  add('edge2', { sender: hidden, receiver: hidden, skip: hidden });
  specs['encoder.output.weight'] = xavierNormal([hidden, 1]);
  specs['encoder.output.bias'] = constant([1], 0.1);
  return specs;
}

/**
 * Edge utilities' locations from whole trajectories, by NRI's MLP encoder: vertices, edges, vertices, edges with a
 * skip connection, one logit a directed edge.
 *
 * @param x [vertices x batch, inputs], node-major
 * @returns [batch, directed edges], or if `symmetric` the mean of both directions [batch, pairs]
 */
export function encode(
  graph: GraphMatrices,
  weights: Weights,
  x: tf.Tensor,
  options: { symmetric: boolean } & NormStatistics,
): tf.Tensor2D {
  const { symmetric, running, observe } = options;
  const weight = (name: string) => weights[`encoder.${name}`] as tf.Tensor2D;
  const block = (name: string, first: tf.Tensor) => {
    const hidden = elu(first);
    const second = elu(
      tf.add(tf.matMul(hidden as tf.Tensor2D, weight(`${name}.weight2`)), weight(`${name}.bias2`)),
    );
    const scale = weight(`${name}.scale`);
    const shift = weight(`${name}.shift`);
    if (running !== undefined) return fixedNorm(second, running[name], scale, shift);
    const moments = rowMoments(second);
    observe?.(name, moments, second.shape[0] as number);
    return batchNorm(second, moments, scale, shift);
  };
  const onVertices = (name: string, input: tf.Tensor) =>
    tf.add(tf.matMul(input as tf.Tensor2D, weight(`${name}.input`)), weight(`${name}.bias1`));
  const onEdges = (name: string, input: tf.Tensor) =>
    edgeLayer(graph, input, weight(`${name}.sender`), weight(`${name}.receiver`), weight(`${name}.bias1`));

  const nodes = block('node1', onVertices('node1', x));
  const skip = block('edge1', onEdges('edge1', nodes));
  const gathered = tf.div(receive(graph, skip), graph.vertices);
  const refined = block('node2', onVertices('node2', gathered));
  const joined = tf.add(onEdges('edge2', refined), tf.matMul(skip as tf.Tensor2D, weight('edge2.skip')));
  const edges = block('edge2', joined);
  const logits = tf.add(tf.matMul(edges as tf.Tensor2D, weight('output.weight')), weight('output.bias'));
  const byEdge = tf.reshape(logits, [graph.senders.length, -1]) as tf.Tensor2D;
  return tf.transpose(symmetric ? tf.matMul(graph.symmetric, byEdge) : byEdge) as tf.Tensor2D;
}
