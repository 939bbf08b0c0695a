import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { pathwise } from './call';
import { checkTrick } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';

export interface StraightThroughOptions {
  /**
   * Of the relaxation that the gradient goes through.
   * @defaultValue the trick's own
   */
  temperature?: number | undefined;
  /**
   * Of what the loss sees.
   * @defaultValue `0`, the hard structure
   */
  forwardTemperature?: number | undefined;
}

/**
 * The straight-through estimator: the loss at the hard structure, its gradient through the relaxation,
 *
 *     (dX_t/dtheta)^T dL/dx at x = X(U).
 *
 * Biased, at every temperature: even a linear loss gets the gradient of its relaxed objective. One argmax and one
 * vector-Jacobian product a draw (Bengio et al., 2013; Jang et al., 2017).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function straightThrough(
  trick: Trick,
  options: StraightThroughOptions = {},
): Estimator<DifferentiableLoss> {
  checkTrick(trick);
  checkOptions('options', options, ['temperature', 'forwardTemperature']);
  const { temperature, forwardTemperature = 0 } = options;
  return pathwise('straight-through', trick, ({ theta, seed, samples, ofRows, ofDraws }) => {
    const utility = trick.perturb(theta, { seed, samples, ...ofRows });
    return {
      x: trick.softmax(utility, { temperature: forwardTemperature, ...ofDraws }),
      backward: (dX) =>
        trick.perturbVjp(theta, utility, trick.softmaxVjp(utility, dX, { temperature, ...ofDraws }), ofRows),
    };
  });
}
