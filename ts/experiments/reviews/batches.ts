import { RandomStream } from '../../training/random';
import { lengthOf, type ReviewSet, ratingOf } from './corpus/review-set';
import { padding } from './corpus/vocabulary';

/** Widths are multiples of this, so that there are few. */
const step = 16;
/** Batches whose reviews are sorted by length together. */
const neighbourhood = 20;

/** Reviews beside one another, padded. */
export interface Batch {
  /** Tokens of a padded review, a multiple of 16. */
  width: number;
  lengths: Uint32Array;
  /** [reviews, width + 2]: a column of padding on either side, for convolutions of three. */
  tokens: Int32Array;
  /** 1 at tokens, 0 at padding: [reviews, width]. */
  present: Float32Array;
  /** [reviews] */
  ratings: Float32Array;
}

/** Arranges reviews of a set; `width` fits the longest of them unless it is given. */
export function arrangeBatch(
  set: ReviewSet,
  reviews: ArrayLike<number>,
  aspect: number,
  width = step * Math.ceil(Math.max(1, ...Array.from(reviews, (review) => lengthOf(set, review))) / step),
): Batch {
  const size = reviews.length;
  const lengths = Uint32Array.from(reviews, (review) => lengthOf(set, review));
  const tokens = new Int32Array(size * (width + 2)).fill(padding);
  const present = new Float32Array(size * width);
  for (let row = 0; row < size; row++) {
    const { offsets } = set;
    const words = set.tokens.subarray(offsets[reviews[row]], offsets[reviews[row] + 1]);
    tokens.set(words, row * (width + 2) + 1);
    present.fill(1, row * width, row * width + words.length);
  }
  const ratings = Float32Array.from(reviews, (review) => ratingOf(set, review, aspect));
  return { width, lengths, tokens, present, ratings };
}

/** The reviews of a set by length, the shortest first. */
export function byLength(set: ReviewSet): Uint32Array {
  return Uint32Array.from({ length: set.size }, (_, i) => i).sort(
    (a, b) => lengthOf(set, a) - lengthOf(set, b) || a - b,
  );
}

/**
 * Which reviews each step trains on: whole batches of a permutation drawn anew for each pass over the set, with reviews
 * of like lengths together. The reviews of 20 batches in a row are sorted by length, and these batches taken in random
 * order.
 */
export class BatchOrder {
  readonly #set: ReviewSet;
  readonly #batch: number;
  readonly #seed: number;
  #pass = -1;
  #batches: Uint32Array[] = [];

  constructor(set: ReviewSet, batch: number, seed: number) {
    this.#set = set;
    this.#batch = Math.min(batch, set.size);
    this.#seed = seed;
  }

  /** The reviews of step number `step`, counted from 1; the same whatever steps were asked for before. */
  at(step: number): Uint32Array {
    const batches = Math.floor(this.#set.size / this.#batch);
    const pass = Math.floor((step - 1) / batches);
    if (pass !== this.#pass) {
      this.#pass = pass;
      this.#batches = this.#drawPass(new RandomStream(this.#seed, 'batches', pass), batches);
    }
    return this.#batches[(step - 1) % batches];
  }

  #drawPass(random: RandomStream, batches: number): Uint32Array[] {
    const order = random.permutation(this.#set.size).subarray(0, batches * this.#batch);
    const drawn: Uint32Array[] = [];
    for (let at = 0; at < order.length; at += neighbourhood * this.#batch) {
      const part = order.slice(at, at + neighbourhood * this.#batch);
      part.sort((a, b) => lengthOf(this.#set, a) - lengthOf(this.#set, b) || a - b);
      for (const index of random.permutation(part.length / this.#batch)) {
        drawn.push(part.subarray(index * this.#batch, (index + 1) * this.#batch));
      }
    }
    return drawn;
  }
}
