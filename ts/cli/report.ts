import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { writeReport } from '../experiments/report';
import { plottingPackages } from '../experiments/report/render';
import { readExperimentFile } from '../experiments/report/results';
import { textTable } from '../experiments/report/text-table';
import { nriCommand } from './nri-options';
import { requirePackages } from './packages';
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
      requirePackages(plottingPackages, 'sst report');
      await printReport(directory);
    });
}

/** Writes the report of an experiment, and prints its table and where the report is. */
export async function printReport(directory: string): Promise<void> {
  const command = nriCommand(readExperimentFile(directory));
  const { path, selections } = await writeReport(directory, { command, version: version() });
  const error = selections.some(({ standardError }) => standardError) ? '± bootstrap standard error, ' : '';
  process.stdout.write(
    [
      '',
      `Test set, the run with the best validation ELBO of each distribution (${error}* best):`,
      '',
      textTable(selections),
      '',
      `Report: ${path}`,
      `        ${pathToFileURL(path)}`,
      '',
    ].join('\n'),
  );
}
