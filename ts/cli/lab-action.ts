import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LabExperiment, type LabOptions, labExperiment } from '../experiments/lab/config';
import type { LabLoss, LabStructure } from '../experiments/lab/names';
import { writeLabReport } from '../experiments/lab/report';
import { runLab } from '../experiments/lab/run';
import { labText } from '../experiments/lab/table';
import type { ToyName } from '../experiments/lab/toys/names';
import { findingsText, writeToyReport } from '../experiments/lab/toys/report';
import { runToy } from '../experiments/lab/toys/run';
import { type ToySettings, toySettings } from '../experiments/lab/toys/settings';
import { toys } from '../experiments/lab/toys/toys';
import { npx, quoted } from './command-line';
import { CliError, usageError } from './failure';
import { interruptible } from './interruptible';
import { type SettingsKind, settingWords, settle } from './settings-file';
import { version } from './version';

/** What commander gives for the options below; absent options are undefined. */
export type LabFlags = {
  structure?: LabStructure;
  size?: number;
  k?: number;
  loss?: LabLoss;
  estimators?: string[];
  temperatures?: number[];
  samples?: number[];
  repeats?: number;
  seed?: number;
  problem?: ToyName;
  steps?: number;
  out?: string;
  resume?: true;
};

const laboratory: SettingsKind<LabExperiment> = {
  name: 'a laboratory',
  file: 'lab.json',
  directory: ({ structure }) => `lab-${structure}`,
  complete: labExperiment,
};

const toy: SettingsKind<ToySettings> = {
  name: 'a problem of the laboratory',
  file: 'toy.json',
  directory: ({ problem }) => `lab-${problem}`,
  complete: toySettings,
};

/** Runs or resumes a laboratory, or a published problem, and writes its report. */
export async function lab({ problem, steps, ...flags }: LabFlags): Promise<void> {
  const resumed = flags.resume && flags.out !== undefined && existsSync(join(flags.out, toy.file));
  if (problem !== undefined || resumed) {
    return published({ ...flags, ...(problem && { problem }), ...(steps !== undefined && { steps }) });
  }
  if (steps !== undefined) throw usageError('--steps is for problems that descend: name one with --problem');
  return compared(flags);
}

/** Runs or resumes a published problem. */
async function published({ out, resume, ...flags }: LabFlags): Promise<void> {
  const { problem, steps, repeats, seed, ...others } = flags;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw usageError(`--${other} is not for --problem, whose settings are those published`);
  const given = Object.entries({ problem, steps, repeats, seed }).filter(([, value]) => value !== undefined);
  const options: Partial<ToySettings> = Object.fromEntries(given);
  const { directory, settings } = settle(toy, options, out, resume ?? false);
  process.stderr.write(`${toys[settings.problem].title}, in ${directory}\n`);
  const unit = settings.steps === undefined ? 'estimates' : 'steps';
  const { results, interrupted } = await interruptible(unit, (signal, progress) =>
    runToy(settings, {
      directory,
      signal,
      onProgress: (done, total, cell) => progress(done, total, cell.name),
    }),
  );
  if (results === undefined) {
    throw new CliError(`Stopped; go on with: ${npx} lab --resume --out ${quoted(directory)}`, interrupted);
  }
  process.stdout.write(`\n${findingsText(toys[settings.problem].findings(results, settings))}\n`);
  const words = settingWords(settings, toySettings({ problem: settings.problem }), {
    steps: 'steps',
    repeats: 'repeats',
    seed: 'seed',
  });
  const path = await writeToyReport(directory, settings, results, {
    command: [`${npx} lab --problem ${settings.problem}`, ...words].join(' '),
    version: version(),
  });
  process.stdout.write(`\nReport: ${path}\n        ${pathToFileURL(path)}\n`);
}

/** Runs or resumes a comparison. */
async function compared({ out, resume, ...flags }: LabFlags): Promise<void> {
  const { directory, settings } = settle(laboratory, flags as LabOptions, out, resume ?? false);
  process.stderr.write(`Comparing ${settings.estimators.length} estimators in ${directory}\n`);
  const { results, interrupted } = await interruptible('estimates', (signal, progress) =>
    runLab(settings, {
      directory,
      signal,
      onProgress: (done, total, cell) => progress(done, total, cell.estimator),
    }),
  );
  if (results === undefined) {
    throw new CliError(`Stopped; go on with: ${npx} lab --resume --out ${quoted(directory)}`, interrupted);
  }
  // The table first: it is there even if the figures cannot be drawn.
  process.stdout.write(`\n${labText(results)}\n`);
  const path = await writeLabReport(directory, settings, results, {
    command: labCommand(settings),
    version: version(),
  });
  process.stdout.write(`\nReport: ${path}\n        ${pathToFileURL(path)}\n`);
}

/** The command that repeats an experiment. */
function labCommand(settings: LabExperiment): string {
  const { structure } = settings;
  const words = settingWords(settings, labExperiment({ structure }), {
    size: 'size',
    k: 'k',
    loss: 'loss',
    estimators: 'estimators',
    temperatures: 'temperatures',
    samples: 'samples',
    repeats: 'repeats',
    seed: 'seed',
  });
  return [`${npx} lab`, `--structure ${structure}`, ...words].join(' ');
}
