// One or k of n elements.
import { oneHot, topK } from '../../../dist/index.js';
import { softWithGradient } from './soft.mjs';

/** Rows, elements, k. */
const SIZES = [
  [128, 45, 9],
  [128, 350, 10],
  [32, 1000, 50],
];

const relaxed = (operation, relaxation, kind, wanted, sizes = SIZES) =>
  sizes.map(([rows, elements, k]) => ({
    name: `top k, ${operation}, ${rows} x ${k} of ${elements}, ${kind}`,
    operation,
    parameters: { rows, k },
    wanted,
    tolerance: kind === 'float64' ? 1e-8 : 1e-3,
    prepare: () => softWithGradient(topK({ elements, k, relaxation }), { rows, kind }),
  }));

const sparsemax = (rows, categories) => ({
  name: `sparsemax, ${rows} x ${categories}, float64`,
  operation: 'sparsemax',
  parameters: { rows },
  wanted: 1,
  tolerance: 1e-8,
  prepare: () => softWithGradient(oneHot({ categories, relaxation: 'euclidean' }), { rows }),
});

export const subsets = {
  name: 'subsets',
  python: 'subsets',
  rows: [
    ...relaxed('binary entropy', 'binary-entropy', 'float64', 3),
    ...relaxed('binary entropy', 'binary-entropy', 'float32', 3),
    ...relaxed('exponential family', 'exponential-family', 'float64', 2),
    ...relaxed('softsub', 'softsub', 'float32', 3),
    sparsemax(128, 350),
  ],
};
