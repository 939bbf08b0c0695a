/** Structured, differentiable random choices. */
export {
  type ArborescenceOptions,
  type ArborescenceSparseMapTrick,
  type ArborescenceTrick,
  arborescence,
} from './arborescence';
export type { NumberArray } from './arrays';
export type { AsyncOptions } from './background';
export { type CorrelatedTopKOptions, correlatedTopK } from './correlated-top-k';
export type { CustomArgmax, CustomRelaxation, Rows } from './custom-solver';
export { type CustomStructureOptions, customStructure } from './custom-structure';
export type { Edge } from './edges';
export { SstError, type SstErrorCode } from './errors';
export type { ExponentialFamilyTrick } from './exponential-family-trick';
export type { LengthArray } from './lengths';
export { type MatchingOptions, type MatchingTrick, matching } from './matching';
export { type NeuralSortOptions, neuralSort } from './neural-sort';
export { type OneHotOptions, type OneHotRelaxation, oneHot } from './one-hot';
export type {
  ArgmaxOptions,
  FamilySampleOptions,
  Gradient,
  OutOptions,
  Output,
  PerturbOptions,
  Sample,
  SampleOptions,
  SoftmaxOptions,
  VjpOptions,
} from './options';
export { type ProjectiveTreeOptions, projectiveTree } from './projective-tree';
export {
  type SpanningTreeOptions,
  type SpanningTreeSparseMapTrick,
  type SpanningTreeTrick,
  spanningTree,
} from './spanning-tree';
export type { Atom, SparseMapOptions, SparseMapSolution, SparseMapTrick } from './sparse-map';
export { type SubsetOptions, subset } from './subset';
export { getThreads, setThreads } from './threads';
export { type TopKOptions, type TopKRelaxation, topK } from './top-k';
export type { TracedTrick } from './traced-trick';
export type { Trick } from './trick';
export { gaussian, gumbel, logistic, negativeExponential, type Utility } from './utilities';
