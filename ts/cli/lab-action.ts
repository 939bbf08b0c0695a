import { pathToFileURL } from 'node:url';
import { type LabExperiment, type LabOptions, labExperiment } from '../experiments/lab/config';
import { writeLabReport } from '../experiments/lab/report';
import { runLab } from '../experiments/lab/run';
import { labText } from '../experiments/lab/table';
import { CliError } from './failure';
import { interruptible } from './interruptible';
import type { LabFlags } from './lab';
import { quoted } from './quoted';
import { type SettingsKind, settingWords, settle } from './settings-file';
import { version } from './version';

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
    throw new CliError(`Stopped; go on with: npx sst lab --resume --out ${quoted(directory)}`, interrupted);
  }
  const path = await writeLabReport(directory, settings, results, {
    command: labCommand(settings),
    version: version(),
  });
  process.stdout.write(`\n${labText(results)}\n\nReport: ${path}\n        ${pathToFileURL(path)}\n`);
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
  return ['npx sst lab', `--structure ${structure}`, ...words].join(' ');
}
