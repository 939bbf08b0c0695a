import { fromNative } from './errors';
import { loadNative } from './native-loader';

/** The native addon. This file alone imports it. */
export const native = loadNative(() => require('../native.js') as typeof import('../native.js'));

export type { NativeTrick, NativeUtility } from '../native.js';

/** Calls into the addon; its errors come out as `SstError`. */
export function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}
