// Chains, alignments and binary trees.
import { alignment, binaryTree, linearChain } from '../../../dist/index.js';
import { softWithGradient } from './soft.mjs';

const rows = 128;

const row = (name, operation, sizes, makeTrick) => ({
  name,
  operation,
  parameters: { rows, ...sizes },
  wanted: 20,
  tolerance: 1e-8,
  prepare: () => softWithGradient(makeTrick(), { rows }),
});

export const dynamicPrograms = {
  name: 'dynamic-programs',
  python: 'dynamic_programs',
  rows: [
    row('linear chain, 100 x 20 states', 'linear chain', { length: 100, states: 20 }, () =>
      linearChain({ length: 100, states: 20 }),
    ),
    row('alignment, 50 x 50', 'alignment', { height: 50, width: 50 }, () =>
      alignment({ rows: 50, columns: 50 }),
    ),
    row('binary trees, 25 leaves', 'binary tree', { leaves: 25 }, () => binaryTree({ leaves: 25 })),
  ],
};
