import * as tf from '@tensorflow/tfjs';
import { spanningTree, subset, topK } from '../../index';
import { tensorTrick } from '../../tfjs';
import type { NriStructure } from './config';
import type { GraphMatrices } from './graph';

/** A distribution over graphs, given by the locations theta [batch, dimension] of its utilities. */
export interface LatentGraph {
  /** One utility a directed edge, or one a pair i < j. */
  directed: boolean;
  /** Relaxed sample [batch, dimension], differentiable in theta. */
  soft: (theta: tf.Tensor2D, seed: bigint) => tf.Tensor2D;
  /** Hard sample from the same utilities. */
  hard: (theta: tf.Tensor2D, seed: bigint) => tf.Tensor2D;
  /** Kullback-Leibler divergence of each utility from its prior, location 0, [batch, dimension]; differentiable. */
  divergence: (theta: tf.Tensor2D) => tf.Tensor2D;
}

/** The latent graph of a structure on `vertices` vertices, relaxed at `temperature`. */
export function latentGraph(structure: NriStructure, vertices: number, temperature: number): LatentGraph {
  const pairs = (vertices * (vertices - 1)) / 2;
  const directed = structure === 'independent';
  const trick = tensorTrick(
    structure === 'spanning-tree'
      ? spanningTree({ vertices, temperature })
      : structure === 'top-k'
        ? topK({ elements: pairs, k: vertices - 1, relaxation: 'exponential-family', temperature })
        : subset({ elements: 2 * pairs, temperature }),
  );
  return {
    directed,
    soft: (theta, seed) => trick.softmax(trick.perturb(theta, { seed })) as tf.Tensor2D,
    hard: (theta, seed) => trick.argmax(trick.perturb(theta, { seed })) as tf.Tensor2D,
    divergence: directed ? logisticDivergence : gumbelDivergence,
  };
}

/** Gumbel(u) from Gumbel(0): u + exp(-u) - 1. */
export function gumbelDivergence(theta: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(tf.add(theta, tf.exp(tf.neg(theta))), 1);
}

/** Logistic(u) from Logistic(0): u coth(u / 2) - 2, by its series near 0. */
export const logisticDivergence: (theta: tf.Tensor2D) => tf.Tensor2D = tf.customGrad((theta, save) => {
  const x = theta as tf.Tensor2D;
  (save as tf.GradSaveFunc)([x]);
  return {
    value: mapEntries(x, logisticDivergenceAt),
    gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, mapEntries(saved, logisticDivergenceSlope)),
  };
}) as (theta: tf.Tensor2D) => tf.Tensor2D;

function logisticDivergenceAt(u: number): number {
  return Math.abs(u) < 0.01 ? (u * u) / 6 : u / Math.tanh(u / 2) - 2;
}

function logisticDivergenceSlope(u: number): number {
  if (Math.abs(u) < 0.01) return u / 3;
  // (sinh u - u) / (cosh u - 1), written so that large u does not overflow.
  const decay = Math.exp(-Math.abs(u));
  const slope = (1 - decay * decay - 2 * Math.abs(u) * decay) / (1 - decay) ** 2;
  return Math.sign(u) * slope;
}

function mapEntries(x: tf.Tensor, f: (value: number) => number): tf.Tensor {
  return tf.tensor((x.dataSync() as Float32Array).map(f), x.shape);
}

/** A sample [batch, dimension] as weights of the directed edges, [directed edges, batch]. */
export function edgeWeights(graph: GraphMatrices, sample: tf.Tensor2D, directed: boolean): tf.Tensor2D {
  const byColumn = tf.transpose(sample);
  return directed ? byColumn : tf.matMul(graph.bothDirections, byColumn);
}
