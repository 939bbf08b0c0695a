import { pathToFileURL } from 'node:url';
import type { Experiment } from '../experiments/harness/experiment';
import { settingsOf } from '../experiments/harness/plan';
import type { BaseSettings } from '../experiments/harness/settings';
import { readShown, writeReport } from '../experiments/report';
import { html } from '../experiments/report/html';
import { otherTables, otherTablesSection } from '../experiments/report/other-tables';
import type { Shown } from '../experiments/report/tables';
import { textTable } from '../experiments/report/text-table';
import type { Context } from './context';
import { experimentCommand, sweepCommand } from './experiment-options';
import { version } from './version';

/** Prints the table of an experiment or a sweep, unless `quiet`, then writes its report and prints where that is. */
export async function printReport(
  directory: string,
  { experiments }: Context,
  { quiet = false } = {},
): Promise<void> {
  const shown = readShown(directory, experiments);
  const { experiment, settings, sweep } = shown;
  // The table first: it is there even if the figures cannot be drawn.
  if (!quiet) process.stdout.write(resultText(shown));
  const { path } = await writeReport(directory, experiments, {
    command:
      sweep === undefined
        ? experimentCommand(experiment, settings)
        : sweepCommand(experiment, settings, sweep),
    version: version(),
    more:
      sweep === undefined
        ? otherTablesSection(directory, otherTables(directory, experiments), (other) =>
            experimentCommand(other, presetSettings(other, settings.preset)),
          )
        : html``,
  });
  if (!quiet) printPlace(path);
}

/** The settings of an experiment in a preset, or in its first one if it has none of that name. */
export function presetSettings(experiment: Experiment, preset: string): BaseSettings {
  return settingsOf(experiment, Object.hasOwn(experiment.presets, preset) ? { preset } : {});
}

/** The table of results with its heading, for a terminal. */
export function resultText(shown: Shown): string {
  const { experiment, selections } = shown;
  const { objective, metrics } = experiment;
  const error = selections.some(({ standardError }) => standardError) ? '± bootstrap standard error, ' : '';
  const name = metrics.find(({ key }) => key === objective.key)?.short ?? objective.key;
  return `\nTest set, the run with the best validation ${name} of each row (${error}* best):\n\n${textTable(shown)}\n`;
}

/** Tells where a page is. */
export function printPlace(path: string): void {
  process.stdout.write(`\nReport: ${path}\n        ${pathToFileURL(path)}\n`);
}
