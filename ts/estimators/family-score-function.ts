import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import type { MovingAverageState } from './baseline';
import { checkFamily } from './checks';
import type { Estimator, StatefulEstimator, ValueLoss } from './estimator';
import { type BaselineOptions, type MovingAverageOptions, scored } from './scored';

export interface FamilyOptions {
  /**
   * Of the family.
   * @defaultValue the trick's own
   */
  temperature?: number | undefined;
}

/**
 * The score function of exact draws of the exponential family `p(x) ~ exp(theta . x / t)`,
 *
 *     (L(x) - b) (x - E[x]) / t   at x ~ p.
 *
 * Unbiased for E[L(x)] under the family, with every baseline b that is offered, and in need of no derivative of the loss.
 * The law is the family's, not that of perturbed utilities, whose score function is `scoreFunction`. One draw, and one set
 * of marginals a row (Wijk, Vinuesa and Azizpour, 2024, for k-subsets).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function familyScoreFunction(
  trick: ExponentialFamilyTrick,
  options: FamilyOptions & MovingAverageOptions,
): StatefulEstimator<ValueLoss, MovingAverageState>;
export function familyScoreFunction(
  trick: ExponentialFamilyTrick,
  options?: FamilyOptions & BaselineOptions,
): Estimator<ValueLoss>;
export function familyScoreFunction(
  trick: ExponentialFamilyTrick,
  options: FamilyOptions & BaselineOptions = {},
): Estimator<ValueLoss> {
  checkFamily(trick);
  checkOptions('options', options, ['temperature', 'baseline', 'decay']);
  const { temperature, ...baseline } = options;
  return scored(
    'family-score-function',
    trick,
    ({ theta, seed, samples, ofRows }) => {
      const x = trick.familySample(theta, { seed, samples, temperature, ...ofRows });
      return {
        x,
        score: (weights) => trick.logProbabilityVjp(theta, x, weights, { temperature, ...ofRows }),
      };
    },
    baseline,
  );
}
