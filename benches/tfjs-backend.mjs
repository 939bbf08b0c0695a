// The native TensorFlow.js backend: training steps beside the wasm and cpu backends as they are published, and products
// of matrices. The rates of OpenBLAS for the same products: benches/openblas/rates.py.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { networks } from './support/networks.mjs';
import { printTable } from './support/table.mjs';

const require = createRequire(import.meta.url);
// The CommonJS build: the one that the backend registers itself with.
const tf = require('@tensorflow/tfjs');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');

/** [rows, inner] times [inner, columns]. */
const products = [
  [11520, 512, 256],
  [2304, 64, 64],
  [256, 256, 256],
];

async function use(backend) {
  await tf.setBackend(backend);
  await tf.ready();
}

/** Milliseconds of one step, the median of as many as fit into the time, at least two after one to warm up. */
async function timeSteps(step, seconds) {
  await step();
  const times = [];
  const end = performance.now() + seconds * 1e3;
  while (times.length < 2 || performance.now() < end) {
    const start = performance.now();
    await step();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

async function trainingSteps(seconds) {
  const lines = [];
  for (const [name, build] of Object.entries(networks)) {
    const times = {};
    for (const backend of ['native', 'wasm', 'cpu']) {
      await use(backend);
      const step = build(tf, backend);
      // A step on the cpu backend takes seconds: two are enough.
      times[backend] = await timeSteps(step, backend === 'cpu' ? 0 : 8 * seconds);
    }
    const { native, wasm, cpu } = times;
    lines.push([name, native, wasm, cpu, wasm / native, cpu / native]);
  }
  const header = ['network', 'native', 'wasm', 'cpu', 'wasm / native', 'cpu / native'];
  printTable('training: milliseconds per step, one thread', header, lines);
}

async function productRates(seconds) {
  const lines = [];
  for (const [rows, inner, columns] of products) {
    const rates = [];
    for (const backend of ['native', 'wasm']) {
      await use(backend);
      const [a, b] = [tf.randomNormal([rows, inner]), tf.randomNormal([inner, columns])];
      const milliseconds = await timeSteps(() => tf.matMul(a, b).dispose(), 2 * seconds);
      tf.dispose([a, b]);
      rates.push((2 * rows * inner * columns) / milliseconds / 1e6);
    }
    lines.push([`[${rows}x${inner}]x[${inner}x${columns}]`, ...rates]);
  }
  printTable('products: GFLOP/s, one thread', ['product', 'native', 'wasm'], lines);
}

export async function run({ seconds }) {
  tf.enableProdMode();
  require('../dist/tfjs-backend/index.js');
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
  require('@tensorflow/tfjs-backend-wasm').setThreadsCount(1);
  await productRates(seconds);
  await trainingSteps(seconds);
}
