// Soft ranks.
import { permutahedron } from '../dist/index.js';
import { benchmark } from './support/structure.mjs';

const sizes = [10, 100, 1000].flatMap((elements) =>
  ['euclidean', 'categorical-entropy'].map((relaxation) => ({
    label: `${elements} elements, ${relaxation}`,
    trick: permutahedron({ elements, relaxation }),
    largestBatch: Math.floor(2 ** 20 / elements),
  })),
);

export const run = (options) => benchmark('permutahedron', sizes, options);
