import { join } from 'node:path';
import { main } from '../../ts/cli/program';

// `sst` with a stand-in for training.
void main(process.argv.slice(2), { workerModule: join(__dirname, 'fake-worker.js') }).then((code) => {
  process.exitCode = code;
});
