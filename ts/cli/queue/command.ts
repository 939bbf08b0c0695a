import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { usableBackend } from '../../experiments/usable-backend';
import type { Context } from '../context';
import { CliError } from '../failure';
import { listenForInterruption } from '../interruption';
import { parseCount } from '../numbers';
import { requirePackages, trainingPackages } from '../packages';
import { workersOption } from '../workplace';
import { expectedAddress, parseAddress, passwordVariable } from './address';
import { checkQueue, queuePackages } from './connection';
import { WorkFolder } from './work-folder';
import { workOn } from './worker';

interface Flags {
  queue: string;
  workers: number;
  patience: number;
}

/** Adds `worker`. */
export function addWorker(program: Command, context: Context): void {
  program
    .command('worker')
    .summary('train the runs of a queue')
    .description(
      `Takes runs from a queue and trains them, until it is interrupted; what it has in hand then goes back. Start as many as you like, on any machines. ${passwordVariable} may hold the password.`,
    )
    .addOption(new Option('--queue <url>', `the queue: ${expectedAddress}`).makeOptionMandatory())
    .addOption(workersOption())
    .addOption(
      new Option('--patience <seconds>', 'silence after which a worker is taken for dead')
        .default(60)
        .argParser(parseCount),
    )
    .action((flags: Flags) => work(flags, context));
}

async function work({ queue, workers, patience }: Flags, context: Context): Promise<void> {
  const address = parseAddress(queue);
  requirePackages([...trainingPackages, ...queuePackages(address)], 'sst worker');
  if (usableBackend('native') !== 'native') {
    throw new CliError(
      'sst worker: the native backend cannot be used here, so that runs would not have the bits they have elsewhere',
    );
  }
  const note = (line: string) => process.stderr.write(`${line}\n`);
  for (const line of await checkQueue(address)) note(`The queue at ${address.shown}: ${line}`);
  note(`Taking runs from ${address.shown}, ${workers} at a time; Ctrl-C ends`);
  const interruption = listenForInterruption(() =>
    note('Stopping: the runs save their state and go back to the queue (once more to end at once).'),
  );
  try {
    await workOn(address, {
      ...context,
      trials: workers,
      patience,
      folder: new WorkFolder(join('.cache', 'queue')),
      interruption,
      note,
    });
  } finally {
    interruption.dispose();
  }
}
