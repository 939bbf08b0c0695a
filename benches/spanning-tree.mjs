// Spanning trees of complete graphs.
import { spanningTree } from '../dist/index.js';
import { spanningTreeBaseline } from './baselines/spanning-tree.mjs';
import { benchmark } from './support/structure.mjs';

/** Rows times vertices cubed of the largest batch, lest one call take seconds. */
const LARGEST_WORK = 2 ** 27;

const sizes = [6, 10, 16, 32, 64, 128].map((vertices) => ({
  label: `${vertices} vertices`,
  trick: spanningTree({ vertices }),
  baseline: spanningTreeBaseline(vertices),
  largestBatch: Math.max(128, Math.floor(LARGEST_WORK / vertices ** 3)),
}));

export const run = (options) => benchmark('spanning tree', sizes, options);
