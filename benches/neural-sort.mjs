// Rankings by NeuralSort.
import { neuralSort } from '../dist/index.js';
import { benchmark } from './support/structure.mjs';

const sizes = [5, 20, 100].map((elements) => ({
  label: `${elements} elements`,
  trick: neuralSort({ elements }),
  largestBatch: Math.floor(2 ** 22 / elements ** 2),
}));

export const run = (options) => benchmark('neural sort', sizes, options);
