import type { RunProgress } from '../experiments/harness/run';
import type { Job } from './messages';

/** How a run ended; `cause` says why it failed. The files of a finished run are in its folder. */
export type JobEnd = { kind: 'finished' } | { kind: 'stopped' } | { kind: 'failed'; cause: string };

/** How jobs are stopped and followed. */
export interface DispatchOptions {
  /** Lets every active run write a checkpoint and end; runs that wait do not start. */
  stop: AbortSignal;
  /** Ends every run at once. */
  kill: AbortSignal;
  onStart: (job: Job) => void;
  onProgress: (job: Job, progress: RunProgress) => void;
  onEnd: (job: Job, end: JobEnd) => void;
  /** What the user should know of the way the jobs are done, in a line. */
  onNote?: (line: string) => void;
}

/**
 * Has jobs done somewhere: takes jobs, tells how they go, and gives the end of each, in the order of the jobs. A run that
 * fails does not affect the others. The pool of processes of this machine is one, a queue
 * with workers on any machines another.
 */
export type Dispatcher = (jobs: readonly Job[], options: DispatchOptions) => Promise<JobEnd[]>;
