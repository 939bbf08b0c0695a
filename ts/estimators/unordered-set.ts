import { repeatLengths } from '../arguments/lengths';
import { checkInteger, checkOptions } from '../arguments/validate';
import { solverOf } from '../trick/asking';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { Perturbation } from '../trick/perturbation';
import { gumbel } from '../utilities';
import { evaluate, readCall, weighedEstimate } from './call';
import { checkPositive } from './checks';
import type { Estimator, ValueLoss } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { checkOne } from './independent-choices';
import { setProbabilities } from './without-replacement';

export interface UnorderedSetOptions extends FamilyOptions {
  /**
   * Categories k of a set, from 2 to 12.
   * @defaultValue `4`
   */
  k?: number | undefined;
}

/**
 * The unordered-set estimator: k categories S are drawn without replacement from `p ~ exp(theta / t)`, and weigh what they do
 * on average over the orders in which they may have come,
 *
 *     sum_{s in S} p_s R(S, s) (L(s) - sum_{r in S} p_r R(S, s, r) L(r)) (s - p) / t,
 *
 * R(S, s) = p(S \ s | s is first) / p(S), and R(S, s, r) the same of S \ s, drawn without s, 1 for r = s. Unbiased for E[L(x)]
 * for every loss, with a baseline of its own; without noise where k categories are all. In need of no derivative. The mean loss
 * is `sum_s p_s R(S, s) L(s)`, unbiased as well. Draws are sets: k losses and O(n + k 2^k) for each (Kool, van Hoof and Welling,
 * 2020).
 *
 * @param trick `oneHot`, as an exponential family
 * @throws SstError `INVALID_ARGUMENT`
 */
export function unorderedSet(
  trick: ExponentialFamilyTrick,
  options: UnorderedSetOptions = {},
): Estimator<ValueLoss> {
  checkOne(trick);
  checkOptions('options', options, ['temperature', 'k']);
  const temperature = checkPositive('temperature', options.temperature ?? trick.temperature);
  const k = checkInteger('k', options.k ?? 4, 2, 12);
  const noise = new Perturbation(gumbel(), solverOf(trick), undefined, true);
  const n = trick.dimension;
  return {
    name: 'unordered-set',
    trick,
    needs: 'value',
    estimate(parameters, loss, estimateOptions) {
      const call = readCall(trick, parameters, estimateOptions);
      const { theta, seed, samples, batch, ofRows } = call;
      const tempered = { temperature, ...ofRows };
      const p = trick.softmax(theta, tempered);
      // The largest of Gumbel variables at log p, in their order, are draws without replacement.
      const utility = noise.perturb(p.map(Math.log), { seed, samples, ...ofRows });
      const lengths = ofRows.lengths && repeatLengths(ofRows.lengths, samples);
      const { structures: x, values } = trick.kBest(utility, { k, lengths });
      const sets = Array.from({ length: batch * samples }, (_, set) => {
        const size = values.subarray(set * k, (set + 1) * k).indexOf(Number.NEGATIVE_INFINITY);
        return readSet(x.subarray(set * k * n, (set + 1) * k * n), size < 0 ? k : size, n);
      });
      const value = evaluate(loss, x, batch * samples * k, ofRows);
      const weights = new Float64Array(value.length);
      const cotangent = new Float64Array(value.length);
      sets.forEach((set, index) => {
        const row = Math.floor(index / samples) * n;
        const own = p.subarray(row, row + n);
        const rest = own.reduce((sum, share, i) => (set.includes(i) ? sum : sum + share), 0);
        const { first, second } = setProbabilities(
          Float64Array.from(set, (i) => own[i]),
          rest,
        );
        first.forEach((share, s) => {
          const baseline = set.reduce(
            (sum, _, r) => sum + second[s * set.length + r] * value[index * k + r],
            0,
          );
          weights[index * k + s] = share / samples;
          cotangent[index * k + s] = (share / samples) * (value[index * k + s] - baseline);
        });
      });
      const gradient = trick.logProbabilityVjp(theta, x, cotangent, tempered);
      const firsts = Float64Array.from(
        { length: batch * samples * n },
        (_, i) => x[Math.floor(i / n) * k * n + (i % n)],
      );
      return weighedEstimate(call, { value, weights, gradient, x: firsts });
    },
  };
}

/** The categories of so many draws, in their order; what is missing after them is filled with the first. */
function readSet(x: Float64Array, size: number, n: number): number[] {
  for (let at = size * n; size > 0 && at < x.length; at += n) x.copyWithin(at, 0, n);
  return Array.from({ length: size }, (_, s) => x.subarray(s * n, (s + 1) * n).indexOf(1));
}
