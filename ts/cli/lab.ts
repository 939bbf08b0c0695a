import { type Command, Option } from 'commander';
import { labLosses, labMethodNames, labStructures } from '../experiments/lab/names';
import { toyNames } from '../experiments/lab/toys/names';
import type { LabFlags } from './lab-action';
import { number, numberList } from './numbers';
import { requirePlotting } from './packages';

/** Adds `lab`. */
export function addLab(program: Command): void {
  program
    .command('lab')
    .summary('compare gradient estimators on a small structure')
    .description(
      'Measures bias, variance, error, angle and cost of gradient estimators on a structure whose true gradient is known. Ends in a report, report.html in the output directory.',
    )
    .addOption(
      new Option('--structure <name>', 'random structure (default: top-k)').choices([...labStructures]),
    )
    .addOption(
      number(
        '--size <n>',
        'categories, elements, vertices, words or rows (6; graphs 4; sentences and matchings 3)',
      ),
    )
    .addOption(number('--k <n>', 'elements that are chosen, for top-k (half)'))
    .addOption(new Option('--loss <name>', 'random loss (default: quadratic)').choices([...labLosses]))
    .addOption(
      new Option('--estimators <list>', `some of ${labMethodNames.join(', ')} (default: all)`).argParser(
        (text) => text.split(','),
      ),
    )
    .addOption(
      numberList('--temperatures <list>', 'of relaxations; steps lambda of differences (0.1,0.2,0.5,1,2,5)'),
    )
    .addOption(numberList('--samples <list>', 'draws of an estimate (1,4,16)'))
    .addOption(number('--repeats <n>', 'estimates of each setting (2000)'))
    .addOption(number('--seed <n>', 'of parameters, loss and draws (1)'))
    .addOption(
      new Option(
        '--problem <name>',
        'instead of these, a published problem with its own settings, but for --seed and --steps or --repeats',
      ).choices([...toyNames]),
    )
    .addOption(number('--steps <n>', 'of each descent of a problem (polynomial 8000, out-degree 15000)'))
    .addOption(new Option('--out <directory>', 'output directory (default: a new one under runs/)'))
    .addOption(new Option('--resume', 'go on with what is unfinished in --out'))
    .addHelpText(
      'after',
      `
Examples:
  $ sst lab                                        3-subsets of 6 elements, all estimators
  $ sst lab --structure spanning-tree --repeats 10000
  $ sst lab --estimators relaxed,straight-through --temperatures 0.1,1
  $ sst lab --problem polynomial                   a published problem: its curves and known optimum
  $ sst lab --resume --out runs/lab-top-k`,
    )
    .action(async (flags: LabFlags) => {
      await requirePlotting('sst lab');
      // Loaded late: it brings the addon.
      const { lab } = require('./lab-action') as typeof import('./lab-action');
      await lab(flags);
    });
}
