import { isMainThread } from 'node:worker_threads';
import { checkInteger } from './arguments/validate';

/** Workers share the processors among themselves, so that each starts with one thread. */
let threads = isMainThread ? 0 : 1;

/**
 * Sets the most threads that one call may use; 0 means one for each processor. The default is 0, and 1 in a worker of
 * `node:worker_threads`. Small batches stay on the calling thread in any case, and the number never changes a bit of a
 * result.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function setThreads(count: number): void {
  threads = checkInteger('count', count, 0, 1024);
}

/** The most threads that one call may use; 0 means one for each processor. */
export function getThreads(): number {
  return threads;
}
