import { invalid } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { pathwise } from './call';
import { checkAligned, checkTrick } from './checks';
import type { DifferentiableLoss, Estimator } from './estimator';

export interface IdentityOptions {
  /**
   * What is taken out of the gradient. `mean`: its mean over the allowed coordinates, which moves no solution where all
   * structures have the same number of ones (not for `subset`). Default none.
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
  return pathwise('identity', trick, ({ theta, seed, samples }) => {
    const utility = trick.perturb(theta, { seed, samples });
    return {
      x: trick.argmax(utility),
      backward: (dX) =>
        trick.perturbVjp(theta, utility, projection === 'mean' ? centred(dX, utility, trick.dimension) : dX),
    };
  });
}

/** A gradient less its mean over the allowed coordinates, row by row. */
function centred(gradient: Float64Array, utility: Float64Array, width: number): Float64Array {
  const result = new Float64Array(gradient.length);
  for (let start = 0; start < gradient.length; start += width) {
    let sum = 0;
    let count = 0;
    for (let i = start; i < start + width; i++) {
      if (utility[i] === Number.NEGATIVE_INFINITY) continue;
      sum += gradient[i];
      count += 1;
    }
    for (let i = start; i < start + width; i++) {
      if (utility[i] !== Number.NEGATIVE_INFINITY) result[i] = gradient[i] - sum / count;
    }
  }
  return result;
}
