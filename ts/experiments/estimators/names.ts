/** Ways to estimate the gradient through a drawn structure: every one of the library that some experiment has a use for. */
export const estimatorNames = [
  'relaxed',
  'straight-through',
  'rao-blackwellised',
  'reinforce',
  'trace',
  'nvil',
  'relax',
  'implicit-mle',
  'adaptive-implicit-mle',
  'identity',
  'blackbox',
  'perturbed-optimizer',
  'simple',
  'second-order-simple',
  'mu-prop',
  'family-score-function',
  'sum-and-sample',
  'rein-max',
  'arms',
  'indecater',
  'rodeo',
] as const;
export type EstimatorName = (typeof estimatorNames)[number];

/**
 * What a structure has that estimators ask for: a density of all its utilities, races that find it, a utility for each of its
 * coordinates, the exponential family for its relaxation, that and an order of its embeddings, coins for its coordinates.
 */
export type Property = 'density' | 'races' | 'aligned' | 'family' | 'ranked' | 'coins';

/** What the experiments have to know of an estimator before it is made. */
export interface EstimatorTraits {
  label: string;
  /** What the structure must have; without it every structure will do. */
  needs?: Property;
  /** Whether it has a relaxation, whose temperature falls in training. */
  tempered?: true;
  /** Whether its draws are compared with one another. */
  compares?: true;
  /** Dashes of its curves. */
  dash: [number, number, ...number[]];
  colour: string;
}

export const estimatorTraits: Readonly<Record<EstimatorName, EstimatorTraits>> = {
  relaxed: { label: 'relaxed', tempered: true, dash: [1, 0], colour: '#004488' },
  'straight-through': { label: 'straight-through', tempered: true, dash: [8, 3], colour: '#4393c3' },
  'rao-blackwellised': {
    label: 'Rao-Blackwellised',
    needs: 'races',
    tempered: true,
    dash: [8, 3, 1, 3],
    colour: '#33bbbb',
  },
  reinforce: { label: 'REINFORCE', needs: 'density', compares: true, dash: [4, 3], colour: '#cc3311' },
  trace: { label: 'trace REINFORCE', needs: 'races', compares: true, dash: [6, 2, 1, 2], colour: '#882288' },
  nvil: { label: 'NVIL', needs: 'density', dash: [2, 2], colour: '#997700' },
  relax: { label: 'RELAX', needs: 'races', tempered: true, dash: [3, 1], colour: '#555511' },
  'implicit-mle': { label: 'implicit MLE', needs: 'aligned', dash: [8, 2, 2, 2], colour: '#117733' },
  'adaptive-implicit-mle': {
    label: 'adaptive implicit MLE',
    needs: 'aligned',
    dash: [8, 3, 2, 3],
    colour: '#44aa77',
  },
  identity: { label: 'identity', needs: 'aligned', dash: [1, 3], colour: '#6f6f6f' },
  blackbox: { label: 'blackbox', needs: 'aligned', dash: [1, 5], colour: '#6f6f6f' },
  'perturbed-optimizer': {
    label: 'perturbed optimizer',
    needs: 'aligned',
    compares: true,
    dash: [2, 5],
    colour: '#6f6f6f',
  },
  simple: { label: 'SIMPLE', needs: 'family', dash: [10, 2], colour: '#222222' },
  'second-order-simple': {
    label: 'second-order SIMPLE',
    needs: 'family',
    dash: [10, 2, 2, 2],
    colour: '#222222',
  },
  'mu-prop': { label: 'MuProp', needs: 'family', dash: [5, 1], colour: '#bb5566' },
  'family-score-function': {
    label: "the family's REINFORCE",
    needs: 'family',
    compares: true,
    dash: [5, 3],
    colour: '#ddaa33',
  },
  'sum-and-sample': { label: 'sum and sample', needs: 'ranked', dash: [3, 2], colour: '#aa3377' },
  'rein-max': { label: 'ReinMax', needs: 'coins', dash: [12, 2], colour: '#ee7733' },
  arms: { label: 'ARMS', needs: 'coins', compares: true, dash: [3, 5], colour: '#ee7733' },
  indecater: { label: 'IndeCateR', needs: 'coins', dash: [6, 1], colour: '#bb5566' },
  rodeo: { label: 'RODEO', needs: 'coins', compares: true, dash: [4, 1], colour: '#117733' },
};

/** What structures lack, in words. */
const lacks: Record<Property, string> = {
  density: 'whose utilities are all random',
  races: 'that races find',
  aligned: 'with a utility for each coordinate',
  family: 'whose relaxation is the exponential family',
  ranked: 'whose relaxation is the exponential family, and whose best embeddings are known in their order',
  coins: 'of independent coins',
};

/** Whether an estimator holds for a structure. */
export function holdsFor(estimator: EstimatorName, properties: readonly Property[]): boolean {
  const { needs } = estimatorTraits[estimator];
  return needs === undefined || properties.includes(needs);
}

/** What an estimator asks of a structure, as the end of a sentence that begins with "a structure". */
export function askedOf(estimator: EstimatorName): string {
  const { needs } = estimatorTraits[estimator];
  return needs === undefined ? 'of any kind' : lacks[needs];
}

/** What an estimator is called behind the name of a structure; nothing for the relaxed one, which needs no telling. */
export function withEstimator(label: string, estimator: EstimatorName): string {
  return estimator === 'relaxed' ? label : `${label}, ${estimatorTraits[estimator].label}`;
}
