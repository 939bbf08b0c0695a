import { type EstimatorName, holdsFor, type Property } from '../estimators/names';

/** Ways to choose k words, in the order of the published table. */
export const relaxationNames = [
  'l2x',
  'softsub',
  'euclidean',
  'categorical-entropy',
  'binary-entropy',
  'exponential-family',
  'correlated',
] as const;
export type RelaxationName = (typeof relaxationNames)[number];

/** Rows of the table: the relaxations, correlated top k whose pair scores start at 0, and what needs no training. */
export const methodNames = [...relaxationNames, 'correlated-from-zero', 'constant'] as const;
export type MethodName = (typeof methodNames)[number];

/** What the rows are called. */
export const methodLabels: Record<MethodName, string> = {
  l2x: 'L2X',
  softsub: 'SoftSub',
  euclidean: 'Euclid. Top k',
  'categorical-entropy': 'Cat. Ent. Top k',
  'binary-entropy': 'Bin. Ent. Top k',
  'exponential-family': 'E.F. Ent. Top k',
  correlated: 'Corr. Top k',
  'correlated-from-zero': 'Corr. Top k, pair scores from 0',
  constant: 'Mean rating, random words',
};

/** What estimators may ask of a way to choose; without training they may ask nothing. */
const properties: Record<MethodName, readonly Property[]> = {
  l2x: ['density'],
  softsub: ['density', 'aligned'],
  euclidean: ['density', 'aligned'],
  'categorical-entropy': ['density', 'aligned'],
  'binary-entropy': ['density', 'aligned'],
  'exponential-family': ['density', 'aligned', 'family', 'ranked', 'races'],
  // The scores of pairs have no noise.
  correlated: ['aligned', 'family'],
  'correlated-from-zero': ['aligned', 'family'],
  constant: [],
};

export function propertiesOf(method: MethodName): readonly Property[] {
  return properties[method];
}

/** What tells one variant from another, but for the selector and k. */
export interface Variant {
  method: MethodName;
  /** Absent where training draws relaxed choices, or none. */
  estimator?: EstimatorName;
}

/** The variants of some methods and estimators that hold for them. */
export function variantsOf(methods: readonly MethodName[], estimators: readonly EstimatorName[]): Variant[] {
  return methods.flatMap((method): Variant[] => {
    if (method === 'constant') return [{ method }];
    return estimators
      .filter((estimator) => holdsFor(estimator, properties[method]))
      .map((estimator) => (estimator === 'relaxed' ? { method } : { method, estimator }));
  });
}

/** Sizes of the selector: one convolution or three. */
export const modelNames = ['simple', 'complex'] as const;
export type ModelName = (typeof modelNames)[number];

/** Ways from the predictor's features of each word to those of a review. */
export const poolings = ['sum', 'max'] as const;
export type Pooling = (typeof poolings)[number];
