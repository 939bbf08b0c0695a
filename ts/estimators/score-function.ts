import type { Trick } from '../trick/trick';
import type { MovingAverageState } from './baseline';
import type { Call } from './call';
import { checkTrick } from './checks';
import type { Estimator, StatefulEstimator, ValueLoss } from './estimator';
import { type BaselineOptions, type MovingAverageOptions, type ScoredDraw, scored } from './scored';

/**
 * The score function of the utilities (REINFORCE),
 *
 *     (L(X) - b) d log p(U; theta) / d theta.
 *
 * Unbiased for E[L(X)], with every baseline b that is offered, and in need of no derivative of the loss; its variance is
 * high and grows with the number of random coordinates. One argmax a draw (Williams, 1992; paper, appendix C).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function scoreFunction(
  trick: Trick,
  options: MovingAverageOptions,
): StatefulEstimator<ValueLoss, MovingAverageState>;
export function scoreFunction(trick: Trick, options?: BaselineOptions): Estimator<ValueLoss>;
export function scoreFunction(trick: Trick, options: BaselineOptions = {}): Estimator<ValueLoss> {
  checkTrick(trick);
  return scored('score-function', trick, (call) => drawScored(trick, call), options);
}

/** Hard structures with the scores of their utilities. */
export function drawScored(trick: Trick, { theta, seed, samples, ofRows, ofDraws }: Call): ScoredDraw {
  const utility = trick.perturb(theta, { seed, samples, ...ofRows });
  return {
    x: trick.argmax(utility, ofDraws),
    score: (weights) => trick.scoreVjp(theta, utility, weights, ofRows),
  };
}
