import { type Command, Option } from 'commander';
import type { Experiment } from '../experiments/harness/experiment';
import { readExperiment } from '../experiments/harness/results';
import { npx, quoted } from './command-line';
import type { Context } from './context';
import { planExperiment } from './experiment-directory';
import { addSettingOptions, askedSettings, type SettingFlags } from './experiment-options';
import { CliError } from './failure';
import { printReport } from './report';
import { causesOf, describeJobs, runSession } from './session';
import { addWorkplaceOptions, chooseWorkplace, type WorkplaceFlags } from './workplace';

type Flags = SettingFlags & WorkplaceFlags & { out?: string; resume?: true };

/** Adds `train <experiment>`. */
export function addTrain(train: Command, experiment: Experiment, context: Context): void {
  const { name, summary, description, examples = [] } = experiment;
  const command = train.command(name).summary(summary).description(description);
  addSettingOptions(command, experiment)
    .addOption(new Option('--out <directory>', 'output directory (default: a new one under runs/)'))
    .addOption(new Option('--resume', 'go on with the unfinished runs of --out'));
  addWorkplaceOptions(command)
    .addHelpText('after', exampleText(name, examples))
    .action((flags: Flags) => trainExperiment(experiment, flags, context));
}

function exampleText(name: string, examples: readonly (readonly [string, string])[]): string {
  if (examples.length === 0) return '';
  const lines = examples.map(([options, meaning]) =>
    `  $ ${`sst train ${name} ${options}`.trim().padEnd(47)} ${meaning}`.trimEnd(),
  );
  return `\nExamples:\n${lines.join('\n')}`;
}

async function trainExperiment(experiment: Experiment, flags: Flags, context: Context): Promise<void> {
  const { name } = experiment;
  const workplace = await chooseWorkplace(flags, `sst train ${name}`, context);
  const asked = askedSettings(experiment, flags);
  const { directory, jobs } = planExperiment(experiment, asked, flags.out, flags.resume ?? false);
  const { runs } = readExperiment(directory, [experiment]);
  const done = runs.filter((run) => run.result !== undefined);
  process.stderr.write(`${describeJobs(jobs.length, done.length)} in ${directory}\n`);
  const { ends, interrupted } = await runSession({
    jobs,
    doneSteps: done.map((run) => run.config.steps),
    experiments: context.experiments,
    workplace,
  });
  const unfinished = ends.filter((end) => end.kind !== 'finished').length;
  const isComplete = unfinished === 0;
  if (isComplete || (interrupted === undefined && unfinished < runs.length)) {
    await printReport(directory, context);
  }
  if (isComplete) return;
  const what = interrupted === undefined ? `${unfinished} of ${runs.length} runs did not finish` : 'Stopped';
  throw new CliError(
    `${what}; go on with: ${npx} train ${name} --resume --out ${quoted(directory)}${workplace.options}${causesOf(jobs, ends)}`,
    interrupted,
  );
}
