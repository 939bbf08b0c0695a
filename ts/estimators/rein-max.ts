import { checkOptions } from '../arguments/validate';
import type { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { pathwise } from './call';
import { checkPositive } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';
import type { FamilyOptions } from './family-score-function';
import { type Choices, checkChoices } from './independent-choices';

export interface ReinMaxOptions extends FamilyOptions {
  /**
   * Of the probabilities that the gradient goes through.
   * @defaultValue that of the family
   */
  backwardTemperature?: number | undefined;
}

/**
 * ReinMax: of a category x drawn in proportion to `exp(theta / t)`, p its probabilities and g = dL/dx at x,
 *
 *     [2 J((x + p') / 2) g - J(p) g / 2] / t,   J(q) g = q (g - q . g),
 *
 * straight-through to the second order (Heun's method); p' are the probabilities at the backward temperature. Of coins, each
 * a choice of two, `J(q) g = q (1 - q) g`, coin by coin. Exact in expectation for losses that are quadratic in a single
 * choice, if the temperatures are one; else biased. Where there is one choice only it is then `secondOrderSimple`. One draw;
 * O(n) (Liu et al., 2023).
 *
 * @param trick `oneHot`, `subset` or `independentEdges`, as exponential families
 * @throws SstError `INVALID_ARGUMENT`
 */
export function reinMax(
  trick: ExponentialFamilyTrick,
  options: ReinMaxOptions = {},
): Estimator<DifferentiableLoss> {
  const jacobian = jacobians[checkChoices(trick)];
  checkOptions('options', options, ['temperature', 'backwardTemperature']);
  const t = checkPositive('temperature', options.temperature ?? trick.temperature);
  const backwardTemperature = checkPositive('backwardTemperature', options.backwardTemperature ?? t);
  const n = trick.dimension;
  return pathwise('rein-max', trick, ({ theta, seed, samples, batch, ofRows }) => {
    const x = trick.familySample(theta, { seed, samples, temperature: t, ...ofRows });
    return {
      x,
      backward: (dX) => {
        const p = trick.softmax(theta, { temperature: t, ...ofRows });
        const blunt = trick.softmax(theta, { temperature: backwardTemperature, ...ofRows });
        const gradient = new Float64Array(batch * n);
        const middle = new Float64Array(n);
        for (let draw = 0; draw < batch * samples; draw++) {
          const row = Math.floor(draw / samples) * n;
          const g = dX.subarray(draw * n, (draw + 1) * n);
          for (let i = 0; i < n; i++) middle[i] = (x[draw * n + i] + blunt[row + i]) / 2;
          const own = gradient.subarray(row, row + n);
          jacobian(middle, g, 2 / t, own);
          jacobian(p.subarray(row, row + n), g, -1 / (2 * t), own);
        }
        return gradient;
      },
    };
  });
}

/** Adds a multiple of `J(q) g`. */
type Jacobian = (q: Float64Array, g: Float64Array, factor: number, to: Float64Array) => void;

const jacobians: Record<Choices, Jacobian> = {
  one(q, g, factor, to) {
    const mean = q.reduce((sum, share, i) => sum + share * g[i], 0);
    for (let i = 0; i < to.length; i++) to[i] += factor * q[i] * (g[i] - mean);
  },
  coins(q, g, factor, to) {
    for (let i = 0; i < to.length; i++) to[i] += factor * q[i] * (1 - q[i]) * g[i];
  },
};
