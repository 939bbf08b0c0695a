import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Experiment } from '../experiments/harness/experiment';
import { experimentPath, readExperiment, writeExperimentFile } from '../experiments/harness/results';
import { readJson } from '../experiments/json-file';
import { drawFigures, readShown } from '../experiments/report';
import { type Chapter, reproductionPage } from '../experiments/report/reproduction';
import { writeFileAtomically } from '../files/atomic-file';
import { npx, quoted } from './command-line';
import type { Context } from './context';
import { checkOut, freeDirectory } from './directories';
import { jobsOf } from './experiment-directory';
import { experimentCommand } from './experiment-options';
import { asUsage, CliError, usageError } from './failure';
import type { Job } from './messages';
import { presetSettings, printPlace, printReport, resultText } from './report';
import { causesOf, describeJobs, runSession } from './session';
import { version } from './version';
import { addWorkplaceOptions, chooseWorkplace, type WorkplaceFlags } from './workplace';

type Flags = WorkplaceFlags & { preset: string; out?: string; resume?: true };

const presets = ['quick', 'table', 'paper'];
const fileName = 'reproduction.json';

/** Adds `reproduce`. */
export function addReproduce(program: Command, context: Context): void {
  const command = program
    .command('reproduce')
    .summary("make the paper's tables")
    .description(
      "Trains all experiments that have a table in the paper, one after the other, and ends in one page: the paper's numbers beside ours, what differs, and every figure.",
    )
    .addOption(new Option('--preset <name>', 'sizes of all experiments').choices(presets).default('quick'))
    .addOption(new Option('--out <directory>', 'output directory (default: a new one under runs/)'))
    .addOption(new Option('--resume', 'go on with the unfinished runs of --out'));
  addWorkplaceOptions(command).action((flags: Flags) =>
    reproduce(flags, command.getOptionValueSource('preset') === 'cli', context),
  );
}

/** The experiments with a table in the paper. */
function published({ experiments }: Context): Experiment[] {
  return experiments.filter((experiment) => experiment.published !== undefined);
}

async function reproduce(flags: Flags, isPresetGiven: boolean, context: Context): Promise<void> {
  const workplace = await chooseWorkplace(flags, 'sst reproduce', context);
  const { directory, preset } = open(flags, isPresetGiven);
  const resume = flags.resume ?? false;
  const chapters = published(context).map((experiment) => {
    const folder = join(directory, experiment.name);
    if (!existsSync(experimentPath(folder))) {
      writeExperimentFile(folder, { experiment, settings: presetSettings(experiment, preset) });
    }
    const { settings, runs } = asUsage(() => readExperiment(folder, [experiment]));
    const jobs = jobsOf(experiment, { directory: folder, settings }, resume);
    return { jobs: jobs.map((job): Job => ({ ...job, name: `${experiment.name}/${job.name}` })), runs };
  });
  const jobs = chapters.flatMap((chapter) => chapter.jobs);
  const runs = chapters.flatMap((chapter) => chapter.runs);
  const done = runs.filter(({ result }) => result !== undefined);
  process.stderr.write(`${describeJobs(jobs.length, done.length)} in ${directory}\n`);
  const { ends, interrupted } = await runSession({
    jobs,
    doneSteps: done.map(({ config }) => config.steps),
    experiments: context.experiments,
    workplace,
  });
  const unfinished = ends.filter(({ kind }) => kind !== 'finished').length;
  if (unfinished === 0 || (interrupted === undefined && unfinished < runs.length)) {
    await printReproduction(directory, context);
  }
  if (unfinished === 0) return;
  const what = interrupted === undefined ? `${unfinished} of ${runs.length} runs did not finish` : 'Stopped';
  throw new CliError(
    `${what}; go on with: ${npx} reproduce --resume --out ${quoted(directory)}${workplace.options}${causesOf(jobs, ends)}`,
    interrupted,
  );
}

/** Whether a directory holds a reproduction. */
export function isReproduction(directory: string): boolean {
  return existsSync(join(directory, fileName));
}

/** Prints the tables of a reproduction, writes its page and those of its experiments, and prints where the page is. */
export async function printReproduction(directory: string, context: Context): Promise<void> {
  const { preset } = readJson<{ preset: string }>(join(directory, fileName));
  const chapters: Chapter[] = [];
  for (const experiment of published(context)) {
    const folder = join(directory, experiment.name);
    chapters.push(await chapter(folder, experiment, preset, context));
  }
  const path = join(directory, 'report.html');
  writeFileAtomically(path, reproductionPage(chapters, preset, version()));
  printPlace(path);
}

async function chapter(
  folder: string,
  experiment: Experiment,
  preset: string,
  context: Context,
): Promise<Chapter> {
  const command = experimentCommand(experiment, presetSettings(experiment, preset));
  const runs = existsSync(experimentPath(folder)) ? readExperiment(folder, [experiment]).runs : [];
  if (runs.every(({ result }) => result === undefined)) {
    return { kind: 'missing', title: experiment.title, command };
  }
  const shown = readShown(folder, [experiment]);
  process.stdout.write(`\n${experiment.title}${resultText(shown)}`);
  await printReport(folder, context, { quiet: true });
  return {
    kind: 'made',
    shown,
    parts: { command, ...(await drawFigures(folder, shown, `${experiment.name}-`)) },
  };
}

function open(flags: Flags, isPresetGiven: boolean): { directory: string; preset: string } {
  const out = checkOut(flags.out);
  if (flags.resume) {
    if (out === undefined) throw usageError('--resume needs --out with the directory of the reproduction');
    const path = join(out, fileName);
    if (!existsSync(path)) throw usageError(`${out} holds no reproduction to resume: it has no ${fileName}`);
    const { preset } = asUsage(() => readJson<{ preset: string }>(path));
    if (!presets.includes(preset)) {
      throw usageError(`${path}: preset: expected one of ${presets.join(', ')}, got ${preset}`);
    }
    if (isPresetGiven && preset !== flags.preset) {
      throw usageError(`${out} holds a reproduction of the preset ${preset}, asked for ${flags.preset}`);
    }
    return { directory: out, preset };
  }
  const directory = out ?? freeDirectory(join('runs', `reproduce-${flags.preset}`));
  const path = join(directory, fileName);
  if (existsSync(path)) {
    throw usageError(
      `${directory} already holds a reproduction: add --resume to go on with it, or choose another directory with --out`,
    );
  }
  writeFileAtomically(path, `${JSON.stringify({ preset: flags.preset })}\n`);
  return { directory, preset: flags.preset };
}
