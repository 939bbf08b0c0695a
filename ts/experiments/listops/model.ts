import * as tf from '@tensorflow/tfjs';
import type { ParameterSpecs } from '../../training/initialisers';
import type { Weights } from '../parameters';
import type { Batch } from './batches';
import type { ListopsConfig } from './config';
import { arcScores, encoderParameters } from './encoder';
import { type LatentParse, latentParse, type Noise } from './latent-parse';
import { answerLogits, graphParameters } from './message-passing';
import { type FixedName, isLatent, isRelaxed } from './names';
import { sequenceLogits, sequenceParameters } from './sequence-model';
import { type BatchTensors, batchTensors } from './tensors';

/** The parts of a model that are not trained. */
export interface ListopsModel {
  config: ListopsConfig;
  /** The distribution over graphs; undefined where there is none. */
  parse: LatentParse | undefined;
}

/** The model of a configuration. */
export function listopsModel(config: ListopsConfig): ListopsModel {
  const { structure } = config;
  return { config, parse: isLatent(structure) ? latentParse(structure) : undefined };
}

/** Descriptions of the parameters of a configuration's model. */
export function modelParameters(config: ListopsConfig): ParameterSpecs {
  if (config.structure === 'lstm') return sequenceParameters(config);
  return { ...graphParameters(config), ...(isLatent(config.structure) && encoderParameters(config)) };
}

/** The mean cross-entropy of a batch, with relaxed graphs or with the score function of drawn ones. */
export function trainingLoss(
  { config, parse }: ListopsModel,
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
  if (isRelaxed(config.structure)) {
    const graphs = parse.soft(scores, { seed, lengths, temperature });
    return mean(answerLogits(config, weights, tensors, graphs));
  }
  const { samples } = config;
  const repeated = repeat(tensors, samples);
  const loss = (graphs: tf.Tensor3D) =>
    crossEntropies(answerLogits(config, weights, repeated, graphs), repeated.labels);
  return tf.mean(parse.scored(scores, loss, { seed, samples, lengths })) as tf.Scalar;
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
    tf.reshape(tf.tile(tf.reshape(x, [size, 1, -1]), [1, times, 1]), [times * x.shape[0], x.shape[1]]);
  return { size: times * size, width, oneHot: rows(oneHot), labels: rows(labels) };
}
