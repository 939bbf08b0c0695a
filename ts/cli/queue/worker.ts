import { hostname } from 'node:os';
import type { Job as QueuedJob } from 'bullmq';
import type { Experiment } from '../../experiments/harness/experiment';
import { formatDuration } from '../../experiments/report/format';
import { evaluationText } from '../../experiments/report/metrics';
import type { JobEnd } from '../dispatcher';
import { explain } from '../failure';
import type { Interruption } from '../interruption';
import type { Job } from '../messages';
import { Pace } from '../pace';
import { runJob } from '../pool';
import { describeRun } from '../progress';
import type { QueueAddress } from './address';
import { closeWorker, millisecondsToLeave, openWorker, reason, type TrialWorker, within } from './connection';
import { readTrialResult, type Trial, type TrialResult, trialId } from './trial';
import type { WorkFolder } from './work-folder';

/** How a worker works. */
export interface WorkerSettings {
  experiments: readonly Experiment[];
  /** The script of the processes that train. */
  workerModule: string;
  /** Trials at the same time. */
  trials: number;
  /** Seconds without a sign of life after which another worker takes a trial. */
  patience: number;
  folder: WorkFolder;
  interruption: Interruption;
  note: (line: string) => void;
}

/** How often a trial may lose its worker. A machine that is taken away is no fault of the trial. */
const maxStalledCount = 20;

const millisecondsBetweenReports = 1000;
const secondsBetweenLines = 30;

/** Takes trials from a queue until it is interrupted. Trials in hand are then stopped and go back to the queue. */
export async function workOn(address: QueueAddress, settings: WorkerSettings): Promise<void> {
  const { trials, patience, folder, interruption, note } = settings;
  const active = new Map<string, Pace>();
  const hand = new Hand(settings, active);
  const { WaitingError } = require('bullmq') as typeof import('bullmq');

  const worker: TrialWorker = openWorker(
    address,
    async (queued, token, lost) => {
      if (!interruption.stop.aborted) {
        const end = await hand.train(queued, lost);
        if (end.kind === 'failed') throw new Error(end.cause);
        if (end.kind === 'finished') return end.result;
      }
      // A job that is no longer this worker's is left alone.
      if (lost?.aborted) throw new WaitingError();
      await queued.moveToWait(token);
      note(`${queued.name} goes back to the queue`);
      throw new WaitingError();
    },
    {
      name: `${hostname()}-${process.pid}`,
      concurrency: trials,
      lockDuration: patience * 1000,
      stalledInterval: (patience * 1000) / 2,
      maxStalledCount,
      runRetryDelay: 2000,
    },
  );
  worker.on('completed', ({ data }) => folder.remove(trialId(data)));
  // Another worker may have it by now, and what this one found would be refused.
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id);
  });
  worker.on('stalled', (id) => note(`A trial whose worker fell silent is back in the queue (${id})`));
  let complained = '';
  worker.on('error', (error) => {
    const line = `The queue at ${address.shown}: ${reason(error)}`;
    if (line !== complained && !interruption.stop.aborted) note(line);
    complained = line;
  });
  worker.on('active', () => {
    complained = '';
  });

  const lines = setInterval(() => {
    const runs = [...active.values()].flatMap((pace) => pace.active());
    for (const run of runs)
      note(`${run.job.name} ${run.step}/${run.steps}: ${describeRun(run, hand.describe)}`);
  }, secondsBetweenLines * 1000);
  const stopped = new Promise<void>((resolve) => {
    if (interruption.stop.aborted) resolve();
    interruption.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    void worker.run().catch((error) => note(reason(error)));
    await stopped;
    // Takes nothing more, and tells the queue what became of the trials.
    const told = worker.pause();
    await hand.empty();
    await within(millisecondsToLeave, told);
  } finally {
    clearInterval(lines);
    await closeWorker(worker);
  }
}

type TrialEnd = Exclude<JobEnd, { kind: 'finished' }> | { kind: 'finished'; result: TrialResult };

/** The trials that a worker has in hand. */
class Hand {
  readonly #settings: WorkerSettings;
  readonly #active: Map<string, Pace>;
  readonly #work = new Set<Promise<unknown>>();

  constructor(settings: WorkerSettings, active: Map<string, Pace>) {
    this.#settings = settings;
    this.#active = active;
  }

  readonly describe = ({ experiment: name }: Job, found: Parameters<typeof evaluationText>[1]): string => {
    const experiment = this.#settings.experiments.find((candidate) => candidate.name === name);
    return experiment === undefined ? '' : evaluationText(experiment, found);
  };

  /** Waits until nothing is trained any more. */
  async empty(): Promise<void> {
    await Promise.allSettled(this.#work);
  }

  /** Trains a trial in a child process, so that its work cannot keep the signs of life from being given. */
  train(queued: QueuedJob<Trial, TrialResult>, lost: AbortSignal | undefined): Promise<TrialEnd> {
    const work = this.#train(queued, lost);
    this.#work.add(work);
    return work.finally(() => this.#work.delete(work));
  }

  async #train(queued: QueuedJob<Trial, TrialResult>, lost: AbortSignal | undefined): Promise<TrialEnd> {
    const { folder, workerModule, interruption, note } = this.#settings;
    const { data, name } = queued;
    // Not the queue's name for it: that would be a path of somebody else's making.
    const id = trialId(data);
    const directory = folder.take(id);
    const config = JSON.parse(data.config);
    const job: Job = { name, experiment: data.experiment, config, options: { directory, resume: true } };
    const pace = new Pace([job], { runs: 0, steps: 0 });
    pace.start(job);
    this.#active.set(id, pace);
    const begin = performance.now();
    note(queued.attemptsMade > 0 ? `${name} starts (attempt ${queued.attemptsMade + 1})` : `${name} starts`);
    const report = reporter(queued);
    try {
      const end = await runJob(job, workerModule, {
        stop: interruption.stop,
        kill: anyOf(interruption.kill, lost),
        onProgress: (_, progress) => {
          pace.update(job, progress);
          report(progress);
        },
      });
      // The last word of a killed child is no failure of the trial.
      if (lost?.aborted) {
        note(`${name} is left to another worker`);
        return { kind: 'stopped' };
      }
      if (end.kind === 'failed') note(`${name} failed: ${end.cause.split('\n')[0]}`);
      if (end.kind !== 'finished') return end;
      note(`${name} finished in ${formatDuration((performance.now() - begin) / 1000)}`);
      return { kind: 'finished', result: readTrialResult(directory) };
    } catch (error) {
      return { kind: 'failed', cause: explain(error) };
    } finally {
      this.#active.delete(id);
      folder.putBack(id, directory);
    }
  }
}

/** Passes progress on to the queue, calmly; what the server does not take is not worth a fault. */
function reporter(queued: QueuedJob<Trial, TrialResult>): (progress: object) => void {
  let last = Number.NEGATIVE_INFINITY;
  let isBusy = false;
  return (progress) => {
    const now = performance.now();
    if (isBusy || now - last < millisecondsBetweenReports) return;
    last = now;
    isBusy = true;
    void queued
      .updateProgress(progress)
      .catch(() => {})
      .finally(() => {
        isBusy = false;
      });
  };
}

function anyOf(signal: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? signal : AbortSignal.any([signal, other]);
}
