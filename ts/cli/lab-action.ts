import { pathToFileURL } from 'node:url';
import { type LabExperiment, type LabOptions, labExperiment } from '../experiments/lab/config';
import type { LabLoss, LabStructure } from '../experiments/lab/names';
import { writeLabReport } from '../experiments/lab/report';
import { runLab } from '../experiments/lab/run';
import { labText } from '../experiments/lab/table';
import { npx, quoted } from './command-line';
import { CliError } from './failure';
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
  out?: string;
  resume?: true;
};

const laboratory: SettingsKind<LabExperiment> = {
  name: 'a laboratory',
  file: 'lab.json',
  directory: ({ structure }) => `lab-${structure}`,
  complete: labExperiment,
};

/** Runs or resumes a laboratory, and writes its report. */
export async function lab({ out, resume, ...flags }: LabFlags): Promise<void> {
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
