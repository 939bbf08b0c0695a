import { estimatorTraits, withEstimator } from '../estimators/names';
import type { Column, Row } from '../harness/experiment';
import type { ReviewsConfig } from './config';
import { type MethodName, type ModelName, methodLabels, type Variant, variantsOf } from './names';
import type { ReviewsSettings } from './settings';

const groups: Record<ModelName, string> = { simple: 'Simple', complex: 'Complex' };

/** Colours, dashes and marks of the curves: methods over elements alone are alike in colour. */
const looks: Record<MethodName, Pick<Row, 'colour' | 'dash' | 'shape'>> = {
  l2x: { colour: '#cc3311', dash: [4, 3], shape: 'triangle-up' },
  softsub: { colour: '#994455', dash: [2, 2], shape: 'diamond' },
  euclidean: { colour: '#997700', dash: [8, 3], shape: 'square' },
  'categorical-entropy': { colour: '#117733', dash: [8, 3, 2, 3], shape: 'square' },
  'binary-entropy': { colour: '#44aa77', dash: [4, 2], shape: 'square' },
  'exponential-family': { colour: '#4393c3', dash: [6, 2], shape: 'square' },
  correlated: { colour: '#004488', dash: [1, 0], shape: 'circle' },
  'correlated-from-zero': { colour: '#882288', dash: [2, 3], shape: 'cross' },
  constant: { colour: '#6f6f6f', dash: [1, 3], shape: 'cross' },
};

/** The row of a variant with a selector: `simple-correlated`, `simple-correlated-mu-prop`. */
export function rowId(model: ModelName, { method, estimator }: Variant): string {
  return estimator === undefined ? `${model}-${method}` : `${model}-${method}-${estimator}`;
}

/** The column of a number of words. */
export function columnId(k: number): string {
  return `k${k}`;
}

export function place({ model, k, ...variant }: ReviewsConfig): { row: string; column: string } {
  return { row: rowId(model, variant), column: columnId(k) };
}

export function rows({ models, methods, estimators }: ReviewsSettings): Row[] {
  // Estimators of one way to choose are told apart by colour too.
  const single = methods.filter((method) => method !== 'constant').length === 1;
  const look = ({ method, estimator }: Variant) => {
    if (estimator === undefined) return looks[method];
    const { dash, colour } = estimatorTraits[estimator];
    return { ...looks[method], dash, ...(single && { colour }) };
  };
  return models.flatMap((model) =>
    variantsOf(methods, estimators).map((variant) => ({
      id: rowId(model, variant),
      label: withEstimator(methodLabels[variant.method], variant.estimator ?? 'relaxed'),
      ...(models.length > 1 && { group: groups[model] }),
      ...look(variant),
    })),
  );
}

export function columns({ ks }: ReviewsSettings): Column[] {
  return ks.map((k) => ({ id: columnId(k), label: `k = ${k}` }));
}
