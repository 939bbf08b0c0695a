/** Structures to compare on; the law of all but the last two is known in closed form. */
export const labStructures = [
  'one-hot',
  'subset',
  'top-k',
  'spanning-tree',
  'arborescence',
  'projective-tree',
  'matching',
] as const;
export type LabStructure = (typeof labStructures)[number];

/** Losses, with random coefficients. */
export const labLosses = ['quadratic', 'linear'] as const;
export type LabLoss = (typeof labLosses)[number];

/** The estimators that are compared, in the order of tables. */
export const labMethodNames = [
  'relaxed',
  'relaxed-objective',
  'straight-through',
  'rao-blackwellised',
  'score-function',
  'score-function-moving-average',
  'score-function-leave-one-out',
  'trace-score-function',
  'trace-score-function-leave-one-out',
  'nvil',
  'relax',
  'implicit-mle',
  'adaptive-implicit-mle',
  'identity',
  'blackbox',
  'simple',
  'second-order-simple',
  'mu-prop',
  'family-score-function',
  'family-score-function-leave-one-out',
  'rein-max',
  'gapped-straight-through',
  'arms',
  'indecater',
  'rodeo',
  'sum-and-sample',
  'unordered-set',
  'perturbed-optimizer',
] as const;
export type LabMethod = (typeof labMethodNames)[number];

/** A comparison of estimators on one structure. */
export interface LabExperiment {
  structure: LabStructure;
  /** Categories, elements, vertices, words or rows. */
  size: number;
  /** Elements that are chosen of a k-subset. */
  k: number;
  loss: LabLoss;
  estimators: LabMethod[];
  /** Temperatures of relaxations, steps lambda of differences. */
  temperatures: number[];
  /** Draws of one estimate. */
  samples: number[];
  /** Estimates of each cell. */
  repeats: number;
  seed: number;
}
