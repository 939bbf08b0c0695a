import { checkInteger } from './validate';

let threads = 0;

/**
 * Sets the most threads that one call may use; 0 (the default) means one for each processor. Small batches stay on
 * the calling thread in any case, and the number never changes a bit of a result.
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
