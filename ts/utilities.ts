import { invalid } from './arguments/errors';
import { checkOptions } from './arguments/validate';
import { type NativeUtility, native } from './native/binding';

/** A family of random utilities with one real parameter each. */
export interface Utility {
  /** As in the factory's name. */
  readonly name: 'gumbel' | 'logistic' | 'gaussian' | 'negative-exponential';
  /** The standard deviation of a Gaussian. */
  readonly scale?: number;
}

/** The addon's side of a utility; kept out of the public type. */
const handles = new WeakMap<Utility, NativeUtility>();

function register(utility: Utility, handle: NativeUtility): Utility {
  handles.set(Object.freeze(utility), handle);
  return utility;
}

/** The native side of a utility, or nothing if the value is not one. */
export function utilityHandle(utility: unknown): NativeUtility | undefined {
  return typeof utility === 'object' && utility !== null ? handles.get(utility as Utility) : undefined;
}

const theGumbel = register({ name: 'gumbel' }, native.gumbel());
const theLogistic = register({ name: 'logistic' }, native.logistic());
const theNegativeExponential = register({ name: 'negative-exponential' }, native.negativeExponential());

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
  return register({ name: 'gaussian', scale }, native.gaussian(scale));
}

/**
 * `U = -E`, E exponential of rate `exp(theta)`, so `dU/dtheta = -U`: by memorylessness the maximum arborescence is drawn
 * vertex by vertex, each head in proportion to its rate, cycles redrawn. `KL = theta + exp(-theta) - 1`, for theta from
 * -700 to 700 (paper, section 6).
 */
export function negativeExponential(): Utility {
  return theNegativeExponential;
}
