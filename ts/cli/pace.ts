import type { RunProgress } from '../experiments/harness/run';
import type { Job } from './messages';

/** What is known of one active run. */
export interface RunPace {
  job: Job;
  /** Newest training step; other phases count items. */
  step: number;
  steps: number;
  /** Steps a second over the run so far, evaluations included; 0 until it is known. */
  rate: number;
  /** Seconds to the end of the run; NaN until it is known. */
  eta: number;
  progress?: RunProgress;
}

/** What is known of all runs together. */
export interface OverallPace {
  finished: number;
  runs: number;
  step: number;
  steps: number;
  rate: number;
  eta: number;
}

/** Follows the runs of a session: steps done, rates and the time that is left. */
export class Pace {
  readonly #active = new Map<string, RunPace>();
  /** Letters of the longest name. */
  readonly width: number;
  readonly #runs: number;
  readonly #steps: number;
  readonly #begin: number;
  readonly #now: () => number;
  #finishedRuns: number;
  #endedSteps: number;
  /** Steps that earlier sessions did, which say nothing about this session's rate. */
  #inherited: number;

  /** `jobs` are the runs still to do, `done` the finished ones with their steps; `now` gives seconds. */
  constructor(
    jobs: readonly Job[],
    done: { runs: number; steps: number },
    now = () => performance.now() / 1000,
  ) {
    this.width = Math.max(0, ...jobs.map(({ name }) => name.length));
    this.#runs = jobs.length + done.runs;
    this.#steps = jobs.reduce((sum, job) => sum + job.config.steps, done.steps);
    this.#finishedRuns = done.runs;
    this.#endedSteps = done.steps;
    this.#inherited = done.steps;
    this.#now = now;
    this.#begin = now();
  }

  start(job: Job): void {
    this.#active.set(job.name, { job, step: 0, steps: job.config.steps, rate: 0, eta: Number.NaN });
  }

  update(job: Job, progress: RunProgress): RunPace {
    const known = this.#active.get(job.name);
    if (!known) throw new Error(`${job.name} is not active`);
    if (progress.phase === 'train') {
      // A resumed run starts at its checkpoint's step.
      if (known.step === 0 && progress.step > 1) this.#inherited += progress.step - 1;
      known.step = progress.step;
      known.rate = progress.seconds > 0 ? progress.step / progress.seconds : 0;
      known.eta = known.rate > 0 ? (known.steps - known.step) / known.rate : Number.NaN;
    }
    known.progress = progress;
    return known;
  }

  end(job: Job, finished: boolean): void {
    const known = this.#active.get(job.name);
    this.#active.delete(job.name);
    if (finished) {
      this.#finishedRuns += 1;
      this.#endedSteps += job.config.steps;
    } else {
      this.#endedSteps += known?.step ?? 0;
    }
  }

  /** The active runs, the earliest started first. */
  active(): RunPace[] {
    return [...this.#active.values()];
  }

  overall(): OverallPace {
    const step = this.active().reduce((sum, run) => sum + run.step, this.#endedSteps);
    const elapsed = this.#now() - this.#begin;
    const rate = elapsed > 0 ? (step - this.#inherited) / elapsed : 0;
    return {
      finished: this.#finishedRuns,
      runs: this.#runs,
      step,
      steps: this.#steps,
      rate,
      eta: rate > 0 ? (this.#steps - step) / rate : Number.NaN,
    };
  }
}
