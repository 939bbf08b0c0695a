import type { EstimatorName } from '../estimators/names';
import type { RunConfig } from '../harness/experiment';
import type { Aspect } from './corpus/aspects';
import type { MethodName, ModelName, Pooling } from './names';

/** What the data depends on. */
export interface DataSettings {
  /** A folder in the published format; without it reviews are generated. */
  data?: string | undefined;
  /** The aspect whose rating is told. */
  aspect: Aspect;
  /** Reviews of each set. */
  trainSize: number;
  validationSize: number;
  testSize: number;
  /** Seed of the generated reviews. */
  dataSeed: number;
  /** Tokens that longer reviews are cut to. */
  longest: number;
  /** Length of the word vectors that are made from the text, where none are given. */
  dimension: number;
}

/** What all runs share. */
export interface SharedSettings extends DataSettings {
  /** Whether the word vectors are trained. */
  trainWords: boolean;
  /** Features of each convolution of the selector. */
  selectorFilters: number;
  /** Features of the predictor's convolution. */
  predictorFilters: number;
  pooling: Pooling;
  /** Share of the selector's inputs that are dropped in training. */
  dropout: number;
  /** Reviews of a step. */
  batch: number;
  learningRate: number;
  /** Steps in which the learning rate rises. */
  warmUp: number;
  /** Share of the steps after which the learning rate falls, linearly to 0; 1: never. */
  decayFrom: number;
  /** The temperature at the end as a share of that at the start; it falls geometrically. */
  annealing: number;
  /** Factor on the initial weights of the maps to scores. */
  scoreScale: number;
  /** Reviews of an evaluation batch. */
  evaluationBatch: number;
}

/** One training run. */
export interface ReviewsConfig extends RunConfig, SharedSettings {
  method: MethodName;
  /** Gradient through the choice; absent for the relaxed one. */
  estimator?: EstimatorName;
  /** Choices that a step draws of each review; absent for the relaxed one, which draws one. */
  samples?: number;
  model: ModelName;
  /** Words to choose. */
  k: number;
  /** Temperature at the start. */
  temperature: number;
  /** The selector's learning rate as a share of the others'. */
  selectorRate: number;
  /** What the scores of neighbouring pairs start from. */
  pairBias: number;
}
