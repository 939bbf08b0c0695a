import type { TracedTrick } from '../trick/traced-trick';
import type { MovingAverageState } from './baseline';
import { checkTraced } from './checks';
import type { Estimator, StatefulEstimator, ValueLoss } from './estimator';
import { type BaselineOptions, type MovingAverageOptions, scored } from './scored';

/**
 * The score function of the execution trace: of the choices by which the argmax was found, instead of all utilities,
 *
 *     (L(X) - b) d log p(trace; theta) / d theta,   the mean of `scoreFunction` given the trace.
 *
 * Unbiased for E[L(X)], with every baseline b that is offered; of less variance than `scoreFunction`, and like it in need
 * of no derivative of the loss. For structures that are found by races of Gumbel or negative exponential utilities. One
 * argmax and its trace a draw (Struminsky et al., 2021).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function traceScoreFunction(
  trick: TracedTrick,
  options: MovingAverageOptions,
): StatefulEstimator<ValueLoss, MovingAverageState>;
export function traceScoreFunction(trick: TracedTrick, options?: BaselineOptions): Estimator<ValueLoss>;
export function traceScoreFunction(trick: TracedTrick, options: BaselineOptions = {}): Estimator<ValueLoss> {
  checkTraced(trick);
  return scored(
    'trace-score-function',
    trick,
    ({ theta, seed, samples, ofRows, ofDraws }) => {
      const utility = trick.perturb(theta, { seed, samples, ...ofRows });
      return {
        x: trick.argmax(utility, ofDraws),
        score: (weights) => trick.traceScoreVjp(theta, utility, weights, ofRows),
      };
    },
    options,
  );
}
