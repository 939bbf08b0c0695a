/** Structures whose law is known in closed form. */
export const labStructures = ['one-hot', 'subset', 'top-k', 'spanning-tree', 'arborescence'] as const;
export type LabStructure = (typeof labStructures)[number];

/** Losses, with random coefficients. */
export const labLosses = ['quadratic', 'linear'] as const;
export type LabLoss = (typeof labLosses)[number];

/** The estimators that are compared, in the order of tables. */
export const labMethodNames = [
  'relaxed',
  'relaxed-objective',
  'straight-through',
  'score-function',
  'score-function-moving-average',
  'score-function-leave-one-out',
  'nvil',
  'implicit-mle',
  'adaptive-implicit-mle',
  'identity',
  'blackbox',
  'perturbed-optimizer',
] as const;
export type LabMethod = (typeof labMethodNames)[number];
