import * as tf from '@tensorflow/tfjs';
import { constant, glorotUniform, type ParameterSpecs, zeros } from '../../training/initialisers';
import { repeatRows } from '../estimators/repeat-rows';
import type { TrainingEstimator } from '../estimators/training-estimator';
import { activate, relu } from '../layers';
import type { Weights } from '../parameters';
import type { Batch } from './batches';
import type { Choice } from './choice';
import type { ReviewsConfig } from './config';

/** Words that a convolution sees. */
const window = 3;

const layersOf = { simple: 1, complex: 3 } as const;

/** What the model's sizes depend on. */
export type ModelSettings = Pick<
  ReviewsConfig,
  'model' | 'k' | 'selectorFilters' | 'predictorFilters' | 'pooling' | 'scoreScale' | 'pairBias' | 'dropout'
>;

/** A model with its weights. */
export interface ReviewsModel {
  config: ReviewsConfig;
  choice: Choice;
  /** Vectors of all words, [words, dimension]; the first, of the padding, is 0. */
  vectors: tf.Tensor2D;
  weights: Weights;
}

/** Parameters of predictor and selector; those of the selector come last. */
export function modelParameters(settings: ModelSettings, dimension: number, pairs: boolean): ParameterSpecs {
  const { model, selectorFilters, predictorFilters, scoreScale, pairBias } = settings;
  const convolution = (name: string, inputs: number, filters: number): ParameterSpecs => ({
    [`${name}.weight`]: glorotUniform([window, inputs, filters]),
    [`${name}.bias`]: zeros([filters]),
  });
  const layers = Array.from({ length: layersOf[model] }, (_, i) =>
    convolution(selectorLayer(i), i === 0 ? dimension : selectorFilters, selectorFilters),
  );
  return {
    ...convolution('predictor.convolution', dimension, predictorFilters),
    'predictor.output.weight': glorotUniform([predictorFilters, 1]),
    'predictor.output.bias': zeros([1]),
    ...Object.assign({}, ...layers),
    'selector.score.weight': glorotUniform([selectorFilters, 1], { scale: scoreScale }),
    'selector.score.bias': zeros([1]),
    ...(pairs && {
      'selector.pair.weight': glorotUniform([2 * selectorFilters, 1], { scale: scoreScale }),
      'selector.pair.bias': constant([1], pairBias),
    }),
  };
}

/** Whether a parameter is the selector's. */
export function isSelector(name: string): boolean {
  return name.startsWith('selector.');
}

function selectorLayer(index: number): string {
  return `selector.convolution${index + 1}`;
}

/** A batch as tensors. */
export interface BatchTensors {
  /** Word vectors [reviews, width + 2, dimension]; 0 for padding. */
  embedded: tf.Tensor3D;
  /** [reviews, width, 1] */
  present: tf.Tensor3D;
  ratings: tf.Tensor1D;
}

/** Looks words up in vectors [words, dimension], whose first is the padding's. */
export function embed(
  vectors: tf.Tensor2D,
  { width, lengths, tokens, present, ratings }: Batch,
): BatchTensors {
  const reviews = lengths.length;
  const indices = tf.tensor1d(tokens, 'int32');
  const rows = tf.gather(vectors, indices);
  return {
    embedded: tf.reshape(rows, [reviews, width + 2, vectors.shape[1]]),
    present: tf.tensor3d(present, [reviews, width, 1]),
    ratings: tf.tensor1d(ratings),
  };
}

/**
 * Scores of the words [reviews, width], or of the words and then of the neighbouring pairs [reviews, 2 width - 1]: one
 * or three convolutions with rectifiers, and a linear map of the features of a word, or of both words of a pair.
 */
export function scoresOf(
  settings: ModelSettings,
  weights: Weights,
  { embedded, present }: BatchTensors,
  dropoutSeed?: string,
): tf.Tensor2D {
  const { model, dropout } = settings;
  const dropped = dropout > 0 && dropoutSeed !== undefined;
  let features: tf.Tensor3D = dropped
    ? (tf.dropout(embedded, dropout, undefined, dropoutSeed) as tf.Tensor3D)
    : embedded;
  for (let i = 0; i < layersOf[model]; i++) {
    if (i > 0) features = pad(tf.mul(features, present));
    features = convolve(features, weights, selectorLayer(i));
  }
  const [reviews, width, filters] = features.shape;
  const score = weights['selector.score.weight'] as tf.Tensor2D;
  const pair = weights['selector.pair.weight'] as tf.Tensor2D | undefined;
  const maps = pair === undefined ? score : tf.concat([score, tf.reshape(pair, [2, filters]).transpose()], 1);
  const mapped = tf.reshape(tf.matMul(tf.reshape(features, [-1, filters]), maps as tf.Tensor2D), [
    reviews,
    width,
    -1,
  ]);
  const column = (index: number, begin: number, size: number) =>
    tf.reshape(tf.slice(mapped, [0, begin, index], [reviews, size, 1]), [reviews, size]);
  const words = tf.add(column(0, 0, width), weights['selector.score.bias']);
  if (pair === undefined) return words as tf.Tensor2D;
  const sum = tf.add(column(1, 0, width - 1), column(2, 1, width - 1));
  return tf.concat([words, tf.add(sum, weights['selector.pair.bias'])], 1) as tf.Tensor2D;
}

