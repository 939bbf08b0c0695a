// SparseMAP: built-in structures beside the exponential family, and the same structure as one of the user's own.
import { customStructure, oneHot, setThreads, spanningTree, subset, topK } from '../dist/index.js';
import { time } from './support/measure.mjs';
import { printTable } from './support/table.mjs';

const ROWS = 64;

const structures = [
  ['one-hot of 10', (options) => oneHot({ categories: 10, ...options })],
  ['one-hot of 1000', (options) => oneHot({ categories: 1000, ...options })],
  ['subset of 45', (options) => subset({ elements: 45, ...options })],
  ['9 of 45', (options) => topK({ elements: 45, k: 9, ...options })],
  ['trees of K10', (options) => spanningTree({ vertices: 10, ...options })],
];

export async function run({ seconds }) {
  setThreads(1);
  const lines = [];
  for (const [name, make] of structures) {
    const sparse = make({ relaxation: 'sparsemap' });
    const family = make({});
    const { dimension } = sparse;
    const argmax = (utility) => sparse.argmax(utility);
    const own = customStructure({ dimension, argmax });
    const theta = new Float64Array(ROWS * dimension);
    const utility = sparse.perturb(theta, { seed: 1 });
    const cotangent = sparse.perturb(theta, { seed: 2 });
    for (const temperature of [1, 0.1]) {
      const { atoms } = sparse.sparseMap(utility, { temperature });
      const vertices = atoms.reduce((sum, { length }) => sum + length, 0) / ROWS;
      const options = { temperature, out: new Float64Array(theta.length) };
      const soft = (trick) => time(() => trick.softmax(utility, options), seconds);
      const vjp = (trick) => time(() => trick.softmaxVjp(utility, cotangent, options), seconds);
      const times = [
        await soft(sparse),
        await vjp(sparse),
        await soft(own),
        await vjp(own),
        await soft(family),
      ];
      const each = times.map(({ fastest }) => fastest / ROWS);
      lines.push([name, String(temperature), vertices.toFixed(1), ...each]);
    }
  }
  setThreads(0);
  const header = ['structure', 't', 'atoms', 'softmax', 'softmaxVjp', 'own softmax', 'own Vjp', 'family'];
  printTable(`sparsemap: nanoseconds per row, one thread, ${ROWS} rows`, header, lines);
}
