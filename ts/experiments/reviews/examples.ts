import { deriveSeed } from '../../training/random';
import { aspects } from './corpus/aspects';
import type { ReviewsData } from './corpus/data';
import { goldOf, lengthOf, ratingOf } from './corpus/review-set';
import { readReviewsBatch } from './evaluate';
import type { ReviewsModel } from './model';

/** A test review with the words that a model chose, for result.json. */
export interface ReviewsExample {
  tokens: string[];
  /** Tokens of sentences about the aspect, as indices. */
  gold: number[];
  /** Chosen tokens, as indices. */
  chosen: number[];
  rating: number;
  prediction: number;
}

const count = 4;
/** Tokens of the reviews that are shown: long enough to have something to choose from, and short enough to read. */
const [shortest, longest] = [45, 75];

/** What a model makes of the first reviews of middle length that have a sentence about the aspect, one draw of each. */
export function readExamples(model: ReviewsModel, data: ReviewsData): ReviewsExample[] {
  const set = data.annotated ?? data.test;
  const { aspect: name, seed } = model.config;
  const aspect = aspects.indexOf(name);
  const shown = Array.from({ length: set.size }, (_, review) => review)
    .filter((review) => lengthOf(set, review) >= shortest && lengthOf(set, review) <= longest)
    .filter((review) => goldOf(set, review, aspect)?.includes(true) ?? true)
    .slice(0, count);
  const draw = { seed: deriveSeed(seed, 'evaluation', 'examples'), firstRow: 0 };
  return readReviewsBatch(model, set, shown, draw).map(({ review, chosen, prediction }) => ({
    tokens: Array.from(
      set.tokens.subarray(set.offsets[review], set.offsets[review + 1]),
      (token) => data.vocabulary.words[token],
    ),
    gold: indices(goldOf(set, review, aspect) ?? []),
    chosen: indices(chosen),
    rating: ratingOf(set, review, aspect),
    prediction,
  }));
}

function indices(flags: readonly boolean[]): number[] {
  return flags.flatMap((flag, i) => (flag ? [i] : []));
}
