import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { formatDuration, formatNumber, formatPercent } from '../experiments/report/labels';
import { plottingPackages } from '../experiments/report/render';
import { readExperiment } from '../experiments/report/results';
import { fallbackWarning, usableBackend } from '../experiments/usable-backend';
import { npx, quoted } from './command-line';
import { planExperiment } from './experiment-directory';
import { CliError } from './failure';
import { listenForInterruption } from './interruption';
import type { Job } from './messages';
import { addNriOptions, type NriFlags, nriOptions } from './nri-options';
import { Pace } from './pace';
import { requirePackages, requirePlotting } from './packages';
import { type JobEnd, runPool } from './pool';
import { progressView } from './progress';
import { printReport } from './report';

const trainingPackages = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];

type Flags = NriFlags & { out?: string; resume?: true; workers: number };

/** Adds `train nri`; `workerModule` is the script of the processes that train. */
export function addTrainNri(train: Command, workerModule = join(__dirname, 'nri-worker.js')): void {
  const command = train
    .command('nri')
    .summary('neural relational inference on graph layouts')
    .description(
      'Trains neural relational inference on graph layouts: every structure with every estimator and seed. Ends in a report, report.html in the output directory.',
    );
  addNriOptions(command)
    .addOption(new Option('--out <directory>', 'output directory (default: a new one under runs/)'))
    .addOption(new Option('--resume', 'go on with the unfinished runs of --out'))
    .addOption(
      new Option('--workers <n>', 'runs trained at the same time')
        .default(availableParallelism(), 'one for each core')
        .argParser(parseWorkers),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ sst train nri                                   all three structures, the seeds of the quick preset
  $ sst train nri --structure spanning-tree --seeds 2
  $ sst train nri --estimator relaxed --estimator reinforce --estimator nvil
  $ sst train nri --preset paper --timesteps 20 --out runs/paper-20
  $ sst train nri --resume --out runs/paper-20`,
    )
    .action((flags: Flags) => trainNri(flags, workerModule));
}

async function trainNri(flags: Flags, workerModule: string): Promise<void> {
  requirePackages([...trainingPackages, ...plottingPackages], 'sst train nri');
  await requirePlotting('sst train nri');
  const { directory, jobs } = planExperiment(nriOptions(flags), flags.out, flags.resume ?? false);
  const { runs } = readExperiment(directory);
  const done = runs.filter((run) => run.result !== undefined);
  const backends = jobs.map(({ config }) => config.backend);
  // The workers' own warnings do not reach the terminal.
  if (backends.some((backend) => usableBackend(backend) !== backend)) {
    process.stderr.write(`${fallbackWarning}\n`);
  }
  process.stderr.write(`${describeJobs(jobs.length, done.length)} in ${directory}\n`);
  const { ends, interrupted } = await train(
    jobs,
    done.map((run) => run.config.steps),
    flags.workers,
    workerModule,
  );
  const unfinished = ends.filter((end) => end.kind !== 'finished').length;
  const isComplete = unfinished === 0;
  if (isComplete || (interrupted === undefined && unfinished < runs.length)) await printReport(directory);
  if (isComplete) return;
  const what = interrupted === undefined ? `${unfinished} of ${runs.length} runs did not finish` : 'Stopped';
  const causes = ends.flatMap((end, i) => (end.kind === 'failed' ? `\n${jobs[i].name}: ${end.cause}` : []));
  throw new CliError(
    `${what}; go on with: ${npx} train nri --resume --out ${quoted(directory)}${causes.join('')}`,
    interrupted,
  );
}

async function train(jobs: readonly Job[], doneSteps: number[], workers: number, workerModule: string) {
  const pace = new Pace(jobs, { runs: doneSteps.length, steps: doneSteps.reduce((a, b) => a + b, 0) });
  const view = progressView(process.stderr, pace);
  const interruption = listenForInterruption(() =>
    view.note('Stopping: the runs save their state (once more to end at once).'),
  );
  try {
    const ends = await runPool(jobs, {
      workers,
      workerModule,
      stop: interruption.stop,
      kill: interruption.kill,
      onStart: (job) => {
        pace.start(job);
        view.start(job);
      },
      onProgress: (job, progress) => view.update(pace.update(job, progress)),
      onEnd: (job, end) => {
        const run = pace.active().find((active) => active.job === job);
        pace.end(job, end.kind === 'finished');
        view.end(job, describeEnd(job, end, run?.progress));
      },
    });
    return { ends, interrupted: interruption.exitCode() };
  } finally {
    view.close();
    interruption.dispose();
  }
}

function describeJobs(left: number, done: number): string {
  const runs = left + done === 1 ? 'run' : 'runs';
  if (left === 0) return `All ${done} ${runs} are finished`;
  return done === 0
    ? `Training ${left} ${runs}`
    : `Training ${left} of ${left + done} ${runs}, the others are finished,`;
}

function describeEnd(
  { name }: Job,
  end: JobEnd,
  progress?: { seconds: number; validation?: { elbo: number; precision: number } },
): string {
  if (end.kind === 'failed') return `${name} failed: ${end.cause.split('\n')[0]}`;
  if (end.kind === 'stopped') return `${name} stopped`;
  const { validation, seconds } = progress ?? {};
  const time = seconds === undefined ? '' : ` in ${formatDuration(seconds)}`;
  const found = validation
    ? `: ELBO ${formatNumber(validation.elbo)}, precision ${formatPercent(validation.precision)} %`
    : '';
  return `${name} finished${time}${found}`;
}

function parseWorkers(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected an integer of at least 1.');
  return value;
}
