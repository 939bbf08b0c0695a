import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { estimateOf, evaluate, readCall } from './call';
import { checkPositive } from './checks';
import type { Estimator, ValueLoss } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { checkCoins } from './independent-choices';

/**
 * IndeCateR: of coins of probability `p = sigmoid(theta / t)`, both sides of each beside a draw of the others,
 *
 *     p_i (1 - p_i) (L(x with x_i = 1) - L(x with x_i = 0)) / t   at x ~ p.
 *
 * Unbiased for E[L(x)] for every loss, of low variance, and in need of no derivative. n + 1 losses a draw, in two
 * calls of the loss: the draws, then the n neighbours of each next to one another, `batch x samples x n` rows (De Smet,
 * Sansone and Zuidberg Dos Martires, 2023).
 *
 * @param trick `subset` or `independentEdges`
 * @throws SstError `INVALID_ARGUMENT`
 */
export function indecater(trick: ExponentialFamilyTrick, options: FamilyOptions = {}): Estimator<ValueLoss> {
  checkCoins(trick);
  checkOptions('options', options, ['temperature']);
  const t = checkPositive('temperature', options.temperature ?? trick.temperature);
  const n = trick.dimension;
  return {
    name: 'indecater',
    trick,
    needs: 'value',
    estimate(parameters, loss, estimateOptions) {
      const call = readCall(trick, parameters, estimateOptions);
      const { theta, seed, samples, batch, ofRows } = call;
      const tempered = { temperature: t, ...ofRows };
      const p = trick.softmax(theta, tempered);
      const x = trick.familySample(theta, { seed, samples, ...tempered });
      const draws = batch * samples;
      const value = evaluate(loss, x, draws, ofRows);
      const turned = evaluate(loss, neighbours(x, p, draws, samples, n), draws * n, ofRows);
      const gradient = new Float64Array(theta.length);
      for (let draw = 0; draw < draws; draw++) {
        const row = Math.floor(draw / samples) * n;
        for (let i = 0; i < n; i++) {
          const sign = x[draw * n + i] === 1 ? 1 : -1;
          const difference = sign * (value[draw] - turned[draw * n + i]);
          gradient[row + i] += (p[row + i] * (1 - p[row + i]) * difference) / t;
        }
      }
      return estimateOf(call, value, gradient, x);
    },
  };
}

/** Each draw with one coin after the other turned; a coin that has one side only stays. */
function neighbours(
  x: Float64Array,
  p: Float64Array,
  draws: number,
  samples: number,
  n: number,
): Float64Array {
  const all = new Float64Array(draws * n * n);
  for (let draw = 0; draw < draws; draw++) {
    const own = x.subarray(draw * n, (draw + 1) * n);
    const row = Math.floor(draw / samples) * n;
    for (let i = 0; i < n; i++) {
      const start = (draw * n + i) * n;
      all.set(own, start);
      if (p[row + i] > 0 && p[row + i] < 1) all[start + i] = 1 - own[i];
    }
  }
  return all;
}
