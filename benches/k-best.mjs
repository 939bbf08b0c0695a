// The k best of one row beside its argmax: how much each further structure costs.
import {
  alignment,
  arborescence,
  matching,
  projectiveTree,
  setThreads,
  spanningTree,
  subset,
  topK,
} from '../dist/index.js';
import { time } from './support/measure.mjs';
import { printTable } from './support/table.mjs';

const COUNTS = [10, 100];
const structures = [
  ['10 of 1000', topK({ elements: 1000, k: 10 })],
  ['subsets of 1000', subset({ elements: 1000 })],
  ['spanning trees of 10 vertices', spanningTree({ vertices: 10 })],
  ['spanning trees of 50 vertices', spanningTree({ vertices: 50 })],
  ['arborescences of 10 vertices', arborescence({ vertices: 10 })],
  ['arborescences of 30 vertices', arborescence({ vertices: 30 })],
  ['projective trees of 15 words', projectiveTree({ words: 15 })],
  ['matchings of 10 x 10', matching({ size: 10 })],
  ['matchings of 50 x 50', matching({ size: 50 })],
  ['matchings of 20 x 100', matching({ rows: 20, columns: 100 })],
  ['alignments of 50 x 50', alignment({ rows: 50, columns: 50 })],
];

export async function run({ seconds }) {
  setThreads(1);
  const lines = [];
  for (const [label, trick] of structures) {
    const utility = trick.perturb(new Float64Array(trick.utilityDimension), { seed: 1 });
    const { fastest: one } = await time(() => trick.argmax(utility), seconds);
    for (const k of COUNTS) {
      const { fastest: all } = await time(() => trick.kBest(utility, { k }), seconds);
      lines.push([label, String(k), one / 1e3, all / 1e3, (all - one) / (k - 1) / one]);
    }
  }
  setThreads(0);
  const header = ['size', 'k', 'argmax', 'kBest', 'each further, of an argmax'];
  printTable('k best: microseconds of a row, one thread', header, lines);
}
