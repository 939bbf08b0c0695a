// Derivations of a forest: linear chains beside forward-backward in plain JavaScript, alignments and binary trees.
import { alignment, binaryTree, linearChain } from '../dist/index.js';
import { linearChainBaseline } from './baselines/derivations.mjs';
import { benchmark } from './support/structure.mjs';

const chains = [
  [20, 5],
  [100, 20],
].map(([length, states]) => ({
  label: `chain ${length}, ${states} states`,
  trick: linearChain({ length, states }),
  baseline: linearChainBaseline(length, states),
  largestBatch: 128,
}));

const others = [
  ['alignment 50 x 50', alignment({ rows: 50, columns: 50 })],
  ['binary trees of 25 leaves', binaryTree({ leaves: 25 })],
].map(([label, trick]) => ({ label, trick, largestBatch: 128 }));

export const run = (options) => benchmark('derivations', [...chains, ...others], options);
