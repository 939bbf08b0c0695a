import * as tf from '@tensorflow/tfjs';
import type { TensorEstimator } from '../../tfjs';
import { repeatRows } from '../estimators/repeat-rows';
import type { Moments } from '../layers';
import { Parameters, type Weights } from '../parameters';
import type { Batch, BatchShape } from './batches';
import type { NriConfig } from './config';
import { decoderParameters, decodeStep } from './decoder';
import { encode, encoderParameters, type NormStatistics } from './encoder';
import { type GraphLayout, graphLayout } from './graph';
import { type LatentGraph, latentGraph, locations, type Noise, onOrderedPairs } from './latent-graph';

/** The parts of a model that are not trained. */
export interface NriModel {
  graph: GraphLayout;
  latent: LatentGraph;
  variance: number;
}

/** The model of a configuration; its matrices live as long as the process. */
export function nriModel(config: NriConfig): NriModel {
  return {
    graph: graphLayout(config.vertices),
    latent: latentGraph(config.structure, config.vertices, config.temperature),
    variance: config.variance,
  };
}

/** Initial parameters of encoder and decoder. */
export function nriParameters(config: NriConfig): Parameters {
  const { timesteps, encoderHidden, decoderHidden, presentEdgeScale, seed } = config;
  const specs = {
    ...encoderParameters(2 * timesteps, encoderHidden),
    ...decoderParameters(decoderHidden, presentEdgeScale),
  };
  return new Parameters(specs, seed);
}

/** A model's trained arrays as tensors, for evaluation. */
export type Trained = {
  weights: Weights;
  running: Record<string, Moments>;
};

/**
 * How {@link forward} draws graphs: by the latent graph itself, or through an estimator of the gradient, which may be shown
 * what is observed of each sequence.
 */
export type Sampling =
  | { kind: 'soft' | 'straightThrough' | 'hard'; noise: Noise }
  | {
      kind: 'estimator';
      estimator: TensorEstimator;
      seed: bigint;
      samples: number | undefined;
      observed: boolean;
    };

/** What {@link forward} computes; nll and kl are per vertex, averaged over the batch. */
export interface Forward {
  theta: tf.Tensor2D;
  /** The sample that was decoded, [batch, dimension of the latent graph]; [batch, samples, dimension] of several. */
  sample: tf.Tensor;
  nll: tf.Scalar;
  kl: tf.Scalar;
}

/**
 * Encodes trajectories, samples graphs, predicts frames: nll = |x - prediction|^2 / (2 variance n) summed over
 * frames, without the constant, and kl = the utilities' divergence / n, each utility counted once.
 *
 * @param sampling relaxed samples or an estimator for training, hard samples for evaluation
 * @param statistics running statistics for evaluation, or an observer of the batch's own statistics for training
 */
export function forward(
  model: NriModel,
  weights: Weights,
  batch: Batch,
  shape: BatchShape,
  sampling: Sampling,
  statistics: NormStatistics,
): Forward {
  const { graph, latent, variance } = model;
  const { vertices, timesteps } = shape;
  const sequences = batch.trajectories.length / (vertices * timesteps * 2);
  const trajectories = tf.tensor2d(batch.trajectories, [vertices * sequences, 2 * timesteps]);
  const theta = locations(graph, latent, encode(graph, weights, trajectories, statistics));
  const scale = 1 / (vertices * sequences);
  const kl = tf.mul(tf.sum(latent.kl(theta)), scale) as tf.Scalar;
  if (sampling.kind === 'estimator') {
    // Of each sequence by itself: a score weighs what its own graph has cost.
    const loss = (graphs: tf.Tensor2D) =>
      tf.div(
        squaredErrors(model, weights, batch, graphs, bySequence(vertices, graphs.shape[0])),
        2 * variance * vertices,
      );
    const { loss: losses, samples } = sampling.estimator.estimate(theta, loss, {
      seed: sampling.seed,
      samples: sampling.samples,
      // For a baseline that learns from them: a row for each sequence.
      ...(sampling.observed && {
        inputs: tf.transpose(tf.reshape(trajectories, [vertices, sequences, -1]), [1, 0, 2]),
      }),
    });
    return { theta, sample: samples, nll: tf.mean(losses), kl };
  }
  const sample = latent[sampling.kind](theta, sampling.noise);
  const squares = squaredErrors(model, weights, batch, sample, tf.sum);
  return { theta, sample, nll: tf.mul(squares, scale / (2 * variance)) as tf.Scalar, kl };
}

/** Sums the squares of node-major errors [vertices x sequences x frames, 2] for each sequence. */
function bySequence(vertices: number, sequences: number): (squares: tf.Tensor) => tf.Tensor {
  return (squares) => tf.sum(tf.reshape(squares, [vertices, sequences, -1]), [0, 2]);
}

/**
 * The squared errors of the predictions with given graphs [batch x times, dimension], those of a sequence next to one another,
 * added up by `sum` frame by frame.
 */
function squaredErrors(
  { graph, latent }: NriModel,
  weights: Weights,
  batch: Batch,
  sample: tf.Tensor2D,
  sum: (squares: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const edges = onOrderedPairs(graph, latent, sample);
  const rows = batch.starts.length / 2;
  const starts = batch.present[0].length;
  const times = (sample.shape[0] * graph.vertices * starts) / rows;
  /** Positions [vertices x sequences x starts, 2], the starts of a sequence for each of its graphs. */
  const repeated = (numbers: Float32Array): tf.Tensor2D =>
    tf.reshape(repeatRows(tf.tensor2d(numbers, [rows / starts, 2 * starts]), times), [times * rows, 2]);
  let positions = repeated(batch.starts);
  let squares: tf.Tensor = tf.scalar(0);
  for (const [ahead, target] of batch.targets.entries()) {
    const from = positions;
    // What the gradient does not keep is freed after each step: rollouts on the published sizes are large.
    positions = tf.tidy(() => decodeStep(graph, weights, from, edges));
    let error: tf.Tensor = tf.sub(positions, repeated(target));
    const present = batch.present[ahead];
    if (present.includes(0)) {
      const mask = tf.tensor3d(present, [1, present.length, 1]);
      error = tf.mul(tf.reshape(error, [-1, present.length, 2]), mask);
    }
    squares = tf.add(squares, sum(tf.square(error)));
  }
  return squares;
}
