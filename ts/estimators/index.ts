/** Estimators of the gradient of an expected loss over a random structure. */
export {
  type AdaptiveImplicitMleOptions,
  type AdaptiveImplicitMleState,
  adaptiveImplicitMle,
} from './adaptive-implicit-mle';
export { arms } from './arms';
export type { BaselineName, MovingAverageState } from './baseline';
export { type BlackboxOptions, blackbox } from './blackbox';
export type {
  DifferentiableLoss,
  Estimate,
  EstimateOptions,
  Estimator,
  LossAndGradient,
  StatefulEstimator,
  ValueLoss,
} from './estimator';
export { type FamilyOptions, familyScoreFunction } from './family-score-function';
export { fenchelYoung } from './fenchel-young';
export { type GappedStraightThroughOptions, gappedStraightThrough } from './gapped-straight-through';
export { type IdentityOptions, identity } from './identity';
export { type ImplicitMleOptions, implicitMle } from './implicit-mle';
export { indecater } from './indecater';
export { type MaximumLikelihoodOptions, maximumLikelihood } from './maximum-likelihood';
export { muProp } from './mu-prop';
export {
  type NvilEstimateOptions,
  type NvilEstimator,
  type NvilOptions,
  type NvilState,
  nvil,
} from './nvil';
export { perturbedOptimizer } from './perturbed-optimizer';
export { type RaoBlackwellisedOptions, raoBlackwellised } from './rao-blackwellised';
export type { RegressionState } from './regression';
export { type ReinMaxOptions, reinMax } from './rein-max';
export { type RelaxOptions, type RelaxState, relax } from './relax';
export { type RelaxedOptions, relaxed } from './relaxed';
export { type RodeoOptions, type RodeoState, rodeo } from './rodeo';
export { scoreFunction } from './score-function';
export type { BaselineOptions, MovingAverageOptions } from './scored';
export { secondOrderSimple } from './second-order-simple';
export { type SimpleOptions, simple } from './simple';
export type { SmoothingOptions } from './smoothing';
export { type StraightThroughOptions, straightThrough } from './straight-through';
export { type SumAndSampleOptions, sumAndSample } from './sum-and-sample';
export type { SupervisedLoss } from './supervised-loss';
export { traceScoreFunction } from './trace-score-function';
export { type UnorderedSetOptions, unorderedSet } from './unordered-set';
