import { countProgress } from './count-progress';
import { exitCodes } from './failure';
import { listenForInterruption } from './interruption';

/** Tells how much is done of how much, and what is being done. */
export type Progress = (done: number, total: number, what: string) => void;

/**
 * Does some work with a progress display, until it is done or a signal stops it. Work that is stopped gives undefined, and
 * `interrupted` is then the exit code that tells of the signal.
 */
export async function interruptible<T>(
  unit: string,
  work: (signal: AbortSignal, progress: Progress) => Promise<T | undefined>,
): Promise<{ results: T | undefined; interrupted: number }> {
  const view = countProgress(process.stderr, unit);
  const interruption = listenForInterruption(() => view.note('Stopping: what is finished is kept.'));
  try {
    const results = await work(interruption.stop, (done, total, what) => view.update(done, total, what));
    return { results, interrupted: interruption.exitCode() ?? exitCodes.failure };
  } finally {
    view.close();
    interruption.dispose();
  }
}
