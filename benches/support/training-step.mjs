// Times the training step of one network on one backend, in a process of its own: what ran before leaves its traces in
// compiled code. Prints the milliseconds of processor time that a step takes, the fastest, which a busy machine
// disturbs least.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { fastestStep } from './measure.mjs';
import { networks } from './networks.mjs';

const require = createRequire(import.meta.url);
// The CommonJS build: the one that the native backend registers itself with.
const tf = require('@tensorflow/tfjs');
const { setThreadsCount, setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');

const [name, backend, steps] = process.argv.slice(2);
tf.enableProdMode();
// The orthogonal initialiser warns of its own slowness.
console.warn = () => {};
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
setThreadsCount(1);
require('../../dist/index.js').setThreads(1);
await tf.setBackend(backend);
await tf.ready();

const { step } = networks[name](tf, backend);
console.log(await fastestStep(step, Number(steps)));
