import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { checkCall, checkEstimate } from './call';
import { checkFamily } from './checks';
import { checkTarget, dotRows, type SupervisedLoss } from './supervised-loss';

export interface MaximumLikelihoodOptions {
  /** Of the family; the trick's own by default. */
  temperature?: number | undefined;
}

/**
 * The Fenchel-Young loss of the exponential family, `-t log p(y)` under `p(x) ~ exp(theta . x / t)`,
 *
 *     t log sum_x exp(theta . x / t) - theta . y,   gradient X_t(theta) - y.
 *
 * Exact, without draws: `samples` is the mean structure of each row. One partition function and one marginal inference a
 * row (a conditional random field; Blondel et al., 2020).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function maximumLikelihood(
  trick: ExponentialFamilyTrick,
  options: MaximumLikelihoodOptions = {},
): SupervisedLoss<void> {
  checkFamily(trick);
  checkOptions('options', options, ['temperature']);
  const { temperature = trick.temperature } = options;
  return {
    name: 'maximum-likelihood',
    trick,
    evaluate(given, target) {
      const { theta } = checkCall(trick.dimension, given, { seed: 0 });
      const y = checkTarget(target, theta);
      const dots = dotRows(theta, y, trick.dimension);
      const mean = trick.softmax(theta, { temperature });
      return checkEstimate({
        loss: trick.logPartition(theta, { temperature }).map((z, row) => temperature * z - dots[row]),
        gradient: mean.map((p, i) => p - y[i]),
        samples: mean,
      });
    },
  };
}
