import { invalid } from '../arguments/errors';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { checkFamily } from './checks';

/** What is drawn independently: one category, or a coin for each coordinate. */
export type Choices = 'one' | 'coins';

const known: Record<string, Choices> = { 'one-hot': 'one', subset: 'coins', 'independent-edges': 'coins' };

/** The choices of a structure; refuses one whose coordinates depend on one another otherwise. */
export function checkChoices(trick: ExponentialFamilyTrick): Choices {
  checkFamily(trick);
  const choices = known[trick.name];
  if (choices !== undefined) return choices;
  throw invalid('trick', 'one of independent choices (oneHot, subset, independentEdges)', trick.name);
}

/** Refuses what is no choice of one category. */
export function checkOne(trick: ExponentialFamilyTrick): void {
  if (checkChoices(trick) !== 'one') throw invalid('trick', 'a choice of one category (oneHot)', trick.name);
}

/** Refuses what are no coins. */
export function checkCoins(trick: ExponentialFamilyTrick): void {
  if (checkChoices(trick) === 'coins') return;
  throw invalid('trick', 'independent coins (subset, independentEdges)', trick.name);
}
