/** The four data sets. */
export const l2xProblemNames = ['orange-skin', 'xor', 'nonlinear-additive', 'switch'] as const;
export type L2xProblemName = (typeof l2xProblemNames)[number];

/** Ways to choose k features and to learn from the choice, in the order of the table. */
export const l2xMethodNames = [
  'exponential-family',
  'euclidean',
  'categorical-entropy',
  'binary-entropy',
  'l2x',
  'softsub',
  'straight-through',
  'rao-blackwellised',
  'score-function',
  'trace-score-function',
  'nvil',
  'relax',
  'adaptive-implicit-mle',
  'simple',
] as const;
export type L2xMethod = (typeof l2xMethodNames)[number];
