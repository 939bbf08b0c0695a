import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiments/harness/experiment';
import { plannedRuns, settingsOf } from '../experiments/harness/plan';
import { experimentPath, readExperimentFile, writeExperimentFile } from '../experiments/harness/results';
import { runFiles } from '../experiments/harness/run-files';
import { type BaseSettings, mergeSettings, type SettingsOptions } from '../experiments/harness/settings';
import { sameJson } from '../experiments/json-file';
import { checkOut, freeDirectory } from './directories';
import { asUsage, usageError } from './failure';
import type { Job } from './messages';

/** An experiment with its directory and the runs that are left to do. */
export interface Plan {
  directory: string;
  settings: BaseSettings;
  jobs: Job[];
}

/** Settings that are asked for, by key; checked here. */
type Asked = SettingsOptions<BaseSettings> & Record<string, unknown>;

/**
 * Starts an experiment in `directory`, or with `resume` takes up the one that is there, whose settings `asked` must not
 * contradict. Without a directory a new one under runs/ is chosen. Writes experiment.json.
 *
 * @throws CliError when the directory holds an experiment already, holds none to resume, or holds another one
 */
export function planExperiment(
  experiment: Experiment,
  asked: Asked,
  out: string | undefined,
  resume: boolean,
): Plan {
  const directory = checkOut(out);
  const plan = resume ? resumed(experiment, asked, directory) : created(experiment, asked, directory);
  return { ...plan, jobs: jobsOf(experiment, plan, resume) };
}

/** The runs of an experiment in its directory that have no result. */
export function jobsOf(experiment: Experiment, plan: Omit<Plan, 'jobs'>, resume: boolean): Job[] {
  return plannedRuns(experiment, plan.settings)
    .map(({ name, config }): Job => {
      const options = { directory: join(plan.directory, name), resume };
      return { name, experiment: experiment.name, config, options };
    })
    .filter(({ options }) => !existsSync(join(options.directory, runFiles.result)));
}

function created(experiment: Experiment, asked: Asked, directory: string | undefined): Omit<Plan, 'jobs'> {
  const settings = asUsage(() => settingsOf(experiment, asked));
  const chosen = directory ?? freeDirectory(join('runs', `${experiment.name}-${settings.preset}`));
  if (existsSync(experimentPath(chosen))) {
    throw usageError(
      `${chosen} already holds an experiment: add --resume to go on with it, or choose another directory with --out`,
    );
  }
  writeExperimentFile(chosen, { experiment, settings });
  return { directory: chosen, settings };
}

function resumed(experiment: Experiment, asked: Asked, directory: string | undefined): Omit<Plan, 'jobs'> {
  if (directory === undefined) throw usageError('--resume needs --out with the directory of the experiment');
  const { settings } = asUsage(() => readExperimentFile(directory, [experiment]));
  const wanted = asUsage(() =>
    settingsOf(experiment, mergeSettings(experiment.settings, settings, asked) as Asked),
  );
  const [stored, other] = [settings, wanted].map((from): Record<string, unknown> => ({ ...from }));
  const differences = Object.keys({ ...stored, ...other }).flatMap((key) =>
    sameJson(stored[key], other[key])
      ? []
      : [`${key} is ${JSON.stringify(stored[key])}, asked for ${JSON.stringify(other[key])}`],
  );
  if (differences.length > 0) {
    throw usageError(
      `${directory} holds an experiment of another configuration (${differences.join('; ')}): resume without these options, or choose another directory with --out`,
    );
  }
  return { directory, settings };
}
