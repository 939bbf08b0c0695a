import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type NriExperiment,
  type NriOptions,
  nriExperiment,
  nriRunName,
  nriRuns,
} from '../experiments/nri/config';
import { readExperimentFile } from '../experiments/report/results';
import { writeFileAtomically } from '../files/atomic-file';
import { checkOut, freeDirectory } from './directories';
import { asUsage, usageError } from './failure';
import type { Job } from './messages';

/** An experiment with its directory and the runs that are left to do. */
export interface Plan {
  directory: string;
  experiment: NriExperiment;
  jobs: Job[];
}

/**
 * Starts an experiment in `directory`, or with `resume` takes up the one that is there, whose configuration `asked`
 * must not contradict. Without a directory a new one under runs/ is chosen. Writes experiment.json.
 *
 * @throws CliError when the directory holds an experiment already, holds none to resume, or holds another one.
 */
export function planExperiment(asked: NriOptions, out: string | undefined, resume: boolean): Plan {
  const directory = checkOut(out);
  const plan = resume ? resumed(asked, directory) : created(asked, directory);
  const jobs = nriRuns(plan.experiment).map((config): Job => {
    const name = nriRunName(config);
    return { name, config, options: { directory: join(plan.directory, name), resume } };
  });
  return { ...plan, jobs: jobs.filter((job) => !existsSync(join(job.options.directory, 'result.json'))) };
}

function created(asked: NriOptions, directory: string | undefined): Omit<Plan, 'jobs'> {
  const experiment = asUsage(() => nriExperiment(asked));
  const chosen = directory ?? freeDirectory(join('runs', `nri-${experiment.preset}`));
  const path = join(chosen, 'experiment.json');
  if (existsSync(path)) {
    throw usageError(
      `${chosen} already holds an experiment: add --resume to go on with it, or choose another directory with --out`,
    );
  }
  writeFileAtomically(path, `${JSON.stringify(experiment, undefined, 2)}\n`);
  return { directory: chosen, experiment };
}

function resumed(asked: NriOptions, directory: string | undefined): Omit<Plan, 'jobs'> {
  if (directory === undefined) throw usageError('--resume needs --out with the directory of the experiment');
  const experiment = asUsage(() => readExperimentFile(directory));
  const wanted = asUsage(() =>
    nriExperiment({ ...experiment, ...asked, ...temperatures(experiment, asked) }),
  );
  const differences = Object.keys(experiment).flatMap((key) => {
    const [stored, other] = [experiment[key as keyof NriExperiment], wanted[key as keyof NriExperiment]];
    return isDeepStrictEqual(stored, other)
      ? []
      : [`${key} is ${JSON.stringify(stored)}, asked for ${JSON.stringify(other)}`];
  });
  if (differences.length > 0) {
    throw usageError(
      `${directory} holds an experiment of another configuration (${differences.join('; ')}): resume without these options, or choose another directory with --out`,
    );
  }
  return { directory, experiment };
}

/** One temperature that is asked for replaces all stored ones. */
function temperatures(
  experiment: NriExperiment,
  { temperature, temperatures }: NriOptions,
): Pick<NriOptions, 'temperatures'> {
  const stored = temperature === undefined ? experiment.temperatures : {};
  return { temperatures: { ...stored, ...temperatures } };
}
