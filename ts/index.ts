/** Structured, differentiable random choices. What has no `@since` tag is there since 0.1.0. */

export type { WithAdjacency } from './arguments/adjacency';
export type { EntmaxOptions } from './arguments/alpha';
export type { IntegerArray, NumberArray } from './arguments/arrays';
export type { Edge } from './arguments/edges';
export { SstError, type SstErrorCode } from './arguments/errors';
export type { LengthArray } from './arguments/lengths';
export type {
  ArgmaxOptions,
  FamilySampleOptions,
  Gradient,
  LengthsOptions,
  OutOptions,
  Output,
  PerturbOptions,
  Sample,
  SampleOptions,
  SoftmaxOptions,
  VjpOptions,
} from './arguments/options';
export type { Precision } from './arguments/precision';
export type { Temperature } from './arguments/temperature';
export { drawTokens } from './drawing/draw-tokens';
export {
  type ArborescenceOptions,
  type ArborescenceSparseMapTrick,
  type ArborescenceTrick,
  arborescence,
} from './structures/arborescence';
export { type CorrelatedTopKOptions, correlatedTopK } from './structures/correlated-top-k';
export { type CustomStructureOptions, customStructure } from './structures/custom-structure';
export * from './structures/derivations';
export {
  type IndependentEdgesOptions,
  type IndependentEdgesSparseMapTrick,
  type IndependentEdgesTrick,
  independentEdges,
} from './structures/independent-edges';
export {
  type MatchingCommonOptions,
  type MatchingOptions,
  type MatchingTrick,
  matching,
  type RectangularMatchingOptions,
  type SquareMatchingOptions,
} from './structures/matching';
export { type NeuralSortOptions, neuralSort } from './structures/neural-sort';
export { type OneHotOptions, type OneHotRelaxation, oneHot } from './structures/one-hot';
export {
  type PermutahedronOptions,
  type PermutahedronRelaxation,
  permutahedron,
} from './structures/permutahedron';
export { type ProjectiveTreeOptions, projectiveTree } from './structures/projective-tree';
export {
  type SpanningTreeOptions,
  type SpanningTreeSparseMapTrick,
  type SpanningTreeTrick,
  spanningTree,
} from './structures/spanning-tree';
export { type SubsetOptions, subset } from './structures/subset';
export { type TopKOptions, type TopKRelaxation, topK } from './structures/top-k';
export { getThreads, setThreads } from './threads';
export type { AsyncOptions } from './trick/background';
export type { CustomArgmax, CustomRelaxation, Rows } from './trick/custom-solver';
export type { ExponentialFamilyTrick } from './trick/exponential-family-trick';
export type { KBest, KBestOptions } from './trick/k-best';
export type { SoftmaxWithVjp, SoftmaxWithVjpOptions } from './trick/softmax-with-vjp';
export type { Atom, SparseMapOptions, SparseMapSolution, SparseMapTrick } from './trick/sparse-map';
export type { TracedTrick } from './trick/traced-trick';
export type { Trick } from './trick/trick';
export { gaussian, gumbel, logistic, negativeExponential, type Utility } from './utilities';
