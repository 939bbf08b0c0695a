import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Experiment, RunConfig } from '../experiments/harness/experiment';
import { Journal } from '../experiments/harness/journal';
import { settingsOf } from '../experiments/harness/plan';
import { readRun } from '../experiments/harness/results';
import { runFiles } from '../experiments/harness/run-files';
import { type PlannedTrial, plannedTrials, type Sweep } from '../experiments/harness/sweep';
import { readSweepFile, readTrials, sweepPath, writeSweepFile } from '../experiments/harness/sweep-directory';
import { sameJson } from '../experiments/json-file';
import { npx, quoted } from './command-line';
import type { Context } from './context';
import { checkOut, freeDirectory } from './directories';
import { addSettingOptions, askedSettings, type SettingFlags, withoutSeeds } from './experiment-options';
import { asUsage, CliError, usageError } from './failure';
import type { Job } from './messages';
import { printReport } from './report';
import { causesOf, describeJobs, runSession } from './session';
import { addWorkplaceOptions, chooseWorkplace, type WorkplaceFlags } from './workplace';

type Flags = SettingFlags & WorkplaceFlags & { trials?: number; seed?: number; out?: string; resume?: true };

/** Adds `sweep <experiment>`. */
export function addSweep(sweep: Command, experiment: Experiment, context: Context): void {
  const { name, searchRanges } = experiment;
  const ranges = searchRanges.map(
    ({ key, low, high, log = true }) => `${key} from ${low} to ${high}${log ? ', log-uniform' : ''}`,
  );
  const command = sweep
    .command(name)
    .summary(`random search: ${experiment.summary}`)
    .description(
      `Random search over ${new Intl.ListFormat('en').format(ranges)}: every trial is a run of every row; the best validation objective selects. Writes journal.log for Optuna's tools, and ends in a report.`,
    )
    .addOption(new Option('--trials <n>', 'trials of every row (20)').argParser(count(1)))
    .addOption(new Option('--seed <n>', 'seed of the search (1)').argParser(count(0)));
  addSettingOptions(command, withoutSeeds(experiment))
    .addOption(new Option('--out <directory>', 'output directory (default: a new one under runs/)'))
    .addOption(new Option('--resume', 'go on with the unfinished trials of --out; --trials may be more'));
  addWorkplaceOptions(command).action((flags: Flags) => runSweep(experiment, flags, context));
}

async function runSweep(experiment: Experiment, flags: Flags, context: Context): Promise<void> {
  const { name, objective } = experiment;
  const workplace = await chooseWorkplace(flags, `sst sweep ${name}`, context);
  const { directory, sweep } = planSweep(experiment, flags);
  const trials = plannedTrials(sweep);
  const records = readTrials(directory, sweep);
  const done = records.filter(({ result }) => result !== undefined);
  const jobs = trials.flatMap(({ name: run, config }): Job[] => {
    const options = { directory: join(directory, run), resume: flags.resume ?? false };
    const isDone = existsSync(join(options.directory, runFiles.result));
    return isDone ? [] : [{ name: run, experiment: name, config, options }];
  });
  process.stderr.write(`${describeJobs(jobs.length, done.length)} in ${directory}\n`);

  const journal = new Journal(join(directory, 'journal.log'));
  const byName = new Map(trials.map((trial) => [trial.name, trial]));
  const studies = new Map(trials.map((trial) => [trial.name, studyOf(experiment, trial)]));
  for (const study of new Set(studies.values()))
    journal.createStudy(study, objective.better, { experiment: name });
  const start = (run: string) => {
    const trial = byName.get(run) as PlannedTrial;
    const { parameters, config } = trial;
    journal.startTrial({
      study: studies.get(run) as string,
      run,
      parameters,
      attributes: { seed: config.seed },
    });
  };
  const report = (run: string, step: number, value: number | undefined) =>
    journal.report(studies.get(run) as string, run, step, value ?? Number.NaN);
  const end = (run: string) => {
    const record = readRun(directory, byName.get(run) as PlannedTrial, experiment);
    const { validation, test, bestStep } = record.result ?? {};
    const value = validation?.[objective.key] ?? Number.NaN;
    // Those that were not told when they happened.
    for (const { kind, step, values } of record.metrics) {
      if (kind === 'validation') report(run, step, values[objective.key]);
    }
    journal.endTrial(studies.get(run) as string, run, value, { bestStep, test });
  };
  // What an earlier session finished without a word in the journal.
  for (const { name: run } of done) {
    start(run);
    end(run);
  }
  const told = new Map<string, number>();
  const { ends, interrupted } = await runSession({
    jobs,
    doneSteps: done.map(({ config }: { config: RunConfig }) => config.steps),
    experiments: context.experiments,
    workplace,
    onStart: (job) => start(job.name),
    onProgress: ({ name: run }, { validation, evaluated }) => {
      if (evaluated === undefined || told.get(run) === evaluated) return;
      told.set(run, evaluated);
      report(run, evaluated, validation?.[objective.key]);
    },
    onEnd: (job, { kind }) => {
      if (kind === 'finished') end(job.name);
    },
  });
  // Told last: what the journal cannot hold is no reason not to report.
  const failure: unknown = await journal.flush().catch((error: unknown) => error);
  const unfinished = ends.filter(({ kind }) => kind !== 'finished').length;
  if (unfinished === 0 || (interrupted === undefined && unfinished < trials.length)) {
    await printReport(directory, context);
  }
  if (failure !== undefined) throw failure;
  if (unfinished === 0) return;
  const what =
    interrupted === undefined ? `${unfinished} of ${trials.length} trials did not finish` : 'Stopped';
  throw new CliError(
    `${what}; go on with: ${npx} sweep ${name} --resume --out ${quoted(directory)}${workplace.options}${causesOf(jobs, ends)}`,
    interrupted,
  );
}

/** The study of a trial: its experiment, row and column. */
function studyOf({ name }: Experiment, { row, column }: PlannedTrial): string {
  return [name, row, ...(column === undefined ? [] : [column])].join('/');
}

function planSweep(experiment: Experiment, flags: Flags): { directory: string; sweep: Sweep } {
  const { trials, seed, resume } = flags;
  const asked = askedSettings(withoutSeeds(experiment), flags);
  const directory = checkOut(flags.out);
  if (resume) {
    if (directory === undefined) throw usageError('--resume needs --out with the directory of the sweep');
    const stored = asUsage(() => readSweepFile(directory, [experiment]));
    const wanted = asUsage(() => settingsOf(experiment, { ...stored.settings, ...asked }));
    if (!sameJson(wanted, stored.settings) || (seed ?? stored.seed) !== stored.seed) {
      throw usageError(
        `${directory} holds a sweep of another configuration: resume without these options, or choose another directory with --out`,
      );
    }
    const sweep = { ...stored, trials: Math.max(stored.trials, trials ?? 0) };
    writeSweepFile(directory, sweep);
    return { directory, sweep };
  }
  const settings = asUsage(() => settingsOf(experiment, asked));
  const chosen = directory ?? freeDirectory(join('runs', `sweep-${experiment.name}-${settings.preset}`));
  if (existsSync(sweepPath(chosen))) {
    throw usageError(
      `${chosen} already holds a sweep: add --resume to go on with it, or choose another directory with --out`,
    );
  }
  const sweep = { experiment, settings, trials: trials ?? 20, seed: seed ?? 1 };
  writeSweepFile(chosen, sweep);
  return { directory: chosen, sweep };
}

function count(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected an integer of at least ${least}.`);
  };
}
