/** Structured, differentiable random choices. */
export { type ArborescenceOptions, type ArborescenceTrick, arborescence } from './arborescence';
export type { NumberArray } from './arrays';
export type { AsyncOptions } from './background';
export type { Edge } from './edges';
export { SstError, type SstErrorCode } from './errors';
export type { LengthArray } from './lengths';
export { type OneHotOptions, oneHot } from './one-hot';
export type {
  ArgmaxOptions,
  Gradient,
  OutOptions,
  Output,
  PerturbOptions,
  Sample,
  SampleOptions,
  SoftmaxOptions,
  VjpOptions,
} from './options';
export { type SpanningTreeOptions, type SpanningTreeTrick, spanningTree } from './spanning-tree';
export { type SubsetOptions, subset } from './subset';
export { getThreads, setThreads } from './threads';
export { type TopKOptions, topK } from './top-k';
export type { ExponentialFamilyTrick, Trick } from './trick';
export { gaussian, gumbel, logistic, negativeExponential, type Utility } from './utilities';
