/** Structures that are derivations of a forest, each a function from its sizes to nodes and edges. */

export { type AlignmentOptions, alignment } from './alignment';
export { type BinaryTreeOptions, binaryTree } from './binary-tree';
export { type CtcOptions, ctc } from './ctc';
export { type DerivationEdge, type DerivationsOptions, derivations } from './derivations';
export type { ForestOptions, ForestTrick } from './forest-trick';
export { type KnapsackOptions, knapsack } from './knapsack';
export { type LinearChainOptions, linearChain } from './linear-chain';
export { type MonotoneAlignmentOptions, monotoneAlignment } from './monotone-alignment';
export { type NonCrossingPairsOptions, nonCrossingPairs } from './non-crossing-pairs';
export { type PathOptions, path } from './path';
export { type SegmentationOptions, segmentation } from './segmentation';
