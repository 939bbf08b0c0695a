import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { plottingPackages } from '../experiments/report/render';
import { quoted } from './command-line';
import type { Context } from './context';
import type { Dispatcher } from './dispatcher';
import { parseCount } from './numbers';
import { requirePackages, requirePlotting, trainingPackages } from './packages';
import { localPool } from './pool';
import { expectedAddress, parseAddress } from './queue/address';
import { checkQueue, queuePackages } from './queue/connection';
import { queueDispatcher } from './queue/dispatcher';

/** Where the runs of a command are trained. */
export interface Workplace {
  dispatch: Dispatcher;
  isHere: boolean;
  /** What is said when the user interrupts. */
  stopping: string;
  /** The options that choose it, to be put behind a command; '' if it is the one without any. */
  options: string;
}

/** What commander gives for the options below. */
export interface WorkplaceFlags {
  workers: number;
  queue?: string;
}

/** Adds `--workers` and `--queue`. */
export function addWorkplaceOptions(command: Command): Command {
  return command
    .addOption(workersOption())
    .addOption(
      new Option(
        '--queue <url>',
        `have the runs trained by the workers of a queue, ${expectedAddress}; see sst worker --help`,
      ).conflicts('workers'),
    );
}

/** The option for the number of processes. */
export function workersOption(): Option {
  return new Option('--workers <n>', 'runs trained at the same time')
    .default(availableParallelism(), 'one for each core')
    .argParser(parseCount);
}

/**
 * The workplace that the flags choose, checked together with the packages that `command` needs there.
 *
 * @throws CliError when packages are missing, or the queue does not answer
 */
export async function chooseWorkplace(
  { workers, queue }: WorkplaceFlags,
  command: string,
  { workerModule }: Context,
): Promise<Workplace> {
  const address = queue === undefined ? undefined : parseAddress(queue);
  const packages = address === undefined ? trainingPackages : queuePackages(address);
  requirePackages([...packages, ...plottingPackages], command);
  await requirePlotting(command);
  if (address === undefined) {
    return {
      dispatch: localPool({ workers, workerModule }),
      isHere: true,
      stopping: 'Stopping: the runs save their state (once more to end at once).',
      options: '',
    };
  }
  for (const note of await checkQueue(address)) {
    process.stderr.write(`The queue at ${address.shown}: ${note}\n`);
  }
  return {
    dispatch: queueDispatcher(address),
    isHere: false,
    stopping: 'Stopping: the runs stay in the queue, and --resume fetches what has become of them.',
    options: ` --queue ${quoted(address.shown)}`,
  };
}
