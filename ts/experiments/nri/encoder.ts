import * as tf from '@tensorflow/tfjs';
import { constant, glorotNormal, type ParameterSpec } from '../../training/initialisers';
import { dense } from '../../training/layers';
import { activate, batchNorm, type CountedRows, elu, fixedNorm, type Moments, rowMoments } from '../layers';
import type { Weights } from '../parameters';
import { edgeLayer, type GraphLayout, receive } from './graph';

/** Statistics for batch normalisation. */
export interface NormStatistics {
  /** Statistics to normalise with, by block (evaluation); without them each block uses its own rows' (training). */
  running?: Record<string, Moments>;
  /** Receives each block's statistics over its rows, in training. */
  observe?: (block: string, moments: Moments, rows: number) => void;
}

/** The four blocks: two dense layers with ELU, then batch normalisation. */
export const encoderBlocks = ['node1', 'edge1', 'node2', 'edge2'] as const;

/** Parameters of NRI's MLP encoder for `inputs` features a vertex: Xavier's normal weights, biases 0.1. */
export function encoderParameters(inputs: number, hidden: number): Record<string, ParameterSpec> {
  const specs: Record<string, ParameterSpec> = {};
  const add = (name: string, parts: Record<string, number>) => {
    const total = Object.values(parts).reduce((sum, size) => sum + size, 0);
    for (const [part, size] of Object.entries(parts)) {
      specs[`encoder.${name}.${part}`] = glorotNormal([size, hidden], { inputs: total });
    }
    specs[`encoder.${name}.bias1`] = constant([hidden], 0.1);
    specs[`encoder.${name}.weight2`] = glorotNormal([hidden, hidden]);
    specs[`encoder.${name}.bias2`] = constant([hidden], 0.1);
    specs[`encoder.${name}.scale`] = constant([hidden], 1);
    specs[`encoder.${name}.shift`] = constant([hidden], 0);
  };
  add('node1', { input: inputs });
  add('edge1', { sender: hidden, receiver: hidden });
  add('node2', { input: hidden });
  add('edge2', { sender: hidden, receiver: hidden, skip: hidden });
  specs['encoder.output.weight'] = glorotNormal([hidden, 1]);
  specs['encoder.output.bias'] = constant([1], 0.1);
  return specs;
}

/**
 * Logits from whole trajectories by NRI's MLP encoder: vertices, edges, vertices, edges with a skip connection, one
 * logit a directed edge.
 *
 * @param x [vertices x batch, inputs], node-major
 * @returns [ordered pairs, batch]
 */
export function encode(
  graph: GraphLayout,
  weights: Weights,
  x: tf.Tensor2D,
  { running, observe }: NormStatistics,
): tf.Tensor2D {
  const { vertices } = graph;
  const batch = x.shape[0] / vertices;
  const onVertices: CountedRows = { count: vertices * batch };
  const mask = tf.mul(graph.distinct, tf.ones([1, batch])) as tf.Tensor2D;
  const onEdges: CountedRows = { mask: tf.reshape(mask, [-1, 1]), count: vertices * (vertices - 1) * batch };
  const weight = (name: string) => weights[`encoder.${name}`] as tf.Tensor2D;

  const block = (name: string, first: tf.Tensor2D, rows: CountedRows) => {
    const second = activate(dense(first, weight(`${name}.weight2`), weight(`${name}.bias2`)), elu);
    const scale = weight(`${name}.scale`);
    const shift = weight(`${name}.shift`);
    if (running !== undefined) return fixedNorm(second, running[name], scale, shift);
    const moments = rowMoments(second, rows);
    observe?.(name, moments, rows.count);
    return batchNorm(second, moments, rows, scale, shift);
  };
  const vertexBlock = (name: string, input: tf.Tensor2D) => {
    const first = activate(dense(input, weight(`${name}.input`), weight(`${name}.bias1`)), elu);
    return block(name, first, onVertices);
  };
  const edgeBlock = (name: string, input: tf.Tensor2D, more?: tf.Tensor2D) => {
    const ends = {
      sender: weight(`${name}.sender`),
      receiver: weight(`${name}.receiver`),
      bias: weight(`${name}.bias1`),
    };
    return block(name, edgeLayer(graph, input, ends, elu, more), onEdges);
  };

  const nodes = vertexBlock('node1', x);
  const skip = edgeBlock('edge1', nodes);
  const gathered = tf.div(receive(graph, skip, mask), vertices) as tf.Tensor2D;
  const refined = vertexBlock('node2', gathered);
  const edges = edgeBlock('edge2', refined, tf.matMul(skip, weight('edge2.skip')) as tf.Tensor2D);
  return tf.reshape(dense(edges, weight('output.weight'), weight('output.bias')), [vertices ** 2, batch]);
}
