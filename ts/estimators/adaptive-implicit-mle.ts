import { invalid } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { pathwise } from './call';
import { checkAligned, checkPositive, checkTrick } from './checks';
import type { DifferentiableLoss, StatefulEstimator } from './estimator';
import { targetDifference } from './target-difference';

export interface AdaptiveImplicitMleOptions {
  /**
   * The first relative step alpha.
   * @defaultValue `1`
   */
  alpha?: number | undefined;
  /**
   * By how much alpha moves after each estimate.
   * @defaultValue `0.001`
   */
  rate?: number | undefined;
  /**
   * How many coordinates of a draw's gradient should differ from 0, on average.
   * @defaultValue `1`
   */
  target?: number | undefined;
  /**
   * What a call keeps of the average count of those before it.
   * @defaultValue `0.9`
   */
  decay?: number | undefined;
  /**
   * Whether the difference is taken to both sides.
   * @defaultValue `true`
   */
  symmetric?: boolean | undefined;
}

/** What the estimator has learnt. */
export interface AdaptiveImplicitMleState {
  alpha: number;
  /** Average count of the coordinates of a draw's gradient that are not 0. */
  count: number;
}

/**
 * Implicit maximum-likelihood estimation with a step that adapts: `lambda = alpha |U| / |g|` for each draw, alpha raised
 * by `rate` while a draw's gradient has on average fewer than `target` coordinates other than 0, else lowered.
 *
 * The published step is relative to |theta|; |U| serves at theta = 0 too. Biased; two argmaxes a draw, three if symmetric
 * (Minervini et al., 2023).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function adaptiveImplicitMle(
  trick: Trick,
  options: AdaptiveImplicitMleOptions = {},
): StatefulEstimator<DifferentiableLoss, AdaptiveImplicitMleState> {
  checkTrick(trick);
  checkAligned(trick);
  checkOptions('options', options, ['alpha', 'rate', 'target', 'decay', 'symmetric']);
  const { symmetric = true, decay = 0.9 } = options;
  if (typeof decay !== 'number' || !(decay >= 0 && decay < 1))
    throw invalid('decay', 'a number in [0, 1)', decay);
  const rate = checkPositive('rate', options.rate ?? 0.001);
  const target = checkPositive('target', options.target ?? 1);
  const state: AdaptiveImplicitMleState = {
    alpha: checkPositive('alpha', options.alpha ?? 1),
    count: target,
  };
  const adapt = (difference: Float64Array, draws: number) => {
    const count = difference.reduce((sum, d) => sum + (d === 0 ? 0 : 1), 0) / draws;
    state.count = decay * state.count + (1 - decay) * count;
    state.alpha = Math.max(0, state.alpha + (state.count < target ? rate : -rate));
  };
  const estimator = pathwise(
    'adaptive-implicit-mle',
    trick,
    ({ theta, seed, samples, batch, ofRows, ofDraws }) => {
      const utility = trick.perturb(theta, { seed, samples, ...ofRows });
      const x = trick.argmax(utility, ofDraws);
      return {
        x,
        backward: (dX) => {
          const draws = batch * samples;
          const [far, steep] = [rowNorms(utility, draws), rowNorms(dX, draws)];
          const steps = far.map((norm, row) => (steep[row] === 0 ? 0 : (state.alpha * norm) / steep[row]));
          const difference = targetDifference(trick, utility, x, dX, steps, symmetric, ofDraws);
          const counted = ofRows.lengths?.filter((length) => length > 0).length ?? batch;
          if (counted > 0) adapt(difference, counted * samples);
          return trick.perturbVjp(theta, utility, difference, ofRows);
        },
      };
    },
  );
  return {
    ...estimator,
    save: () => ({ ...state }),
    restore(given) {
      checkOptions('state', given, ['alpha', 'count']);
      for (const key of ['alpha', 'count'] as const) {
        const value: unknown = given[key];
        if (typeof value !== 'number' || !(value >= 0 && value < Number.POSITIVE_INFINITY)) {
          throw invalid(`state.${key}`, 'a finite number >= 0', value);
        }
      }
      Object.assign(state, given);
    },
  };
}

/** Euclidean norms of the finite numbers of each row. */
function rowNorms(values: Float64Array, rows: number): Float64Array {
  const width = values.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (const x of values.subarray(row * width, (row + 1) * width)) if (Number.isFinite(x)) sum += x * x;
    return Math.sqrt(sum);
  });
}
