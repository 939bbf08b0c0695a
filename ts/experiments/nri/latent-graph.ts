import * as tf from '@tensorflow/tfjs';
import { spanningTree, subset, topK } from '../../index';
import { tensorTrick } from '../../tfjs';
import type { Trick } from '../../trick/trick';
import type { NriStructure } from './config';
import type { GraphLayout } from './graph';

/** The noise of a batch: row i of the batch is drawn as row firstRow + i (default firstRow 0) of a seed. */
export interface Noise {
  seed: bigint;
  firstRow?: number;
}

/** A distribution over graphs, given by the locations theta [batch, dimension] of its utilities. */
export interface LatentGraph {
  trick: Trick;
  /** One utility a directed edge, or one a pair i < j. */
  directed: boolean;
  /** Relaxed sample [batch, dimension], differentiable in theta. */
  soft: (theta: tf.Tensor2D, noise: Noise) => tf.Tensor2D;
  /** Hard sample from the same utilities, with the derivative of the relaxed one. */
  straightThrough: (theta: tf.Tensor2D, noise: Noise) => tf.Tensor2D;
  /** Hard sample from the same utilities. */
  hard: (theta: tf.Tensor2D, noise: Noise) => tf.Tensor2D;
  /** Kullback-Leibler divergence of the utilities from their prior, location 0, [batch]; differentiable. */
  kl: (theta: tf.Tensor2D) => tf.Tensor1D;
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
    trick: trick.trick,
    directed,
    soft: (theta, noise) => trick.softmax(trick.perturb(theta, noise)) as tf.Tensor2D,
    straightThrough: (theta, noise) => trick.straightThrough(trick.perturb(theta, noise)) as tf.Tensor2D,
    hard: (theta, noise) => trick.argmax(trick.perturb(theta, noise)) as tf.Tensor2D,
    kl: (theta) => trick.kl(theta) as tf.Tensor1D,
  };
}

/**
 * Locations of the utilities from logits on ordered pairs: each directed edge's own, or the mean of both directions.
 *
 * @param logits [ordered pairs, batch]
 * @returns [batch, dimension]
 */
export function locations(graph: GraphLayout, { directed }: LatentGraph, logits: tf.Tensor2D): tf.Tensor2D {
  const collected = directed
    ? tf.matMul(graph.fromEdges, logits, true)
    : tf.div(tf.matMul(graph.fromPairs, logits, true), 2);
  return tf.transpose(collected) as tf.Tensor2D;
}

/** A sample [batch, dimension] on ordered pairs, [ordered pairs, batch], 0 at (v, v). */
export function onOrderedPairs(
  graph: GraphLayout,
  { directed }: LatentGraph,
  sample: tf.Tensor2D,
): tf.Tensor2D {
  return tf.matMul(directed ? graph.fromEdges : graph.fromPairs, sample, false, true);
}
