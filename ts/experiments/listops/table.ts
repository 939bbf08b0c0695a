import { estimatorTraits, withEstimator } from '../estimators/names';
import type { Published, Row } from '../harness/experiment';
import {
  isLatent,
  type StructureName,
  structureLabels,
  structureNames,
  type Variant,
  variantsOf,
} from './names';
import type { ListopsSettings } from './settings';

/** Colours, dashes and marks of the curves: arborescences are alike in mark, what needs no encoder is grey. */
const looks: Record<StructureName, Required<Pick<Row, 'colour' | 'dash' | 'shape'>>> = {
  lstm: { colour: '#6f6f6f', dash: [1, 0], shape: 'cross' },
  'independent-undirected': { colour: '#997700', dash: [4, 3], shape: 'triangle-up' },
  'spanning-tree': { colour: '#994455', dash: [1, 0], shape: 'square' },
  'independent-directed': { colour: '#ee7733', dash: [4, 3], shape: 'triangle-down' },
  'arborescence-negative-exponential': { colour: '#117733', dash: [2, 2], shape: 'circle' },
  'arborescence-gaussian': { colour: '#4393c3', dash: [8, 3], shape: 'circle' },
  'arborescence-gumbel': { colour: '#004488', dash: [1, 0], shape: 'circle' },
  'projective-tree': { colour: '#882288', dash: [8, 3, 2, 3], shape: 'diamond' },
  'arborescence-trace': { colour: '#cc3311', dash: [6, 2, 1, 2], shape: 'circle' },
  gold: { colour: '#555511', dash: [1, 3], shape: 'cross' },
  trivial: { colour: '#6f6f6f', dash: [1, 3], shape: 'cross' },
};

const groups: Record<StructureName, string> = {
  lstm: 'No graph',
  'independent-undirected': 'Latent graph',
  'spanning-tree': 'Latent graph',
  'independent-directed': 'Latent digraph',
  'arborescence-negative-exponential': 'Latent digraph',
  'arborescence-gaussian': 'Latent digraph',
  'arborescence-gumbel': 'Latent digraph',
  'projective-tree': 'Latent digraph, beyond the paper',
  'arborescence-trace': 'Latent digraph, beyond the paper',
  gold: 'Given graph',
  trivial: 'Given graph',
};

/** The row of a variant: `spanning-tree`, `spanning-tree-mu-prop`. */
export function rowOf({ structure, estimator }: Variant): string {
  return estimator === undefined ? structure : `${structure}-${estimator}`;
}

/** The rows of some structures and estimators, in the order of the published table. */
export function rowsOf({
  structures,
  estimators,
}: Pick<ListopsSettings, 'structures' | 'estimators'>): Row[] {
  const ordered = structureNames.filter((name) => structures.includes(name));
  // Estimators of one latent graph are told apart by colour too.
  const single = ordered.filter(isLatent).length === 1;
  return variantsOf(ordered, estimators).map((variant) => {
    const { structure, estimator } = variant;
    const look = looks[structure];
    const row = { id: rowOf(variant), label: structureLabels[structure], group: groups[structure], ...look };
    if (estimator === undefined) return row;
    const { dash, colour } = estimatorTraits[estimator];
    return {
      ...row,
      label: withEstimator(row.label, estimator),
      dash,
      colour: single ? colour : look.colour,
    };
  });
}

type Printed = number | [value: number, error: number];

/** Table 2 of the paper. */
export const published: Published = {
  table: 'Table 2',
  cells: [
    { row: 'lstm', values: { accuracy: [92.1, 0.2] } },
    printed('independent-undirected', [89.4, 0.6], [20.1, 2.1], [45.4, 6.5]),
    printed('spanning-tree', [91.2, 1.8], [33.1, 2.9], [47.9, 5.2]),
    printed('independent-directed', [90.1, 0.5], [13.0, 2.0], [56.4, 6.7]),
    printed('arborescence-negative-exponential', [71.5, 1.4], [23.2, 10.2], [20.0, 6.0]),
    printed('arborescence-gaussian', [95.0, 2.2], [65.3, 3.7], [60.8, 7.3]),
    printed('arborescence-gumbel', [95.0, 3.0], [75.5, 7.0], [71.9, 12.4]),
    printed('gold', [98.1, 0.1], 100, 100),
  ],
};

function printed(row: StructureName, accuracy: Printed, cleanPrecision: Printed, cleanRecall: Printed) {
  return { row, values: { accuracy, cleanPrecision, cleanRecall } };
}
