import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { finishedRuns, writeReport } from '../experiments/report';
import { readExperimentFile } from '../experiments/report/results';
import { textTable } from '../experiments/report/text-table';
import { nriCommand } from './nri-options';
import { requirePlotting } from './packages';
import { version } from './version';

/** Adds `report`. */
export function addReport(program: Command): void {
  program
    .command('report')
    .summary('write the report of an experiment')
    .description(
      'Writes report.html and figures/*.svg into the directory of an experiment, and prints its table.',
    )
    .argument('<directory>', 'directory of the experiment')
    .action(async (directory: string) => {
      await requirePlotting('sst report');
      await printReport(directory);
    });
}

/** Prints the table of an experiment, then writes its report and prints where that is. */
export async function printReport(directory: string): Promise<void> {
  const { selections } = finishedRuns(directory);
  const error = selections.some(({ standardError }) => standardError) ? '± bootstrap standard error, ' : '';
  // The table first: it is there even if the figures cannot be drawn.
  process.stdout.write(
    `\nTest set, the run with the best validation ELBO of each distribution (${error}* best):\n\n${textTable(selections)}\n`,
  );
  const command = nriCommand(readExperimentFile(directory));
  const { path } = await writeReport(directory, { command, version: version() });
  process.stdout.write(`\nReport: ${path}\n        ${pathToFileURL(path)}\n`);
}
