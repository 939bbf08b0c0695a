import { RandomStream } from '../../../training/random';
import { type Aspect, aspects } from './aspects';
import { openings } from './lexicon';
import { drawFrom } from './opinions';
import { drawSentence } from './sentences';

/** Correlation of what two aspects of a beer are worth, before labels are noisy. */
const correlation = 0.3;
/** Share of ratings that say nothing of the beer. */
const mistaken = 0.05;
const shortestReview = 3;
const longestReview = 8;

/** A review: ratings in [0, 1] in the order of `aspects`, tokens, and for each aspect the sentences about it. */
export interface Review {
  tokens: string[];
  ratings: number[];
  /** For each aspect, in order, [begin, end) of the sentences about it. */
  spans: [begin: number, end: number][][];
}

/**
 * Draws a review.
 *
 * The worth of aspect a is `z_a = sqrt(.3) c + sqrt(.7) e_a`, all standard normal, its rating `.55 + .23 z_a` to one
 * decimal within [0, 1]; with probability .05 the rating is drawn anew, of the same law. A plan says which sentences there
 * are (3 to 8), each about one aspect; its opinions scatter around `4.4 (rating - .55) + .2 N(0, 1)`, of the rating before
 * it may be drawn anew.
 */
export function drawReview(random: RandomStream): Review {
  const shared = random.normal();
  const clean = aspects.map(() =>
    rating(Math.sqrt(correlation) * shared + Math.sqrt(1 - correlation) * random.normal()),
  );
  const ratings = clean.map((value) => (random.uniform() < mistaken ? rating(random.normal()) : value));
  const tokens: string[] = [];
  const spans: Review['spans'] = aspects.map(() => []);
  for (const subject of drawPlan(random)) {
    if (subject === undefined) {
      tokens.push(...drawFrom(random, openings).split(' '));
      continue;
    }
    const index = aspects.indexOf(subject);
    const value = 4.4 * (clean[index] - 0.55) + 0.2 * random.normal();
    const begin = tokens.length;
    tokens.push(...drawSentence(random, subject, value).tokens);
    spans[index].push([begin, tokens.length]);
  }
  return { tokens, ratings, spans };
}

function rating(worth: number): number {
  return Math.min(10, Math.max(0, Math.round(10 * (0.55 + 0.23 * worth)))) / 10;
}

/** What each sentence is about; undefined for an opening about nothing. */
function drawPlan(random: RandomStream): (Aspect | undefined)[] {
  for (;;) {
    const plan: (Aspect | undefined)[] = random.uniform() < 0.35 ? [undefined] : [];
    for (const aspect of aspects) {
      const [once, again] = aspect === 'overall' ? [0.6, 0.25] : [0.92, 0.2];
      if (random.uniform() >= once) continue;
      plan.push(aspect);
      if (random.uniform() < again) plan.push(aspect);
    }
    const order = random.uniform() < 0.4 ? random.permutation(plan.length) : plan.keys();
    if (plan.length >= shortestReview && plan.length <= longestReview) {
      return Array.from(order, (index) => plan[index]);
    }
  }
}

/** Draws reviews that differ from one another, whatever set they are in; each has a random stream of its own. */
export class ReviewSource {
  readonly #seed: number;
  readonly #seen = new Set<string>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Review number `index` of a set. */
  draw(set: string, index: number): Review {
    for (let attempt = 0; ; attempt++) {
      const review = drawReview(new RandomStream(this.#seed, 'review', set, index, attempt));
      const text = review.tokens.join(' ');
      if (this.#seen.has(text)) continue;
      this.#seen.add(text);
      return review;
    }
  }
}
