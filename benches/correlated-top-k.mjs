// Correlated k-subsets: small; medium; the words of a text with 10 of them chosen.
import { correlatedTopK } from '../dist/index.js';
import { benchmark } from './support/structure.mjs';

const sizes = [
  [10, 3],
  [45, 9],
  [350, 10],
].map(([elements, k]) => ({
  label: `${k} of ${elements}`,
  trick: correlatedTopK({ elements, k }),
}));

export const run = (options) => benchmark('correlated top k', sizes, options);
