import { invalid } from './arguments/errors';
import { checkOptions } from './arguments/validate';

/** A family of random utilities with one real parameter each. */
export interface Utility {
  /** As in the factory's name. */
  readonly name: 'gumbel' | 'logistic' | 'gaussian' | 'negative-exponential';
  /** The standard deviation of a Gaussian. */
  readonly scale?: number;
}

/** Those that were made here, so that nothing else passes for one. */
const known = new WeakSet<object>();

function register(utility: Utility): Utility {
  known.add(Object.freeze(utility));
  return utility;
}

/** Whether a value is what one of the factories gives. */
export function isUtility(utility: unknown): utility is Utility {
  return typeof utility === 'object' && utility !== null && known.has(utility);
}

const theGumbel = register({ name: 'gumbel' });
const theLogistic = register({ name: 'logistic' });
const theNegativeExponential = register({ name: 'negative-exponential' });

/**
 * `U = theta + G`, `P(G <= x) = exp(-exp(-x))`: over one-hot vectors the argmax is a softmax choice, over k-subsets
 * and spanning trees it follows the Plackett-Luce order. `KL = theta + exp(-theta) - 1` (paper, sections 3 and 6).
 */
export function gumbel(): Utility {
  return theGumbel;
}

/**
 * `U = theta + L`, `P(L <= x) = 1 / (1 + exp(-x))`: `U > 0` with log-odds theta, so that thresholding gives
 * independent coins. `KL = theta coth(theta / 2) - 2` (paper, section 6).
 */
export function logistic(): Utility {
  return theLogistic;
}

/**
 * `U = theta + scale Z`, Z standard normal; scale 1 by default. `KL = (theta / scale)^2 / 2` (paper, section 6).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function gaussian(options: { scale?: number | undefined } = {}): Utility {
  checkOptions('options', options, ['scale']);
  const { scale = 1 } = options;
  // Of a square and an inverse square in the range of doubles.
  if (typeof scale !== 'number' || !(scale >= 1e-150 && scale <= 1e150)) {
    throw invalid('scale', 'a number from 1e-150 to 1e150', scale);
  }
  return register({ name: 'gaussian', scale });
}

/**
 * `U = -E`, E exponential of rate `exp(theta)`, so `dU/dtheta = -U`: by memorylessness the maximum arborescence is drawn
 * vertex by vertex, each head in proportion to its rate, cycles redrawn. `KL = theta + exp(-theta) - 1`, for theta from
 * -700 to 700 (paper, section 6).
 */
export function negativeExponential(): Utility {
  return theNegativeExponential;
}
