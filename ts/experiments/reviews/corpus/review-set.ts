import { aspects } from './aspects';
import type { Review } from './generator';
import { unknownWord, type Vocabulary } from './vocabulary';

/** Reviews one after another in flat arrays. */
export interface ReviewSet {
  size: number;
  /** Where each review begins in `tokens`, and the end of the last: [size + 1]. */
  offsets: Int32Array;
  /** Indices in the vocabulary. */
  tokens: Int32Array;
  /** [size, aspects]; NaN where it is not known. */
  ratings: Float32Array;
  /** Of each token, bit a is set where it is in a sentence about aspect a; undefined where that is not known. */
  gold?: Uint8Array | undefined;
}

/** A review as it is read: without `spans` nobody has said which sentences are about what. */
export type PlainReview = Omit<Review, 'spans'> & { spans?: Review['spans'] };

/** Reviews in flat arrays, cut to `longest` tokens; words that are not in the vocabulary become the unknown one. */
export function packReviews(
  reviews: readonly PlainReview[],
  vocabulary: Vocabulary,
  longest = Number.POSITIVE_INFINITY,
): ReviewSet {
  const offsets = new Int32Array(reviews.length + 1);
  for (const [i, { tokens }] of reviews.entries())
    offsets[i + 1] = offsets[i] + Math.min(longest, tokens.length);
  const tokens = new Int32Array(offsets[reviews.length]);
  const gold = new Uint8Array(tokens.length);
  const ratings = new Float32Array(reviews.length * aspects.length);
  for (const [i, review] of reviews.entries()) {
    const [begin, end] = [offsets[i], offsets[i + 1]];
    for (let at = begin; at < end; at++)
      tokens[at] = vocabulary.index.get(review.tokens[at - begin]) ?? unknownWord;
    ratings.set(review.ratings, i * aspects.length);
    for (const [aspect, spans] of (review.spans ?? []).entries()) {
      for (const [from, to] of spans) {
        for (let at = begin + from; at < Math.min(end, begin + to); at++) gold[at] |= 1 << aspect;
      }
    }
  }
  const annotated = reviews.every(({ spans }) => spans !== undefined);
  return { size: reviews.length, offsets, tokens, ratings, gold: annotated ? gold : undefined };
}

/** Tokens of a review. */
export function lengthOf({ offsets }: ReviewSet, review: number): number {
  return offsets[review + 1] - offsets[review];
}

/** Of each token of a review, whether it is in a sentence about an aspect; undefined where that is not known. */
export function goldOf(set: ReviewSet, review: number, aspect: number): boolean[] | undefined {
  const bits = set.gold?.subarray(set.offsets[review], set.offsets[review + 1]);
  return bits && Array.from(bits, (bit) => ((bit >> aspect) & 1) === 1);
}

/** The rating of an aspect in a review. */
export function ratingOf({ ratings }: ReviewSet, review: number, aspect: number): number {
  return ratings[review * aspects.length + aspect];
}
