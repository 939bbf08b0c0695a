import { invalid } from '../arguments/errors';
import { type Cancellation, fromOutcome, native, type Outcome } from '../native/binding';

/** Options of the methods that leave the event loop free. */
export interface AsyncOptions {
  /**
   * Calls the work off: the promise rejects with the signal's reason.
   * @defaultValue none
   */
  signal?: AbortSignal | undefined;
}

/** Runs a call of the addon on another thread; the values, or a rejection with an `SstError` or the signal's reason. */
export async function inBackground(
  signal: unknown,
  start: (cancellation: Cancellation) => Promise<Outcome>,
): Promise<Float64Array> {
  const abort = checkSignal(signal);
  abort?.throwIfAborted();
  const cancellation = new native.Cancellation();
  const onAbort = () => cancellation.cancel();
  abort?.addEventListener('abort', onAbort, { once: true });
  try {
    const values = fromOutcome(await start(cancellation));
    abort?.throwIfAborted();
    // Without an aborted signal nothing else calls it off.
    return values as Float64Array;
  } finally {
    abort?.removeEventListener('abort', onAbort);
  }
}

/** The signal of the options, if it is one. */
export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw invalid('signal', 'an AbortSignal', signal);
}
