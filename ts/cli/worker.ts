import type { Experiment } from '../experiments/harness/experiment';
import type { RunOptions, RunOutcome, RunProgress } from '../experiments/harness/run';
import { setThreads } from '../threads';
import { explain } from './failure';
import type { FromWorker, Job, ToWorker } from './messages';

/** A function that trains one run, as `trainRun` does. */
export type Train = (job: Pick<Job, 'experiment' | 'config'>, options: RunOptions) => Promise<RunOutcome>;

const millisecondsBetweenReports = 200;

/**
 * Makes this child process train the run its parent sends, report on it, and exit. It stops with a checkpoint when
 * the parent says so or is gone; the terminal's Ctrl-C reaches the whole process group and is left to the parent.
 */
export function serve(train: Train): void {
  const stop = new AbortController();
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => stop.abort());
  process.on('SIGHUP', () => stop.abort());
  process.on('disconnect', () => stop.abort());
  process.on('message', (message: ToWorker) => {
    if (message.type === 'stop') {
      stop.abort();
      return;
    }
    setThreads(message.threads);
    void work(train, message.job, stop.signal).then(leave);
  });
}

/** {@link serve} for experiments: a job's is found by its name. Code that trains is loaded late, after the signals. */
export function serveExperiments(experiments: readonly Experiment[]): void {
  serve(async ({ experiment: name, config }, options) => {
    const experiment = experiments.find((candidate) => candidate.name === name);
    if (experiment === undefined) throw new Error(`no experiment '${name}' is registered`);
    const { trainRun } = require('../experiments/harness/run') as typeof import('../experiments/harness/run');
    return trainRun(experiment, config, options);
  });
}

async function work(train: Train, job: Job, signal: AbortSignal): Promise<FromWorker> {
  try {
    const outcome = await train(job, { ...job.options, signal, onProgress: reporter() });
    return outcome.finished ? { type: 'finished' } : { type: 'stopped', step: outcome.step };
  } catch (error) {
    return { type: 'failed', message: explain(error) };
  }
}

/** Passes progress on at a calm rate, but each evaluation and each new phase at once. */
function reporter(): (progress: RunProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  let previous: RunProgress | undefined;
  return (progress) => {
    const now = performance.now();
    const news = progress.phase !== previous?.phase || progress.validation !== previous.validation;
    previous = progress;
    if (!news && now - last < millisecondsBetweenReports) return;
    last = now;
    if (process.connected) process.send?.({ type: 'progress', progress } satisfies FromWorker);
  };
}

function leave(message: FromWorker): void {
  if (!process.connected || !process.send) process.exit(1);
  process.send(message, () => process.exit(0));
}
