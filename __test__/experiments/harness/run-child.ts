import { trainRun } from '../../../ts/experiments/harness/run';
import { experiments } from '../../../ts/experiments/registry';
import { toy } from './toy';

// Trains the run of a configuration in a folder, taking up what is there, and tells its parent of everything it does.
const [name, directory, cacheDirectory, config] = process.argv.slice(2);
const experiment = [...experiments, toy].find((candidate) => candidate.name === name);
if (experiment === undefined) throw new Error(`no experiment ${name}`);
void trainRun(experiment, JSON.parse(config), {
  directory,
  cacheDirectory,
  resume: true,
  onProgress: ({ phase, step }) => process.send?.(`${phase} ${step}`),
}).then(() => process.disconnect());
