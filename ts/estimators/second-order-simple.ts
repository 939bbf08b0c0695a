import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { pathwise } from './call';
import { checkFamily } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { dotDeviations, sumRows } from './rows';

/**
 * SIMPLE to the second order: exact draws of the exponential family `p(x) ~ exp(theta . x / t)`, mu = E[x], and with
 * g = dL/dx at x
 *
 *     [Cov(x) g + (x - mu) ((x - mu) . g)] / (2 t)   at x ~ p,
 *
 * the mean of SIMPLE and of the score function of what the loss would be if its gradient did not change. Exact in
 * expectation for every quadratic loss, because then L(x) - L(mu) = (g(x) + g(mu)) . (x - mu) / 2; for others biased, and
 * not always less than `simple`; of more variance. On one-hot it is ZGR (Shekhovtsov, 2023). One draw; one set of marginals
 * and one vector-Jacobian product a row.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function secondOrderSimple(
  trick: ExponentialFamilyTrick,
  options: FamilyOptions = {},
): Estimator<DifferentiableLoss> {
  checkFamily(trick);
  checkOptions('options', options, ['temperature']);
  const { temperature } = options;
  return pathwise('second-order-simple', trick, ({ theta, seed, samples, batch, ofRows }) => {
    const tempered = { temperature, ...ofRows };
    const x = trick.familySample(theta, { seed, samples, ...tempered });
    return {
      x,
      backward: (dX) => {
        const { dimension: width } = trick;
        const slopes = dotDeviations(x, trick.softmax(theta, tempered), dX, { batch, samples, width });
        const ofScores = trick.logProbabilityVjp(theta, x, slopes, tempered);
        const ofMean = trick.softmaxVjp(theta, sumRows(dX, batch, samples, width), tempered);
        return ofScores.map((score, i) => (score + ofMean[i]) / 2);
      },
    };
  });
}
