import { setTimeout } from 'node:timers/promises';
import type { Job as QueuedJob } from 'bullmq';
import type { RunProgress } from '../../experiments/harness/run';
import type { Dispatcher, DispatchOptions, JobEnd } from '../dispatcher';
import { explain } from '../failure';
import type { Job } from '../messages';
import type { QueueAddress } from './address';
import { closeQueue, openQueue, reason, type TrialQueue } from './connection';
import { type Trial, type TrialResult, trialId, trialOf, writeTrialResult } from './trial';

/** Times a trial is tried on workers that say it failed. */
const attempts = 5;

const secondsInQueue = 30 * 24 * 3600;

const jobOptions = {
  attempts,
  backoff: { type: 'exponential', delay: 1000 },
  removeOnComplete: { age: secondsInQueue },
  removeOnFail: { age: secondsInQueue },
};

/** Questions to the queue at one time. */
const questions = 32;

/**
 * Has jobs done by the workers of a queue, wherever they are: adds what is not there yet, and fetches results until all
 * are there. Asks rather than listens, so that no restart of the server can hide an end. When it is stopped, the jobs
 * stay in the queue; a later session of the same jobs finds their results.
 */
export function queueDispatcher(address: QueueAddress): Dispatcher {
  return async (jobs, options) => {
    const queue = openQueue(address);
    try {
      return await new Following(address, queue, jobs, options).ends();
    } finally {
      await closeQueue(queue);
    }
  };
}

interface Followed {
  job: Job;
  trial: Trial;
  id: string;
  started: boolean;
  /** Newest progress, as text, to tell news. */
  progress?: string;
  end?: JobEnd;
}

class Following {
  readonly #address: QueueAddress;
  readonly #queue: TrialQueue;
  readonly #options: DispatchOptions;
  readonly #all: Followed[];
  readonly #stopped: Promise<void>;
  #isLost = false;

  constructor(address: QueueAddress, queue: TrialQueue, jobs: readonly Job[], options: DispatchOptions) {
    this.#address = address;
    this.#queue = queue;
    this.#options = options;
    this.#all = jobs.map((job) => {
      const trial = trialOf(job.experiment, job.config);
      return { job, trial, id: trialId(trial), started: false };
    });
    this.#stopped = new Promise((resolve) => {
      if (options.stop.aborted) resolve();
      options.stop.addEventListener('abort', () => resolve(), { once: true });
    });
    queue.on('error', (error) => this.#lose(error));
  }

  async ends(): Promise<JobEnd[]> {
    let ask = () => this.#submit();
    for (let left = this.#left(); left.length > 0 && !this.#isStopped(); left = this.#left()) {
      const asked = await this.#orStop(ask());
      if (asked) ask = () => this.#look();
      // Many jobs are asked after less often.
      const pause = Math.min(10_000, 500 + 5 * left.length);
      await setTimeout(pause, undefined, { signal: this.#options.stop }).catch(() => {});
    }
    return this.#all.map(({ end }) => end ?? { kind: 'stopped' });
  }

  #left(): Followed[] {
    return this.#all.filter(({ end }) => end === undefined);
  }

  #isStopped(): boolean {
    return this.#options.stop.aborted;
  }

  /** Whether the work was done: false if the queue did not answer, or the user did not want to wait. */
  async #orStop(work: Promise<unknown>): Promise<boolean> {
    const done = work.then(
      () => {
        this.#isLost = false;
        return true;
      },
      (error) => {
        this.#lose(error);
        return false;
      },
    );
    return Promise.race([done, this.#stopped.then(() => false)]);
  }

  /** Adds all jobs; what failed in an earlier session gets new attempts. */
  async #submit(): Promise<void> {
    await inTurn(this.#all, async (each) => {
      const known = await this.#queue.getJob(each.id);
      if (known !== undefined && isFailed(known)) {
        await known.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      }
    });
    await this.#add(this.#all);
    const workers = await this.#queue.getWorkersCount().catch(() => undefined);
    if (workers === 0) {
      this.#options.onNote?.(
        `No worker takes jobs from ${this.#address.shown} yet; on any machine: sst worker --queue <url>`,
      );
    }
  }

  async #add(some: readonly Followed[]): Promise<void> {
    await this.#queue.addBulk(
      some.map(({ job: { experiment, name }, trial: data, id: jobId }) => ({
        name: name.startsWith(`${experiment}/`) ? name : `${experiment}/${name}`,
        data,
        opts: { ...jobOptions, jobId },
      })),
    );
  }

  async #look(): Promise<void> {
    await inTurn(this.#left(), async (each) => {
      const found = await this.#queue.getJob(each.id);
      if (this.#isStopped()) return;
      // A server that was restarted without its files has forgotten it.
      if (found === undefined) await this.#add([each]);
      else this.#follow(each, found);
    });
  }

  #follow(each: Followed, found: QueuedJob<Trial, TrialResult>): void {
    const { job } = each;
    const isEnded = found.finishedOn !== undefined;
    if (found.processedOn === undefined && !isEnded) return;
    if (!each.started) {
      each.started = true;
      this.#options.onStart(job);
    }
    const progress = JSON.stringify(found.progress);
    if (isProgress(found.progress) && progress !== each.progress) {
      each.progress = progress;
      this.#options.onProgress(job, found.progress);
    }
    if (!isEnded) return;
    each.end = isFailed(found)
      ? { kind: 'failed', cause: found.failedReason }
      : receive(job, each.trial, found.returnvalue);
    this.#options.onEnd(job, each.end);
  }

  #lose(error: unknown): void {
    if (this.#isLost || this.#isStopped()) return;
    this.#isLost = true;
    this.#options.onNote?.(
      `The queue at ${this.#address.shown} does not answer (${reason(error)}); trying again`,
    );
  }
}

function receive({ options }: Job, trial: Trial, result: TrialResult): JobEnd {
  try {
    writeTrialResult(options.directory, trial, result);
    return { kind: 'finished' };
  } catch (error) {
    return { kind: 'failed', cause: explain(error) };
  }
}

function isFailed({ finishedOn, returnvalue }: QueuedJob<Trial, TrialResult>): boolean {
  return finishedOn !== undefined && (returnvalue === undefined || returnvalue === null);
}

function isProgress(value: unknown): value is RunProgress {
  return typeof value === 'object' && value !== null && 'phase' in value;
}

/** Does something with each, several at a time. */
async function inTurn<T>(values: readonly T[], work: (value: T) => Promise<void>): Promise<void> {
  const queue = values.values();
  const lane = async () => {
    for (const value of queue) await work(value);
  };
  await Promise.all(Array.from({ length: Math.min(questions, values.length) }, lane));
}
