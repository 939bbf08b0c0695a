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
 * Unbiased for E[L(x)] for every loss, of low variance, and in need of no derivative. n + 1 losses a draw, of the draw and of
 * its n neighbours, next to one another in one call of the loss: `batch x samples x (n + 1)` rows (De Smet, Sansone and
 * Zuidberg Dos Martires, 2023).
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
      const around = withNeighbours(x, p, draws, samples, n);
      const all = evaluate(loss, around, draws * (n + 1), ofRows);
      const value = Float64Array.from({ length: draws }, (_, draw) => all[draw * (n + 1)]);
      const gradient = new Float64Array(theta.length);
      for (let draw = 0; draw < draws; draw++) {
        const row = Math.floor(draw / samples) * n;
        for (let i = 0; i < n; i++) {
          const turned = all[draw * (n + 1) + 1 + i];
          const difference = x[draw * n + i] === 1 ? value[draw] - turned : turned - value[draw];
          gradient[row + i] += (p[row + i] * (1 - p[row + i]) * difference) / t;
        }
      }
      return estimateOf(call, value, gradient, x);
    },
  };
}

/** Each draw, then with one coin after the other turned; a coin that has one side only stays. */
function withNeighbours(
  x: Float64Array,
  p: Float64Array,
  draws: number,
  samples: number,
  n: number,
): Float64Array {
  const all = new Float64Array(draws * (n + 1) * n);
  for (let draw = 0; draw < draws; draw++) {
    const own = x.subarray(draw * n, (draw + 1) * n);
    const row = Math.floor(draw / samples) * n;
    for (let k = 0; k <= n; k++) {
      const start = (draw * (n + 1) + k) * n;
      all.set(own, start);
      const isCoin = k > 0 && p[row + k - 1] > 0 && p[row + k - 1] < 1;
      if (isCoin) all[start + k - 1] = 1 - own[k - 1];
    }
  }
  return all;
}
