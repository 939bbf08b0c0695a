import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { experiments } from '../experiments/registry';
import type { Context } from './context';
import { CliError, exitCodes, explain, usageError } from './failure';
import { addLab } from './lab';
import { requirePackages, trainingPackages } from './packages';
import { addWorker } from './queue/command';
import { addReport } from './report-command';
import { addReproduce } from './reproduce';
import { addSweep } from './sweep';
import { addTrain } from './train';
import { addTrainL2xSynthetic } from './train-l2x-synthetic';
import { version } from './version';

/** Runs `sst` with the arguments after its name; returns the exit code, having printed what went wrong. */
export async function main(words: readonly string[], context: Partial<Context> = {}): Promise<number> {
  try {
    await program({
      experiments,
      workerModule: join(__dirname, 'run-worker.js'),
      ...context,
    }).parseAsync(words, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    // Commander has printed its message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    process.stderr.write(`sst: ${explain(error)}\n`);
    return error instanceof CliError ? error.exitCode : exitCodes.failure;
  }
}

function program(context: Context): Command {
  const sst = new Command('sst')
    .description('Structured, differentiable random choices: trains and reports the experiments.')
    .version(version(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'sst: ')) })
    .showHelpAfterError('(see --help)');
  const train = sst
    .command('train')
    .summary('train the models of an experiment')
    .description('Trains the models of an experiment.');
  for (const experiment of context.experiments) addTrain(train, experiment, context);
  addTrainL2xSynthetic(train);
  const sweep = sst
    .command('sweep')
    .summary('random search over the settings of an experiment')
    .description('Random search over the settings of an experiment, as the paper tunes.');
  for (const experiment of context.experiments) addSweep(sweep, experiment, context);
  addReproduce(sst, context);
  addWorker(sst, context);
  sst
    .command('evaluate')
    .summary('evaluate a trained run on a file')
    .description('Evaluates the best weights of a run on the items of a file; prints one JSON object.')
    .argument('<run directory>', 'a folder with best.bin')
    .requiredOption('--data <file>', 'file in the format of the experiment')
    .action(async (directory: string, { data }: { data: string }) => {
      requirePackages(trainingPackages, 'sst evaluate');
      // Loaded late: it brings the addon and TensorFlow.js.
      const { evaluateRun } = require('./evaluate') as typeof import('./evaluate');
      await evaluateRun(directory, data, context);
    });
  addLab(sst);
  addReport(sst, context);
  sst
    .command('help')
    .summary('print the help of a command')
    .argument('[command...]', 'its words, as in: sst help train nri')
    .action((words: string[]) => find(sst, words).outputHelp());
  return sst;
}

/** The command of these words below another one. */
function find(command: Command, words: readonly string[]): Command {
  const [word, ...rest] = words;
  if (word === undefined) return command;
  const next = command.commands.find((candidate) => candidate.name() === word);
  if (next === undefined) throw usageError(`unknown command '${word}'`);
  return find(next, rest);
}
