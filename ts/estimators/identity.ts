import { invalid } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { countedCells, pathwise } from './call';
import { checkAligned, checkTrick } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';

export interface IdentityOptions {
  /**
   * What is taken out of the gradient. `'mean'`: its mean over the allowed coordinates, which moves no solution
   * where all structures have the same number of ones (not for `subset`).
   * @defaultValue `'none'`
   */
  projection?: 'none' | 'mean' | undefined;
}

/**
 * The identity method: the solver is taken for the identity on the way back, `dL/dU ~ dL/dx` at x = X(U).
 *
 * Biased, in scale too: it knows the structure through the projection alone. One argmax a draw (Sahoo et al., 2023).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function identity(trick: Trick, options: IdentityOptions = {}): Estimator<DifferentiableLoss> {
  checkTrick(trick);
  checkAligned(trick);
  checkOptions('options', options, ['projection']);
  const { projection = 'none' } = options;
  if (!['none', 'mean'].includes(projection)) throw invalid('projection', "'none' or 'mean'", projection);
  return pathwise('identity', trick, ({ theta, seed, samples, ofRows, ofDraws }) => {
    const utility = trick.perturb(theta, { seed, samples, ...ofRows });
    return {
      x: trick.argmax(utility, ofDraws),
      backward: (dX) => {
        if (projection === 'none') return trick.perturbVjp(theta, utility, dX, ofRows);
        const counts = countedCells(trick, dX.length, ofDraws);
        const allowed = counts.map((counted, i) => (utility[i] === Number.NEGATIVE_INFINITY ? 0 : counted));
        return trick.perturbVjp(theta, utility, centred(dX, allowed, trick.dimension), ofRows);
      },
    };
  });
}

/** A gradient less its mean over the allowed coordinates, row by row; 0 elsewhere. */
function centred(gradient: Float64Array, allowed: Float64Array, width: number): Float64Array {
  const result = new Float64Array(gradient.length);
  for (let start = 0; start < gradient.length; start += width) {
    let sum = 0;
    let count = 0;
    for (let i = start; i < start + width; i++) {
      sum += allowed[i] * gradient[i];
      count += allowed[i];
    }
    for (let i = start; i < start + width; i++) {
      if (allowed[i] !== 0) result[i] = gradient[i] - sum / count;
    }
  }
  return result;
}
