import { fromNative } from '../arguments/errors';
import { loadNative } from './native-loader';

/** The native addon. This file alone imports it. */
export const native = loadNative(() => require('../../native.js') as typeof import('../../native.js'));

export type { Cancellation, NativeSparseMap, NativeTrick, Outcome } from '../../native.js';

/** What a function of the user threw, on its way through `guard`. */
class Thrown {
  constructor(readonly error: unknown) {}
}

/** Calls a function of the user, within a guarded call; what it throws comes out as it is. */
export function callUser<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new Thrown(error);
  }
}

/** Calls into the addon; its errors come out as `SstError`. */
export function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof Thrown ? error.error : fromNative(error);
  }
}

/** The values of a call that ran on another thread, nothing if it was called off. */
export function fromOutcome({
  values,
  code,
  message,
}: import('../../native.js').Outcome): Float64Array | undefined {
  if (code !== undefined) throw fromNative({ code, message });
  return values;
}
