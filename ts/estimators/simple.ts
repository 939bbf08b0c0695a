import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { pathwise } from './call';
import { checkFamily } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { sumRows } from './rows';

export type SimpleOptions = FamilyOptions;

/**
 * SIMPLE: exact draws of the exponential family `p(x) ~ exp(theta . x / t)`, and the gradient through its marginals,
 *
 *     (dE[x]/dtheta)^T dL/dx at x ~ p.
 *
 * The law is the family's, not that of perturbed utilities. Biased but for linear losses, of which it is the gradient of
 * E[L(x)] without noise; of low variance. One draw, and one vector-Jacobian product a row (Ahmed et al., 2023).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function simple(
  trick: ExponentialFamilyTrick,
  options: SimpleOptions = {},
): Estimator<DifferentiableLoss> {
  checkFamily(trick);
  checkOptions('options', options, ['temperature']);
  const { temperature } = options;
  return pathwise('simple', trick, ({ theta, seed, samples, batch, ofRows }) => ({
    x: trick.familySample(theta, { seed, samples, temperature, ...ofRows }),
    backward: (dX) =>
      trick.softmaxVjp(theta, sumRows(dX, batch, samples, trick.dimension), { temperature, ...ofRows }),
  }));
}
