import { isMainThread } from 'node:worker_threads';
import { checkInteger } from './arguments/validate';

/** Workers share the processors among themselves, so that each starts with one thread. */
let threads = isMainThread ? 0 : 1;

const listeners: ((count: number) => void)[] = [];

/**
 * Sets the most threads that one call may use; 0 means one for each processor. The default is 0, and 1 in a worker of
 * `node:worker_threads`. The kernels of `stochastic-softmax-tricks/tfjs-backend` follow it. Small batches stay on the calling thread in any case, and the number never changes a bit of a
 * result.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function setThreads(count: number): void {
  threads = checkInteger('count', count, 0, 1024);
  for (const listener of listeners) listener(threads);
}

/** The most threads that one call may use; 0 means one for each processor. */
export function getThreads(): number {
  return threads;
}

/** Calls a listener with the number of threads, now and whenever it is set. */
export function followThreads(listener: (count: number) => void): void {
  listeners.push(listener);
  listener(threads);
}
