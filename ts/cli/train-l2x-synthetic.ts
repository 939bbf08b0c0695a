import { type Command, InvalidArgumentError, Option } from 'commander';
import { l2xMethodNames, l2xProblemNames } from '../experiments/l2x-synthetic/names';
import type { L2xFlags } from './l2x-synthetic-action';
import { number } from './numbers';
import { requirePackages } from './packages';
import { parseSeeds } from './seeds';

/** Adds `train l2x-synthetic`. */
export function addTrainL2xSynthetic(train: Command): void {
  train
    .command('l2x-synthetic')
    .summary('feature selection on four synthetic data sets')
    .description(
      'Trains explainers that choose the features that matter, on the four data sets of Chen et al. (2018), by every k-subset relaxation and estimator. Ends in a table, and report.html in the output directory.',
    )
    .addOption(names('--problems <list>', 'data sets', l2xProblemNames))
    .addOption(names('--methods <list>', 'ways to choose', l2xMethodNames))
    .addOption(
      new Option('--seeds <list>', 'one run for each: a count, a range or a list (3)').argParser(parseSeeds),
    )
    .addOption(number('--steps <n>', 'optimiser steps of a run (1000)'))
    .addOption(number('--batch <n>', 'inputs of a step (128)'))
    .addOption(number('--hidden <n>', 'hidden units of a layer (64)'))
    .addOption(number('--learning-rate <n>', "Adam's step size (0.003)"))
    .addOption(number('--temperature <t>', 'temperature of relaxations (0.5)'))
    .addOption(number('--test-size <n>', 'test inputs (1000)'))
    .addOption(new Option('--out <directory>', 'output directory (default: a new one under runs/)'))
    .addOption(new Option('--resume', 'go on with the unfinished runs of --out'))
    .action(async (flags: L2xFlags) => {
      requirePackages(['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'], 'sst train l2x-synthetic');
      // Loaded late: it brings the addon and TensorFlow.js.
      const { trainL2xSynthetic } =
        require('./l2x-synthetic-action') as typeof import('./l2x-synthetic-action');
      await trainL2xSynthetic(flags);
    });
}

function names(flags: string, what: string, known: readonly string[]): Option {
  return new Option(flags, `${what}, some of ${known.join(', ')} (all)`).argParser((text) => {
    const list = text.split(',');
    if (list.every((name) => known.includes(name))) return list;
    throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`);
  });
}
