// The native TensorFlow.js backend: training steps beside the wasm and cpu backends as they are published, and products
// of matrices. benches/openblas/rates.py gives the rates of OpenBLAS for the same products.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { time } from './support/measure.mjs';
import { networks } from './support/networks.mjs';
import { printTable } from './support/table.mjs';

const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
const { setThreadsCount, setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
const { setThreads } = require('../dist/index.js');

const stepScript = fileURLToPath(new URL('./support/training-step.mjs', import.meta.url));

/** Networks that are as good as those before them on other backends. */
const nativeOnly = ['the same LSTM, fused', 'the same GRU, fused'];

/** [rows, inner] times [inner, columns]. */
const products = [
  [11520, 512, 256],
  [2304, 64, 64],
  [256, 256, 256],
];

function stepTime(name, backend, seconds) {
  // Steps on the cpu backend take seconds: a few must do.
  const steps = backend === 'cpu' ? 3 : Math.max(4, Math.round(120 * seconds));
  return Number(execFileSync(process.execPath, [stepScript, name, backend, String(steps)]));
}

function printSteps(seconds) {
  const lines = Object.keys(networks).map((name) => {
    const native = stepTime(name, 'native', seconds);
    if (nativeOnly.includes(name)) return [name, native, undefined, undefined, undefined, undefined];
    const [wasm, cpu] = ['wasm', 'cpu'].map((backend) => stepTime(name, backend, seconds));
    return [name, native, wasm, cpu, wasm / native, cpu / native];
  });
  const header = ['network', 'native', 'wasm', 'cpu', 'wasm / native', 'cpu / native'];
  printTable('training: milliseconds of processor time per step', header, lines);
}

async function printRates(seconds) {
  const lines = [];
  for (const [rows, inner, columns] of products) {
    const rates = [];
    for (const backend of ['native', 'wasm']) {
      await tf.setBackend(backend);
      await tf.ready();
      const [a, b] = [tf.randomNormal([rows, inner]), tf.randomNormal([inner, columns])];
      const { fastest } = await time(() => tf.matMul(a, b).dispose(), 2 * seconds);
      tf.dispose([a, b]);
      rates.push((2 * rows * inner * columns) / fastest);
    }
    lines.push([`[${rows}x${inner}] x [${inner}x${columns}]`, ...rates]);
  }
  printTable('products of matrices: GFLOP/s on one thread', ['product', 'native', 'wasm'], lines);
}

export async function run({ seconds }) {
  tf.enableProdMode();
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
  setThreadsCount(1);
  setThreads(1);
  await printRates(seconds);
  printSteps(seconds);
}
