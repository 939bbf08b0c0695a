import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type LabExperiment, type LabOptions, labExperiment } from '../experiments/lab/config';
import { writeLabReport } from '../experiments/lab/report';
import { readCells, readLabExperiment, runLab, writeLabExperiment } from '../experiments/lab/run';
import { labText } from '../experiments/lab/table';
import { asUsage, freeDirectory } from './experiment-directory';
import { CliError, usageError } from './failure';
import { listenForInterruption } from './interruption';
import type { LabFlags } from './lab';
import { cellProgress } from './lab-progress';
import { quoted } from './quoted';
import { version } from './version';

/** Runs or resumes a laboratory, and writes its report. */
export async function lab({ out, resume, ...flags }: LabFlags): Promise<void> {
  const options = flags as LabOptions;
  const { directory, experiment } = resume ? resumed(options, out) : created(options, out);
  process.stderr.write(`Comparing ${experiment.estimators.length} estimators in ${directory}\n`);
  const results = await run(directory, experiment);
  if (!Array.isArray(results)) {
    throw new CliError(`Stopped; go on with: npx sst lab --resume --out ${quoted(directory)}`, results);
  }
  const path = await writeLabReport(directory, experiment, results, {
    command: labCommand(experiment),
    version: version(),
  });
  process.stdout.write(`\n${labText(results)}\n\nReport: ${path}\n        ${pathToFileURL(path)}\n`);
}

/** The results, or the exit code of an interruption. */
async function run(directory: string, experiment: LabExperiment) {
  const view = cellProgress(process.stderr);
  const interruption = listenForInterruption(() => view.note('Stopping: finished settings are kept.'));
  try {
    const results = await runLab(experiment, {
      directory,
      signal: interruption.stop,
      onProgress: (done, total, cell) => view.update(done, total, cell.estimator),
    });
    return results ?? interruption.exitCode() ?? 1;
  } finally {
    view.close();
    interruption.dispose();
  }
}

function created(options: LabOptions, out: string | undefined) {
  const experiment = asUsage(() => labExperiment(options));
  const directory = out ?? freeDirectory(join('runs', `lab-${experiment.structure}`));
  if (readLabExperiment(directory) !== undefined || readCells(directory).length > 0) {
    throw usageError(
      `${directory} already holds a laboratory: add --resume to go on with it, or choose another directory with --out`,
    );
  }
  mkdirSync(directory, { recursive: true });
  writeLabExperiment(directory, experiment);
  return { directory, experiment };
}

function resumed(options: LabOptions, directory: string | undefined) {
  if (directory === undefined) throw usageError('--resume needs --out with the directory of the laboratory');
  const experiment = readLabExperiment(directory);
  if (experiment === undefined) throw usageError(`${directory} holds no laboratory to resume`);
  for (const [key, asked] of Object.entries(options)) {
    const stored = experiment[key as keyof LabExperiment];
    if (isDeepStrictEqual(stored, asked)) continue;
    throw usageError(
      `${directory} holds a laboratory with ${key} ${JSON.stringify(stored)}, asked for ${JSON.stringify(asked)}: resume without it, or choose another directory with --out`,
    );
  }
  return { directory, experiment };
}

/** The command that repeats an experiment. */
function labCommand(experiment: LabExperiment): string {
  const plain = labExperiment({ structure: experiment.structure });
  const words = ['npx sst lab', `--structure ${experiment.structure}`];
  for (const key of [
    'size',
    'k',
    'loss',
    'estimators',
    'temperatures',
    'samples',
    'repeats',
    'seed',
  ] as const) {
    const value = experiment[key];
    if (!isDeepStrictEqual(value, plain[key]))
      words.push(`--${key} ${Array.isArray(value) ? value.join(',') : value}`);
  }
  return words.join(' ');
}
