import { fromNative } from './errors';
import { loadNative } from './native-loader';

/** The native addon. This file alone imports it. */
export const native = loadNative(() => require('../native.js') as typeof import('../native.js'));

export type { Cancellation, NativeTrick, NativeUtility, Outcome } from '../native.js';

/** Calls into the addon; its errors come out as `SstError`. */
export function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

/** The values of a call that ran on another thread, nothing if it was called off. */
export function fromOutcome({
  values,
  code,
  message,
}: import('../native.js').Outcome): Float64Array | undefined {
  if (code !== undefined) throw fromNative({ code, message });
  return values;
}
