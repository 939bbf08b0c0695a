import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { differentiate, estimateOf, evaluate, readCall } from './call';
import { checkFamily } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { dotDeviations, repeatRows } from './rows';

/**
 * MuProp over a structure: the score function of exact draws of the exponential family `p(x) ~ exp(theta . x / t)`, with
 * the loss's linearisation at the mean mu = E[x] for a control variate, g = dL/dx at mu,
 *
 *     [(L(x) - L(mu) - g . (x - mu)) (x - mu) + Cov(x) g] / t   at x ~ p.
 *
 * Unbiased for E[L(x)] under the family; without noise for linear losses. The loss must be defined inside the polytope.
 * One draw; one set of marginals and one vector-Jacobian product a row (Gu et al., 2016, for independent coordinates).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function muProp(
  trick: ExponentialFamilyTrick,
  options: FamilyOptions = {},
): Estimator<DifferentiableLoss> {
  checkFamily(trick);
  checkOptions('options', options, ['temperature']);
  const { temperature } = options;
  return {
    name: 'mu-prop',
    trick,
    needs: 'gradient',
    estimate(parameters, loss, estimateOptions) {
      const call = readCall(trick, parameters, estimateOptions);
      const { theta, seed, samples, batch, ofRows } = call;
      const { dimension: width } = trick;
      const tempered = { temperature, ...ofRows };
      const x = trick.familySample(theta, { seed, samples, ...tempered });
      const mean = trick.softmax(theta, tempered);
      const value = evaluate(loss, x, batch * samples, ofRows);
      const at = differentiate(trick, loss, mean, batch, { ...ofRows, samples: 1 });
      const slopes = dotDeviations(x, mean, repeatRows(at.gradient, samples, width), {
        batch,
        samples,
        width,
      });
      const left = value.map((l, draw) => l - at.value[Math.floor(draw / samples)] - slopes[draw]);
      const ofScores = trick.logProbabilityVjp(theta, x, left, tempered);
      const ofMean = trick.softmaxVjp(theta, at.gradient, tempered);
      return estimateOf(
        call,
        value,
        ofScores.map((score, i) => score + samples * ofMean[i]),
        x,
      );
    },
  };
}
