import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { pathwise } from './call';
import { checkAligned, checkPositive, checkTrick } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';
import { targetDifference } from './target-difference';

export interface ImplicitMleOptions {
  /**
   * How far the target's utilities are from those drawn.
   * @defaultValue `1`
   */
  lambda?: number | undefined;
  /**
   * Whether the difference is taken to both sides.
   * @defaultValue `false`
   */
  symmetric?: boolean | undefined;
}

/**
 * Implicit maximum-likelihood estimation: the difference of the structures of the same noise before and after a step
 * against the gradient of the loss, `g = dL/dx` at x = X(U),
 *
 *     dL/dU ~ [X(U) - X(U - lambda g)] / lambda.
 *
 * Divided by lambda, so that it estimates the gradient whatever lambda is; published code leaves that to the optimiser.
 * Biased; sparse for a small lambda, far from the gradient for a large one. Two argmaxes a draw (Niepert et al., 2021).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function implicitMle(trick: Trick, options: ImplicitMleOptions = {}): Estimator<DifferentiableLoss> {
  checkTrick(trick);
  checkAligned(trick);
  checkOptions('options', options, ['lambda', 'symmetric']);
  const lambda = checkPositive('lambda', options.lambda ?? 1);
  const { symmetric = false } = options;
  return pathwise('implicit-mle', trick, ({ theta, seed, samples, batch, ofRows, ofDraws }) => {
    const utility = trick.perturb(theta, { seed, samples, ...ofRows });
    const x = trick.argmax(utility, ofDraws);
    const steps = new Float64Array(batch * samples).fill(lambda);
    return {
      x,
      backward: (dX) => {
        const difference = targetDifference(trick, utility, x, dX, steps, symmetric, ofDraws);
        return trick.perturbVjp(theta, utility, difference, ofRows);
      },
    };
  });
}
