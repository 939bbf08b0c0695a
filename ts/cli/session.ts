import type { Experiment } from '../experiments/harness/experiment';
import type { RunProgress } from '../experiments/harness/run';
import { formatDuration } from '../experiments/report/format';
import { evaluationText } from '../experiments/report/metrics';
import { fallbackWarning, usableBackend } from '../experiments/usable-backend';
import type { JobEnd } from './dispatcher';
import { listenForInterruption } from './interruption';
import type { Job } from './messages';
import { Pace } from './pace';
import { type DescribeEvaluation, progressView } from './progress';
import type { Workplace } from './workplace';

/** What a session does: jobs, and what earlier sessions have done of the same. */
export interface Session {
  jobs: readonly Job[];
  /** Steps of the runs that are finished already. */
  doneSteps: readonly number[];
  experiments: readonly Experiment[];
  workplace: Workplace;
  /** Further listeners, such as a journal. */
  onStart?: (job: Job) => void;
  onProgress?: (job: Job, progress: RunProgress) => void;
  onEnd?: (job: Job, end: JobEnd) => void;
}

/** How the jobs of a session ended; `interrupted` is the exit code that tells of a signal. */
export interface SessionEnd {
  ends: JobEnd[];
  interrupted: number | undefined;
}

/** Has jobs done, with a progress display, until they are done or a signal stops them. */
export async function runSession({
  jobs,
  doneSteps,
  experiments,
  workplace,
  ...listeners
}: Session): Promise<SessionEnd> {
  // The workers' own warnings do not reach the terminal.
  if (workplace.isHere && jobs.some(({ config: { backend } }) => usableBackend(backend) !== backend)) {
    process.stderr.write(`${fallbackWarning}\n`);
  }
  const describe: DescribeEvaluation = ({ experiment: name }, found) => {
    const experiment = experiments.find((candidate) => candidate.name === name);
    return experiment === undefined ? '' : evaluationText(experiment, found);
  };
  const steps = doneSteps.reduce((a, b) => a + b, 0);
  const pace = new Pace(jobs, { runs: doneSteps.length, steps });
  const view = progressView(process.stderr, pace, describe);
  const interruption = listenForInterruption(() => view.note(workplace.stopping));
  try {
    const ends = await workplace.dispatch(jobs, {
      stop: interruption.stop,
      kill: interruption.kill,
      onStart: (job) => {
        pace.start(job);
        view.start(job);
        listeners.onStart?.(job);
      },
      onProgress: (job, progress) => {
        view.update(pace.update(job, progress));
        listeners.onProgress?.(job, progress);
      },
      onEnd: (job, end) => {
        const run = pace.active().find((active) => active.job === job);
        pace.end(job, end.kind === 'finished');
        view.end(job, describeEnd(job, end, run?.progress, describe));
        listeners.onEnd?.(job, end);
      },
      onNote: (line) => view.note(line),
    });
    return { ends, interrupted: interruption.exitCode() };
  } finally {
    view.close();
    interruption.dispose();
  }
}

/** What is to be done, in a line. */
export function describeJobs(left: number, done: number): string {
  const runs = left + done === 1 ? 'run' : 'runs';
  if (left === 0) return `All ${done} ${runs} are finished`;
  return done === 0
    ? `Training ${left} ${runs}`
    : `Training ${left} of ${left + done} ${runs}, the others are finished,`;
}

/** Why jobs failed, a line each with its job. */
export function causesOf(jobs: readonly Job[], ends: readonly JobEnd[]): string {
  return ends.flatMap((end, i) => (end.kind === 'failed' ? `\n${jobs[i].name}: ${end.cause}` : [])).join('');
}

function describeEnd(
  job: Job,
  end: JobEnd,
  progress: RunProgress | undefined,
  describe: DescribeEvaluation,
): string {
  if (end.kind === 'failed') return `${job.name} failed: ${end.cause.split('\n')[0]}`;
  if (end.kind === 'stopped') return `${job.name} stopped`;
  const { validation, seconds } = progress ?? {};
  const time = seconds === undefined ? '' : ` in ${formatDuration(seconds)}`;
  const found = validation === undefined ? '' : `: ${describe(job, validation)}`;
  return `${job.name} finished${time}${found}`;
}
