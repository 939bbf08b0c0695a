import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { readShown, writeReport } from '../experiments/report';
import type { Shown } from '../experiments/report/tables';
import { textTable } from '../experiments/report/text-table';
import type { Context } from './context';
import { experimentCommand } from './experiment-options';
import { requirePlotting } from './packages';
import { version } from './version';

/** Adds `report`. */
export function addReport(program: Command, context: Context): void {
  program
    .command('report')
    .summary('write the report of an experiment')
    .description(
      'Writes report.html and figures/*.svg into the directory of an experiment, and prints its table.',
    )
    .argument('<directory>', 'directory of the experiment')
    .action(async (directory: string) => {
      await requirePlotting('sst report');
      await printReport(directory, context);
    });
}

/** Prints the table of an experiment, then writes its report and prints where that is. */
export async function printReport(directory: string, { experiments }: Context): Promise<void> {
  const shown = readShown(directory, experiments);
  // The table first: it is there even if the figures cannot be drawn.
  process.stdout.write(resultText(shown));
  const command = experimentCommand(shown.experiment, shown.settings);
  const { path } = await writeReport(directory, experiments, { command, version: version() });
  printPlace(path);
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
