import * as tf from '@tensorflow/tfjs';
import type { ParameterSpecs } from '../../training/initialisers';
import { repeatRows } from '../estimators/repeat-rows';
import { TrainingEstimator } from '../estimators/training-estimator';
import type { Weights } from '../parameters';
import type { Batch } from './batches';
import type { ListopsConfig } from './config';
import { arcScores, encoderParameters } from './encoder';
import { type LatentParse, latentParse, type Noise } from './latent-parse';
import { answerLogits, graphParameters } from './message-passing';
import { estimatorOf, type FixedName, isLatent } from './names';
import { sequenceLogits, sequenceParameters } from './sequence-model';
import { type BatchTensors, batchTensors } from './tensors';

/** The parts of a model that are not trained. */
export interface ListopsModel {
  config: ListopsConfig;
  /** The distribution over graphs; undefined where there is none. */
  parse: LatentParse | undefined;
  /** The gradient through drawn graphs, unless they are relaxed; it may learn. */
  estimator: TrainingEstimator | undefined;
}

/** The model of a configuration. */
export function listopsModel(config: ListopsConfig): ListopsModel {
  const { structure, samples, seed } = config;
  if (!isLatent(structure)) return { config, parse: undefined, estimator: undefined };
  const name = estimatorOf(config);
  const estimator = name === 'relaxed' ? undefined : new TrainingEstimator(name, { samples, seed });
  return { config, parse: latentParse(structure), estimator };
}

/** Descriptions of the parameters of a configuration's model. */
export function modelParameters(config: ListopsConfig): ParameterSpecs {
  if (config.structure === 'lstm') return sequenceParameters(config);
  return { ...graphParameters(config), ...(isLatent(config.structure) && encoderParameters(config)) };
}

/** The mean cross-entropy of a batch, with relaxed graphs or through an estimator. */
export function trainingLoss(
  { config, parse, estimator }: ListopsModel,
  weights: Weights,
  batch: Batch,
  { seed, temperature }: { seed: bigint; temperature: number | undefined },
): tf.Scalar {
  const tensors = batchTensors(batch);
  const { lengths, labels } = tensors;
  const mean = (logits: tf.Tensor2D) => tf.mean(crossEntropies(logits, labels)) as tf.Scalar;
  if (config.structure === 'lstm') return mean(sequenceLogits(weights, tensors));
  if (parse === undefined) return mean(answerLogits(config, weights, tensors, givenGraphs(config, batch)));
  const scores = arcScores(config, weights, tensors);
  if (estimator === undefined) {
    const graphs = parse.soft(scores, { seed, lengths, temperature });
    return mean(answerLogits(config, weights, tensors, graphs));
  }
  const loss = (graphs: tf.Tensor3D) => {
    const repeated = repeat(tensors, graphs.shape[0] / tensors.size);
    return crossEntropies(answerLogits(config, weights, repeated, graphs), repeated.labels);
  };
  const draw = { seed, temperature, lengths, inputs: tokenShares(tensors) };
  return tf.mean(parse.estimated(estimator, scores, loss, draw)) as tf.Scalar;
}

/** Logits [expressions, 10] with drawn graphs [expressions, head, modifier], which a sequence model has not. */
export function hardLogits(
  { config, parse }: ListopsModel,
  weights: Weights,
  batch: Batch,
  noise: Noise,
): { logits: tf.Tensor2D; graphs?: tf.Tensor3D } {
  const tensors = batchTensors(batch);
  if (config.structure === 'lstm') return { logits: sequenceLogits(weights, tensors) };
  const graphs =
    parse === undefined
      ? givenGraphs(config, batch)
      : parse.hard(arcScores(config, weights, tensors), { ...noise, lengths: tensors.lengths });
  return { logits: answerLogits(config, weights, tensors, graphs), graphs };
}

/** Cross-entropy of each row. */
function crossEntropies(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D {
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), labels), 1)) as tf.Tensor1D;
}

/** The true parses, or all tokens on the first one. */
function givenGraphs(config: ListopsConfig, { size, width, lengths, heads }: Batch): tf.Tensor3D {
  const structure = config.structure as FixedName;
  const graphs = new Float32Array(size * width * width);
  for (let row = 0; row < size; row++) {
    for (let modifier = 1; modifier < lengths[row]; modifier++) {
      const head = structure === 'gold' ? heads[row * width + modifier] : 0;
      graphs[(row * width + head) * width + modifier] = 1;
    }
  }
  return tf.tensor3d(graphs, [size, width, width]);
}

/** Each expression several times, one after another. */
function repeat({ size, width, oneHot, labels }: BatchTensors, times: number) {
  const rows = (x: tf.Tensor2D): tf.Tensor2D =>
    tf.reshape(repeatRows(tf.reshape(x, [size, -1]), times), [times * x.shape[0], x.shape[1]]);
  return { size: times * size, width, oneHot: rows(oneHot), labels: rows(labels) };
}

/** What a learnt baseline sees of an expression: the share of each kind of token in it, [expressions, tokens]. */
function tokenShares({ size, width, lengths, oneHot }: BatchTensors): tf.Tensor2D {
  const counts = tf.tensor2d(Float32Array.from(lengths), [size, 1]);
  return tf.div(tf.sum(tf.reshape(oneHot, [size, width, -1]), 1), counts) as tf.Tensor2D;
}
