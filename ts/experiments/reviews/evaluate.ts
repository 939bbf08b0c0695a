import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../training/random';
import type { Metrics, Watch } from '../harness/experiment';
import { arrangeBatch, byLength } from './batches';
import { aspects } from './corpus/aspects';
import { goldOf, lengthOf, type ReviewSet, ratingOf } from './corpus/review-set';
import { countChoice, Mean } from './metrics';
import { embed, predict, type ReviewsModel, scoresOf } from './model';

/** What a model makes of a review. */
export interface Reading {
  review: number;
  /** The words that a random draw chooses, and those of the best scores. */
  chosen: boolean[];
  best: boolean[];
  /** The rating told from the drawn words. */
  prediction: number;
}

/** Reads reviews that are given in a fixed order: the noise of each depends on the seed and its place. */
export function readReviewsBatch(
  { config, choice, vectors, weights }: ReviewsModel,
  set: ReviewSet,
  reviews: ArrayLike<number>,
  draw: { seed: bigint; firstRow: number },
): Reading[] {
  const batch = arrangeBatch(set, reviews, aspects.indexOf(config.aspect));
  const { lengths, width } = batch;
  const read = tf.tidy(() => {
    const tensors = embed(vectors, batch);
    const scores = scoresOf(config, weights, tensors);
    const hard = choice.hard(scores, { ...draw, lengths });
    return [hard, choice.best(scores, { lengths }), predict(config, weights, tensors, hard)];
  });
  const [chosen, best, predictions] = read.map((tensor) => tensor.dataSync());
  tf.dispose(read);
  return Array.from(reviews, (review, row) => {
    const words = (values: ArrayLike<number>) =>
      Array.from({ length: lengths[row] }, (_, i) => values[row * width + i] === 1);
    return { review, chosen: words(chosen), best: words(best), prediction: predictions[row] };
  });
}

/**
 * Numbers of a model on a set: the mean squared error of the ratings it tells, and against the annotations, over reviews
 * that have a sentence about the aspect, the share of the chosen words in such sentences (precision; of a random draw, and
 * of the best scores), the number of stretches without a gap and of words chosen. What there is no truth about is left out.
 */
export async function evaluate(
  model: ReviewsModel,
  set: ReviewSet,
  name: string,
  { signal, onProgress }: Watch = {},
): Promise<Metrics | undefined> {
  const { config } = model;
  const aspect = aspects.indexOf(config.aspect);
  const seed = deriveSeed(config.seed, 'evaluation', name);
  const order = byLength(set);
  const means = {
    mse: new Mean(),
    precision: new Mean(),
    precisionOfBest: new Mean(),
    runs: new Mean(),
    chosen: new Mean(),
  };
  for (let firstRow = 0; firstRow < order.length; firstRow += config.evaluationBatch) {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) return undefined;
    const reviews = order.subarray(firstRow, firstRow + config.evaluationBatch);
    for (const { review, chosen, best, prediction } of readReviewsBatch(model, set, reviews, {
      seed,
      firstRow,
    })) {
      const rating = ratingOf(set, review, aspect);
      if (!Number.isNaN(rating)) means.mse.add((prediction - rating) ** 2);
      const gold = goldOf(set, review, aspect);
      if (gold === undefined || !gold.includes(true)) continue;
      const drawn = countChoice(chosen, gold);
      const ranked = countChoice(best, gold);
      means.precision.add(drawn.right / drawn.chosen);
      means.precisionOfBest.add(ranked.right / ranked.chosen);
      means.runs.add(drawn.runs);
      means.chosen.add(drawn.chosen);
    }
    onProgress?.(firstRow + reviews.length, set.size);
  }
  return present(means);
}

/** What needs no training: the mean rating of the training set told of each review, and words drawn at random. */
export function evaluateConstant(train: ReviewSet, set: ReviewSet, aspect: number): Metrics {
  const mean = new Mean();
  for (let i = 0; i < train.size; i++) mean.add(ratingOf(train, i, aspect));
  const mse = new Mean();
  const precision = new Mean();
  for (let i = 0; i < set.size; i++) {
    const rating = ratingOf(set, i, aspect);
    if (!Number.isNaN(rating)) mse.add((mean.value - rating) ** 2);
    const gold = goldOf(set, i, aspect);
    if (gold?.includes(true)) precision.add(gold.filter(Boolean).length / lengthOf(set, i));
  }
  return present({ mse, precision });
}

function present(means: Record<string, Mean>): Metrics {
  return Object.fromEntries(
    Object.entries(means).flatMap(([key, mean]) => (mean.count === 0 ? [] : [[key, mean.value]])),
  );
}
