import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { Metrics } from '../experiments/harness/experiment';
import { formatDuration, formatNumber } from '../experiments/report/format';
import type { Job } from './messages';
import type { OverallPace, Pace, RunPace } from './pace';

/** Shows how the runs go. */
export interface ProgressView {
  start(job: Job): void;
  update(run: RunPace): void;
  end(job: Job, line: string): void;
  /** Prints a line that stays. */
  note(line: string): void;
  close(): void;
}

/** An evaluation of a job in words: `ELBO −1235, precision 87.7 %`. */
export type DescribeEvaluation = (job: Job, found: Metrics) => string;

/** Bars on a terminal, plain lines elsewhere. */
export function progressView(
  stream: NodeJS.WriteStream,
  pace: Pace,
  describe: DescribeEvaluation,
): ProgressView {
  return stream.isTTY ? new Bars(stream, pace, describe) : new Lines(stream, pace, describe);
}

/** Phase, rate, time left and the newest evaluation of a run. */
export function describeRun({ job, rate, eta, progress }: RunPace, describe: DescribeEvaluation): string {
  if (!progress) return 'starting';
  const phases = { data: 'making the data', train: '', validation: 'evaluating', test: 'testing' };
  const parts = [
    phases[progress.phase],
    rate > 0 ? `${formatNumber(rate, rate < 10 ? 1 : 0)} steps/s` : '',
    Number.isFinite(eta) && progress.phase !== 'test' ? `${formatDuration(eta)} left` : '',
  ];
  const { validation } = progress;
  if (validation) parts.push(describe(job, validation));
  return parts.filter((part) => part !== '').join(', ');
}

/** Finished runs, rate and time left of all runs. */
export function describeOverall({ finished, runs, rate, eta }: OverallPace): string {
  const parts = [`${finished}/${runs} runs`];
  if (rate > 0) parts.push(`${formatNumber(rate, rate < 10 ? 1 : 0)} steps/s`);
  if (Number.isFinite(eta)) parts.push(`${formatDuration(eta)} left`);
  return parts.join(', ');
}

/** A line takes the place of a longer bar. */
const eraseToTheRight = '\x1b[K';

class Bars implements ProgressView {
  readonly #bars: MultiBar;
  readonly #pace: Pace;
  readonly #overall: SingleBar;
  readonly #runs = new Map<string, SingleBar>();
  readonly #describe: DescribeEvaluation;
  readonly #width: number;

  constructor(stream: NodeJS.WriteStream, pace: Pace, describe: DescribeEvaluation) {
    this.#describe = describe;
    this.#bars = new MultiBar(
      {
        stream,
        format: '{name} {bar} {percentage}%  {status}',
        barsize: 20,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false,
        fps: 5,
      },
      Presets.shades_classic,
    );
    this.#pace = pace;
    this.#width = Math.max('all runs'.length, pace.width);
    const { step, steps } = pace.overall();
    this.#overall = this.#bars.create(steps, step, { name: 'all runs'.padEnd(this.#width), status: '' });
    this.#refresh();
  }

  start(job: Job): void {
    const name = job.name.padEnd(this.#width);
    this.#runs.set(
      job.name,
      this.#bars.create(Math.max(1, job.config.steps), 0, { name, status: 'starting' }),
    );
  }

  update(run: RunPace): void {
    this.#runs.get(run.job.name)?.update(run.step, { status: describeRun(run, this.#describe) });
    this.#refresh();
  }

  end(job: Job, line: string): void {
    const bar = this.#runs.get(job.name);
    this.#runs.delete(job.name);
    this.note(line);
    if (bar) this.#bars.remove(bar);
    this.#refresh();
  }

  note(line: string): void {
    this.#bars.log(`${line}${eraseToTheRight}\n`);
  }

  close(): void {
    // Draws once more, since lines that wait for the next drawing would be lost.
    this.#bars.update();
    this.#bars.stop();
  }

  #refresh(): void {
    const overall = this.#pace.overall();
    this.#overall.update(overall.step, { status: describeOverall(overall) });
  }
}

const secondsBetweenLines = 10;

class Lines implements ProgressView {
  readonly #stream: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout;

  constructor(stream: NodeJS.WriteStream, pace: Pace, describe: DescribeEvaluation) {
    this.#stream = stream;
    this.#timer = setInterval(() => {
      const runs = pace
        .active()
        .map((run) => `${run.job.name} ${run.step}/${run.steps}: ${describeRun(run, describe)}`);
      this.note([describeOverall(pace.overall()), ...runs].join(' | '));
    }, secondsBetweenLines * 1000);
  }

  start(job: Job): void {
    this.note(`${job.name} starts`);
  }

  update(): void {}

  end(_job: Job, line: string): void {
    this.note(line);
  }

  note(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
