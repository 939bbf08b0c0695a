// One-hot vectors.
import { oneHot } from '../dist/index.js';
import { oneHotBaseline } from './baselines/one-hot.mjs';
import { benchmark } from './support/structure.mjs';

const sizes = [10, 100, 1000].map((categories) => ({
  label: `${categories} categories`,
  trick: oneHot({ categories }),
  baseline: oneHotBaseline(categories),
}));

export const run = (options) => benchmark('one-hot', sizes, options);
