import type { RunConfig } from '../experiments/harness/experiment';
import type { RunOptions, RunProgress } from '../experiments/harness/run';

/** A run to train: its experiment, its configuration and where it keeps its files. */
export interface Job {
  /** Tells runs apart, among all jobs of a session. */
  name: string;
  /** The experiment's name in the registry. */
  experiment: string;
  config: RunConfig;
  options: Pick<RunOptions, 'directory' | 'resume'>;
}

/** What the parent tells a worker: a run and how many threads it may use (`setThreads`), or to stop. */
export type ToWorker = { type: 'run'; job: Job; threads: number } | { type: 'stop' };

/** What a worker tells its parent; each of the last three is a worker's last message. */
export type FromWorker =
  | { type: 'progress'; progress: RunProgress }
  | { type: 'finished' }
  | { type: 'stopped'; step: number }
  | { type: 'failed'; message: string };
