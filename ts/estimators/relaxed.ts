import type { Gradient } from '../arguments/options';
import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { pathwise } from './call';
import { checkTrick } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';

export interface RelaxedOptions {
  /**
   * Of the relaxation.
   * @defaultValue the trick's own
   */
  temperature?: number | undefined;
  /**
   * How the Jacobian of the relaxation is applied.
   * @defaultValue `'exact'`
   */
  gradient?: Gradient | undefined;
}

/**
 * The stochastic softmax trick: the loss at the relaxation, and its gradient through it,
 *
 *     d L(X_t(U(theta))) / d theta.
 *
 * Unbiased for the relaxed objective E[L(X_t)]; for E[L(X)] its bias vanishes, and its variance grows, as t falls. One
 * relaxation and one vector-Jacobian product a draw (paper, section 4).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function relaxed(trick: Trick, options: RelaxedOptions = {}): Estimator<DifferentiableLoss> {
  checkTrick(trick);
  checkOptions('options', options, ['temperature', 'gradient']);
  const { temperature, gradient } = options;
  return pathwise('relaxed', trick, ({ theta, seed, samples, ofRows, ofDraws }) => {
    const utility = trick.perturb(theta, { seed, samples, ...ofRows });
    return {
      x: trick.softmax(utility, { temperature, ...ofDraws }),
      backward: (dX) =>
        trick.perturbVjp(
          theta,
          utility,
          trick.softmaxVjp(utility, dX, { temperature, gradient, ...ofDraws }),
          ofRows,
        ),
    };
  });
}
