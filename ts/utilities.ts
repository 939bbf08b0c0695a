import { type NativeUtility, native } from './binding';

/** A family of random utilities with one real parameter each. */
export interface Utility {
  /** As in the factory's name. */
  readonly name: 'gumbel' | 'logistic';
}

/** The addon's side of a utility; kept out of the public type. */
const handles = new WeakMap<Utility, NativeUtility>();

function register(name: Utility['name'], handle: NativeUtility): Utility {
  const utility = Object.freeze({ name });
  handles.set(utility, handle);
  return utility;
}

/** The native side of a utility, or nothing if the value is not one. */
export function utilityHandle(utility: unknown): NativeUtility | undefined {
  return typeof utility === 'object' && utility !== null ? handles.get(utility as Utility) : undefined;
}

const theGumbel = register('gumbel', native.gumbel());
const theLogistic = register('logistic', native.logistic());

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
