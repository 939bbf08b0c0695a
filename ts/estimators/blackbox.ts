import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { countedTheta, pathwise } from './call';
import { checkAligned, checkPositive, checkTrick } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';
import { repeatRows, sumRows } from './rows';
import { targetDifference } from './target-difference';

export interface BlackboxOptions {
  /**
   * Of the interpolation: a larger one smooths more.
   * @defaultValue `1`
   */
  lambda?: number | undefined;
}

/**
 * Differentiation of a blackbox solver: theta itself is solved, without noise, and the gradient is that of a piecewise
 * linear interpolation of the loss,
 *
 *     [X(theta) - X(theta - lambda dL/dx)] / lambda.
 *
 * Not an estimate for E[L(X)], but for L(X(theta)); all draws of a row are the same. Two argmaxes (Vlastelica et al.,
 * 2020, with the sign of a maximisation).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function blackbox(trick: Trick, options: BlackboxOptions = {}): Estimator<DifferentiableLoss> {
  checkTrick(trick);
  checkAligned(trick);
  checkOptions('options', options, ['lambda']);
  const lambda = checkPositive('lambda', options.lambda ?? 1);
  const n = trick.dimension;
  return pathwise('blackbox', trick, ({ theta, samples, batch, ofRows, ofDraws }) => {
    // Padding, and what is no coordinate, may hold anything.
    const utility = repeatRows(countedTheta(trick, { theta, ofRows }), samples, n);
    const x = trick.argmax(utility, ofDraws);
    const steps = new Float64Array(batch * samples).fill(lambda);
    return {
      x,
      backward: (dX) =>
        sumRows(targetDifference(trick, utility, x, dX, steps, false, ofDraws), batch, samples, n),
    };
  });
}
