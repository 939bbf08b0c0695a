import { checkOptions } from '../arguments/validate';
import { solverOf } from '../trick/asking';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { Perturbation } from '../trick/perturbation';
import { negativeExponential } from '../utilities';
import { centre } from './baseline';
import { estimateOf, evaluate, readCall } from './call';
import { checkPositive } from './checks';
import type { Estimator, ValueLoss } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { checkCoins } from './independent-choices';

/**
 * ARMS: the score function of coins of probability `p = sigmoid(theta / t)` whose S draws avoid one another, with each
 * other's mean for a baseline,
 *
 *     1/(S-1) sum_s (L(x_s) - mean L) (x_s - p) / (t (1 - rho)).
 *
 * The draws of a coin are the S parts of a Dirichlet variable, made uniform; rho < 0 is the correlation of two of them, in
 * closed form, by which the leave-one-out estimate would be too large. Unbiased for E[L(x)] for every loss, of less variance
 * than independent draws; with two draws it is DisARM (antithetic coins). S >= 2 draws a row; O(n) each (Dimitriev and Zhou,
 * 2021; Dong, Mnih and Tucker, 2020).
 *
 * @param trick `subset` or `independentEdges`
 * @throws SstError `INVALID_ARGUMENT`, for a single draw too
 */
export function arms(trick: ExponentialFamilyTrick, options: FamilyOptions = {}): Estimator<ValueLoss> {
  checkCoins(trick);
  checkOptions('options', options, ['temperature']);
  const t = checkPositive('temperature', options.temperature ?? trick.temperature);
  // Keyed by what a coin is, as the trick's own noise.
  const clocks = new Perturbation(negativeExponential(), solverOf(trick), undefined, true);
  const n = trick.dimension;
  return {
    name: 'arms',
    trick,
    needs: 'value',
    estimate(parameters, loss, estimateOptions) {
      const call = readCall(trick, parameters, estimateOptions);
      const { theta, seed, samples, batch, ofRows } = call;
      const p = trick.softmax(theta, { temperature: t, ...ofRows });
      const times = clocks.perturb(new Float64Array(theta.length), { seed, samples, ...ofRows });
      const x = new Float64Array(times.length);
      const scale = new Float64Array(theta.length);
      for (let coin = 0; coin < theta.length; coin++) {
        // Where nothing is a coin nothing is drawn.
        if (p[coin] === 0) continue;
        const rarer = Math.min(p[coin], 1 - p[coin]);
        const first = Math.floor(coin / n) * samples * n + (coin % n);
        let total = 0;
        for (let s = 0; s < samples; s++) total += times[first + s * n];
        for (let s = 0; s < samples; s++) {
          const share = times[first + s * n] / total;
          x[first + s * n] = isRare(p[coin]) === lies(share, rarer, samples) ? 1 : 0;
        }
        scale[coin] = 1 / (1 - correlation(rarer, samples));
      }
      const value = evaluate(loss, x, batch * samples, ofRows);
      const left = centre('leave-one-out', value, call);
      const gradient = new Float64Array(theta.length);
      for (let draw = 0; draw < batch * samples; draw++) {
        const row = Math.floor(draw / samples) * n;
        for (let i = 0; i < n; i++) {
          gradient[row + i] += ((left[draw] * (x[draw * n + i] - p[row + i])) / t) * scale[row + i];
        }
      }
      return estimateOf(call, value, gradient, x);
    },
  };
}

/** Which side of a coin is drawn where the uniform variable is small: the rarer one, whose draws avoid one another best. */
function isRare(p: number): boolean {
  return p <= 0.5;
}

/** Whether `(1 - share)^(S-1)`, uniform for a part of a Dirichlet variable, is below q. */
function lies(share: number, q: number, samples: number): boolean {
  return (1 - share) ** (samples - 1) < q;
}

/** The correlation of two draws of a coin's rarer side, of probability q: `P(both) = max(0, 2 q^(1/(S-1)) - 1)^(S-1)`. */
function correlation(q: number, samples: number): number {
  if (q === 0) return 0;
  const both = Math.max(0, 2 * q ** (1 / (samples - 1)) - 1) ** (samples - 1);
  return (both - q * q) / (q * (1 - q));
}
