import { checkInteger, checkOptions } from '../arguments/validate';
import type { TracedTrick } from '../trick/traced-trick';
import { pathwise } from './call';
import { checkTraced } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';
import { repeatRows } from './rows';

export interface RaoBlackwellisedOptions {
  /**
   * Of the relaxation that the gradient goes through.
   * @defaultValue the trick's own
   */
  temperature?: number | undefined;
  /**
   * Utilities K that are drawn anew for each structure.
   * @defaultValue `10`
   */
  resamples?: number | undefined;
}

/**
 * The Rao-Blackwellised straight-through estimator: the slope of the relaxation is averaged over K utilities that lead to
 * the same structure by the same trace,
 *
 *     1/K sum_k (dX_t(U_k)/dtheta)^T dL/dx at x = X(U),   U_k ~ p(U | trace of U).
 *
 * It has the mean of `straightThrough`, so its bias too, and never more variance: the loss is seen once and the noise
 * averaged out as K grows. One argmax, and K vector-Jacobian products a draw (Paulus et al., 2021).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function raoBlackwellised(
  trick: TracedTrick,
  options: RaoBlackwellisedOptions = {},
): Estimator<DifferentiableLoss> {
  checkTraced(trick);
  checkOptions('options', options, ['temperature', 'resamples']);
  const { temperature } = options;
  const resamples = checkInteger('resamples', options.resamples ?? 10, 1, 2 ** 20);
  return pathwise('rao-blackwellised', trick, ({ theta, seed, samples, ofRows, ofDraws }) => {
    const utility = trick.perturb(theta, { seed, samples, ...ofRows });
    return {
      x: trick.argmax(utility, ofDraws),
      backward(dX) {
        const anew = { seed, samples: resamples, ...ofRows };
        const ofAll = { ...ofDraws, samples: samples * resamples };
        const again = trick.conditionalPerturb(theta, utility, anew);
        const each = repeatRows(dX, resamples, trick.dimension).map((g) => g / resamples);
        return trick.perturbVjp(
          theta,
          again,
          trick.softmaxVjp(again, each, { temperature, ...ofAll }),
          ofRows,
        );
      },
    };
  });
}
