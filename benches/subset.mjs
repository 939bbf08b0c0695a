// Subsets.
import { subset } from '../dist/index.js';
import { subsetBaseline } from './baselines/subset.mjs';
import { benchmark } from './support/structure.mjs';

const sizes = [10, 100, 1000].map((elements) => ({
  label: `${elements} elements`,
  trick: subset({ elements }),
  baseline: subsetBaseline,
}));

export const run = (options) => benchmark('subset', sizes, options);
