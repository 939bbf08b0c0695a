import type { LengthArray } from '../arguments/lengths';
import { checkOptions, checkTemperature } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { checkEstimate, countedTheta, readCall } from './call';
import { checkFamily } from './checks';
import { checkTarget, dotRows, type SupervisedLoss } from './supervised-loss';

export interface MaximumLikelihoodOptions {
  /**
   * Of the family.
   * @defaultValue the trick's own
   */
  temperature?: number | undefined;
}

/** What a loss is told of the rows. */
export interface MaximumLikelihoodEvaluateOptions {
  /** How many things each row is over; what stands beyond is ignored, and 0 in results. */
  lengths?: LengthArray | undefined;
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
): SupervisedLoss<MaximumLikelihoodEvaluateOptions | undefined> {
  checkFamily(trick);
  checkOptions('options', options, ['temperature']);
  const temperature = checkTemperature(options.temperature ?? trick.temperature);
  return {
    name: 'maximum-likelihood',
    trick,
    evaluate(given, target, lossOptions = {}) {
      checkOptions('options', lossOptions, ['lengths']);
      const { theta, batch, ofRows } = readCall(trick, given, { seed: 0, ...lossOptions });
      const y = checkTarget(trick, target, theta, ofRows);
      const dots = dotRows(countedTheta(trick, { theta, ofRows }), y, trick.dimension, batch);
      const mean = trick.softmax(theta, { temperature, ...ofRows });
      return checkEstimate({
        loss: trick
          .logPartition(theta, { temperature, ...ofRows })
          .map((z, row) => temperature * z - dots[row]),
        gradient: mean.map((p, i) => p - y[i]),
        samples: mean,
      });
    },
  };
}
