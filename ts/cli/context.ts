import type { Experiment } from '../experiments/harness/experiment';

/** What the commands share; a test may bring its own. */
export interface Context {
  experiments: readonly Experiment[];
  /** The script of the processes that train. */
  workerModule: string;
}
