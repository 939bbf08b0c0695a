// Spanning trees and arborescences.
import { arborescence, spanningTree } from '../../../dist/index.js';
import { softWithGradient } from './soft.mjs';

const rows = 128;
const SIZES = [10, 30, 50];
/** Ratios that are wanted, by kind and in the order of the sizes; gradients of floats are held to single precision. */
const SPANNING = { float64: [8, 6, 6], float32: [6, 4, 4] };
const DIRECTED = { float64: [4, 3, 3], float32: [4, 2.5, 2.5] };

const rowsOf = (operation, factory, wanted) =>
  Object.keys(wanted).flatMap((kind) =>
    SIZES.map((vertices, index) => ({
      name: `${operation}, ${vertices} vertices, ${kind}`,
      operation,
      parameters: { rows, vertices },
      wanted: wanted[kind][index],
      tolerance: kind === 'float64' ? 1e-4 : 1e-3,
      // Textbook differences of inverses cancel, in floats to nothing.
      inexact: kind === 'float32' && operation === 'spanning tree',
      prepare: () => softWithGradient(factory(vertices, kind), { rows, kind }),
    })),
  );

/** Floats are computed in floats. */
const precisionOf = (kind) => (kind === 'float32' ? 'single' : 'double');
const spanningTrees = (vertices, kind) => spanningTree({ vertices, precision: precisionOf(kind) });
const arborescences = (vertices, kind) => arborescence({ vertices, precision: precisionOf(kind) });

export const trees = {
  name: 'trees',
  python: 'trees',
  rows: [
    ...rowsOf('spanning tree', spanningTrees, SPANNING),
    ...rowsOf('arborescence', arborescences, DIRECTED),
  ],
};
