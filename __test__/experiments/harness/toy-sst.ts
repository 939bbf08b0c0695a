import { join } from 'node:path';
import { main } from '../../../ts/cli/program';
import { experiments } from '../../../ts/experiments/registry';
import { toy } from './toy';

// `sst` with one more experiment in its registry.
void main(process.argv.slice(2), {
  experiments: [...experiments, toy],
  workerModule: join(__dirname, 'toy-worker.js'),
}).then((code) => {
  process.exitCode = code;
});
