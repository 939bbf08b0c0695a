/** Structured random choices and gradient estimators on TensorFlow.js tensors. */
export type { AdjacencyOptions, AdjacencyTensorTrick, WithAdjacency } from './adjacency';
export {
  type TensorEstimate,
  type TensorEstimateOptions,
  type TensorEstimator,
  type TensorSupervisedLoss,
  tensorEstimator,
  tensorSupervisedLoss,
} from './estimators';
export {
  type ExponentialFamilyTensorTrick,
  elementsOf,
  type TensorArgmaxOptions,
  type TensorFamilySampleOptions,
  type TensorLengths,
  type TensorPerturbOptions,
  type TensorRelaxOptions,
  type TensorSample,
  type TensorSoftmaxOptions,
  type TensorTrick,
  tensorTrick,
} from './tensor-trick';
