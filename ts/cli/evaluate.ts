import { useBackend } from '../experiments/backend';
import { readBest } from '../experiments/harness/run-files';
import type { Context } from './context';
import { CliError, usageError } from './failure';
import { interruptible } from './interruptible';

/** Evaluates the best weights of a run on the items of a file, and prints the numbers as one JSON object. */
export async function evaluateRun(directory: string, path: string, { experiments }: Context): Promise<void> {
  const { experiment: name, config, weights } = readBest(directory);
  const experiment = experiments.find((candidate) => candidate.name === name);
  if (experiment === undefined)
    throw new CliError(`${directory} is a run of '${name}', which is not registered`);
  const code = experiment.code();
  if (code.evaluateFile === undefined) throw usageError(`${name} has no file format to evaluate on`);
  await useBackend(config.backend);
  const { results, interrupted } = await interruptible('items', (signal, progress) =>
    Promise.resolve(
      code.evaluateFile?.(config, weights, path, {
        signal,
        onProgress: (done, total) => progress(done, total, 'evaluating'),
      }),
    ),
  );
  if (results === undefined) throw new CliError('Stopped', interrupted);
  process.stdout.write(`${JSON.stringify(results)}\n`);
}
