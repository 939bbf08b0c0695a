import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { centre } from './baseline';
import { differentiate, estimateOf, readCall } from './call';
import { checkPositive } from './checks';
import { ControlVariate, type ControlVariateState } from './control-variate';
import type { DifferentiableLoss, StatefulEstimator } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { type Choices, checkChoices } from './independent-choices';

export interface RodeoOptions extends FamilyOptions {
  /**
   * What a call keeps of the averages of those before it.
   * @defaultValue `0.9`
   */
  decay?: number | undefined;
}

/** What the estimator has learnt of its control variate. */
export type RodeoState = ControlVariateState;

/**
 * RODEO: the score function of S independent choices with each other's mean for a baseline, and discrete Stein operators for
 * control variates,
 *
 *     1/S sum_k [(L(x_k) - b_k) s(x_k) + eta A(h_k s)(x_k)],   b_k = 1/(S-1) sum_{j != k} [L(x_j) + eta (A h_j)(x_j)],
 *
 * s(x) = (x - p) / t. A is Gibbs's operator, `(A h)(x) = sum_i E[h(x with x_i drawn anew)] - h(x)`, of mean 0 for every h: i
 * is each coin in turn, or the one category. h_k is linear, with the mean gradient of the other draws, `h_k(x) = g_k . (x - p)`
 * (published is a network of these gradients). Unbiased for E[L(x)] whatever eta is; eta is the best one for the averages of
 * earlier calls, 1 in the first. S >= 2 draws a row; O(S n) a row (Shi, Zhou, Hwang, Titsias and Mackey, 2022).
 *
 * @param trick `oneHot`, `subset` or `independentEdges`, as exponential families
 * @throws SstError `INVALID_ARGUMENT`, for a single draw too
 */
export function rodeo(
  trick: ExponentialFamilyTrick,
  options: RodeoOptions = {},
): StatefulEstimator<DifferentiableLoss, RodeoState> {
  const addStein = operators[checkChoices(trick)];
  checkOptions('options', options, ['temperature', 'decay']);
  const t = checkPositive('temperature', options.temperature ?? trick.temperature);
  const control = new ControlVariate(options.decay);
  const n = trick.dimension;
  return {
    name: 'rodeo',
    trick,
    needs: 'gradient',
    estimate(parameters, loss, estimateOptions) {
      const call = readCall(trick, parameters, estimateOptions);
      const { theta, seed, samples, batch, ofRows, ofDraws } = call;
      const tempered = { temperature: t, ...ofRows };
      const p = trick.softmax(theta, tempered);
      const x = trick.familySample(theta, { seed, samples, ...tempered });
      const { value, gradient } = differentiate(trick, loss, x, batch * samples, ofDraws);
      // First the losses less the others' mean: it refuses a single draw.
      const left = centre('leave-one-out', value, call);
      const others = othersMeans(gradient, batch, samples, n);
      const away = x.map((xi, i) => xi - p[Math.floor(i / (samples * n)) * n + (i % n)]);
      const slopes = new Float64Array(batch * samples);
      for (let i = 0; i < x.length; i++) slopes[Math.floor(i / n)] += others[i] * away[i];
      // (A h_j)(x_j) = -slope_j, and b_k has the others' mean of it.
      const lowered = othersMeans(slopes, batch, samples, 1);
      const a = new Float64Array(theta.length);
      const b = new Float64Array(theta.length);
      for (let draw = 0; draw < batch * samples; draw++) {
        const row = Math.floor(draw / samples) * n;
        const own = away.subarray(draw * n, (draw + 1) * n);
        const stein = b.subarray(row, row + n);
        for (let i = 0; i < n; i++) {
          a[row + i] += (left[draw] * own[i]) / t;
          stein[i] += (lowered[draw] * own[i]) / t;
        }
        const g = others.subarray(draw * n, (draw + 1) * n);
        addStein({ g, p: p.subarray(row, row + n), away: own, slope: slopes[draw], t }, stein);
      }
      return estimateOf(call, value, control.add(a, b, call), x);
    },
    save: () => control.save(),
    restore: (state) => control.restore(state),
  };
}

/** Of a draw: h's gradient, probabilities, `x - p`, `g . (x - p)`. */
interface SteinTerms {
  g: Float64Array;
  p: Float64Array;
  away: Float64Array;
  slope: number;
  t: number;
}

/** Adds `A(h s)(x)` for `h(x) = g . (x - p)`. */
const operators: Record<Choices, (terms: SteinTerms, to: Float64Array) => void> = {
  /** `E[h s] - h(x) s(x)`. */
  one({ g, p, away, slope, t }, to) {
    const mean = p.reduce((sum, share, i) => sum + share * g[i], 0);
    for (let i = 0; i < to.length; i++) to[i] += (p[i] * (g[i] - mean) - slope * away[i]) / t;
  },
  /** Of coordinate m, its own coin drawn anew gives `g_m p_m (1 - p_m) / t - h(x) s_m`, any other `-g_i (x_i - p_i) s_m`. */
  coins({ g, p, away, slope, t }, to) {
    for (let i = 0; i < to.length; i++) {
      to[i] += (g[i] * p[i] * (1 - p[i]) - (2 * slope - g[i] * away[i]) * away[i]) / t;
    }
  },
};

/** For each of the draws of a row the mean of `width` numbers over the others. */
function othersMeans(values: Float64Array, batch: number, samples: number, width: number): Float64Array {
  const means = new Float64Array(values.length);
  for (let row = 0; row < batch; row++) {
    for (let i = 0; i < width; i++) {
      const first = row * samples * width + i;
      let sum = 0;
      for (let s = 0; s < samples; s++) sum += values[first + s * width];
      for (let s = 0; s < samples; s++) {
        means[first + s * width] = (sum - values[first + s * width]) / (samples - 1);
      }
    }
  }
  return means;
}
