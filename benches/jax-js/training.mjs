// Training steps of the native TensorFlow.js backend beside jax-js's: `node benches/jax-js/training.mjs [folder]`,
// where @jax-js/jax is installed in that folder. Both start from the same parameters and must have the same losses;
// each is timed on one thread, in a process of its own.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { networks } from '../support/networks.mjs';
import { printTable } from '../support/table.mjs';

const STEPS = 60;

const folder = resolve(process.argv[2] ?? '.');
try {
  createRequire(`${folder}/`).resolve('@jax-js/jax');
} catch {
  console.error(`@jax-js/jax is not installed in ${folder}: npm install --prefix <folder> @jax-js/jax`);
  process.exit(1);
}

function fastest(script, ...words) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return Number(execFileSync(process.execPath, [path, ...words, String(STEPS)]));
}

const lines = Object.keys(networks)
  .filter((name) => /MLP|NRI/.test(name))
  .map((name) => {
    const native = fastest('../support/training-step.mjs', name, 'native');
    const jax = fastest('step.mjs', folder, name);
    return [name, native, jax, jax / native];
  });
const header = ['network', 'native', 'jax-js', 'jax-js / native'];
printTable('training: milliseconds of processor time per step', header, lines);