/**
 * The rating [reviews] that the predictor tells from chosen words [reviews, width]: their vectors times the choice, a
 * convolution with rectifiers, its features summed over the review and divided by k (or their largest), a linear map, a
 * sigmoid.
 */
export function predict(
  { k, pooling }: ModelSettings,
  weights: Weights,
  { embedded, present }: BatchTensors,
  chosen: tf.Tensor2D,
): tf.Tensor1D {
  const mask = pad(tf.expandDims(chosen, 2) as tf.Tensor3D);
  const features = tf.mul(convolve(tf.mul(embedded, mask), weights, 'predictor.convolution'), present);
  // Rectified features are at least 0, so padding is never the largest alone.
  const pooled = pooling === 'sum' ? tf.div(tf.sum(features, 1), k) : tf.max(features, 1);
  const output = tf.matMul(pooled as tf.Tensor2D, weights['predictor.output.weight'] as tf.Tensor2D);
  return tf.reshape(tf.sigmoid(tf.add(output, weights['predictor.output.bias'])), [-1]);
}

/**
 * The mean squared error of the ratings that a model tells in training: from relaxed choices, one draw for each review, or
 * from those that an estimator draws.
 */
export function trainingError(
  { config, choice, vectors, weights }: ReviewsModel,
  batch: Batch,
  { dropoutSeed, ...draw }: { seed: bigint; temperature: number; dropoutSeed?: string },
  estimator?: TrainingEstimator,
): tf.Scalar {
  const input = embed(vectors, batch);
  const scores = scoresOf(config, weights, input, dropoutSeed);
  const { lengths } = batch;
  if (estimator === undefined) {
    const chosen = choice.soft(scores, { ...draw, lengths });
    return tf.mean(squaredErrors(config, weights, input, chosen)) as tf.Scalar;
  }
  const loss = (chosen: tf.Tensor2D) => {
    const repeated = repeat(input, chosen.shape[0] / lengths.length);
    return squaredErrors(config, weights, repeated, chosen);
  };
  const inputs = meanVectors(input, lengths);
  return tf.mean(choice.estimated(estimator, scores, loss, { ...draw, lengths, inputs })) as tf.Scalar;
}

/** The squared error of the rating that the predictor tells of each review. */
function squaredErrors(
  config: ModelSettings,
  weights: Weights,
  input: BatchTensors,
  chosen: tf.Tensor2D,
): tf.Tensor1D {
  return tf.square(tf.sub(predict(config, weights, input, chosen), input.ratings)) as tf.Tensor1D;
}

/** Each review several times, one after another. */
function repeat({ embedded, present, ratings }: BatchTensors, times: number): BatchTensors {
  return {
    embedded: repeatRows(embedded, times),
    present: repeatRows(present, times),
    ratings: repeatRows(ratings, times),
  };
}

/** What a learnt baseline sees of a review: the mean of its word vectors, [reviews, dimension]. */
function meanVectors({ embedded }: BatchTensors, lengths: Uint32Array): tf.Tensor2D {
  const counts = tf.tensor2d(Float32Array.from(lengths), [lengths.length, 1]);
  return tf.div(tf.sum(embedded, 1), counts) as tf.Tensor2D;
}

/** A row of zeros on either side. */
function pad(x: tf.Tensor3D): tf.Tensor3D {
  return tf.pad(x, [
    [0, 0],
    [1, 1],
    [0, 0],
  ]);
}

/** Convolution of three words with rectifiers, [reviews, width + 2, inputs] to [reviews, width, filters]. */
function convolve(x: tf.Tensor3D, weights: Weights, name: string): tf.Tensor3D {
  const sum = tf.conv1d(x, weights[`${name}.weight`] as tf.Tensor3D, 1, 'valid');
  return activate(tf.add(sum, weights[`${name}.bias`]) as never, relu) as unknown as tf.Tensor3D;
}
