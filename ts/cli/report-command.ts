import type { Command } from 'commander';
import type { Context } from './context';
import { requirePlotting } from './packages';
import { printReport } from './report';
import { isReproduction, printReproduction } from './reproduce';

/** Adds `report`. */
export function addReport(program: Command, context: Context): void {
  program
    .command('report')
    .summary('write the report of an experiment')
    .description(
      'Writes report.html and figures/*.svg into the directory of an experiment, and prints its table.',
    )
    .argument('<directory>', 'directory of an experiment, a sweep or a reproduction')
    .action(async (directory: string) => {
      await requirePlotting('sst report');
      await (isReproduction(directory) ? printReproduction : printReport)(directory, context);
    });
}
