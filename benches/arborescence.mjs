// Arborescences of complete graphs.
import { arborescence } from '../dist/index.js';
import { arborescenceBaseline } from './baselines/arborescence.mjs';
import { benchmark } from './support/structure.mjs';

/** Rows times vertices cubed of the largest batch, lest one call take seconds. */
const LARGEST_WORK = 2 ** 26;

const sizes = [6, 10, 16, 32, 64].map((vertices) => ({
  label: `${vertices} vertices`,
  trick: arborescence({ vertices }),
  baseline: arborescenceBaseline(vertices),
  largestBatch: Math.max(128, Math.floor(LARGEST_WORK / vertices ** 3)),
}));

export const run = (options) => benchmark('arborescence', sizes, options);
