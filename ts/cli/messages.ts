import type { NriConfig } from '../experiments/nri/config';
import type { NriProgress, NriRunOptions } from '../experiments/nri/records';

/** A run to train: its configuration and where it keeps its files. */
export interface Job {
  name: string;
  config: NriConfig;
  options: Pick<NriRunOptions, 'directory' | 'resume'>;
}

/** What the parent tells a worker. */
export type ToWorker = { type: 'run'; job: Job } | { type: 'stop' };

/** What a worker tells its parent; each of the last three is a worker's last message. */
export type FromWorker =
  | { type: 'progress'; progress: NriProgress }
  | { type: 'finished' }
  | { type: 'stopped'; step: number }
  | { type: 'failed'; message: string };
