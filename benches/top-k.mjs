// k-subsets: small; the edges of 10 vertices with 9 of them chosen; the words of a text with 10 of them chosen.
import { topK } from '../dist/index.js';
import { topKBaseline } from './baselines/top-k.mjs';
import { benchmark } from './support/structure.mjs';

const sizes = [
  [10, 3],
  [45, 9],
  [350, 10],
].map(([elements, k]) => ({
  label: `${k} of ${elements}`,
  trick: topK({ elements, k }),
  baseline: topKBaseline(elements, k),
}));

export const run = (options) => benchmark('top k', sizes, options);
