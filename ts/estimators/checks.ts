import { invalid, isRevoked } from '../arguments/errors';
import { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { TracedTrick } from '../trick/traced-trick';
import { Trick } from '../trick/trick';

/** Refuses what is no trick. */
export function checkTrick(trick: unknown): asserts trick is Trick {
  if (isRevoked(trick) || !(trick instanceof Trick))
    throw invalid('trick', 'what a factory of a structure gives', trick);
}

/** Refuses a trick without exact marginals. */
export function checkFamily(trick: unknown): asserts trick is ExponentialFamilyTrick {
  if (!isRevoked(trick) && trick instanceof ExponentialFamilyTrick) return;
  throw invalid('trick', 'one whose relaxation is the exponential family', trick);
}

/** Refuses a trick whose argmax is not found by races. */
export function checkTraced(trick: unknown): asserts trick is TracedTrick {
  if (!isRevoked(trick) && trick instanceof TracedTrick) return;
  throw invalid(
    'trick',
    'one that has traces (one-hot, exponential-family top k, spanning trees, arborescences)',
    trick,
  );
}

/** Refuses a trick whose utilities are not the coefficients of its coordinates, one for each. */
export function checkAligned(trick: Trick): void {
  if (trick.utilityDimension === trick.dimension) return;
  throw invalid('trick', 'one with a utility for each coordinate of its embeddings', trick.name);
}

/** A finite number above 0. */
export function checkPositive(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw invalid(name, 'a finite number > 0', value);
}
