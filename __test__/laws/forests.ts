import {
  alignment,
  binaryTree,
  ctc,
  knapsack,
  linearChain,
  monotoneAlignment,
  nonCrossingPairs,
  segmentation,
  type Trick,
} from '../../ts';

/** What a reference says of a structure that is a derivation of a forest. */
export interface ForestCase {
  structure?: string;
  length: number;
  states: number;
  labels: number;
  spelling: number[];
  longest: number;
  rows: number;
  columns: number;
  band: number;
  leaves: number;
  weights: number[];
  groups: number[];
  capacity: number;
  hairpin: number;
  frames: number;
  classes: number;
  blank: number;
}

/** Its trick. */
export function forest({ structure, ...sizes }: ForestCase): Trick {
  const { length, states, labels, longest, rows, columns, band, leaves, weights, groups, capacity, hairpin } =
    sizes;
  const { frames, classes, blank, spelling } = sizes;
  switch (structure) {
    case 'linear_chain':
      return linearChain({ length, states });
    case 'alignment':
      return alignment({ rows, columns, band });
    case 'segmentation':
      return segmentation({ length, labels, maxSegment: longest });
    case 'binary_tree':
      return binaryTree({ leaves, labels });
    case 'monotone_alignment':
      return monotoneAlignment({ rows, columns });
    case 'ctc':
      return ctc({ frames, classes, labels: [...spelling], blank });
    case 'knapsack':
      return knapsack({ weights, groups, capacity });
    case 'non_crossing_pairs':
      return nonCrossingPairs({ length, minHairpin: hairpin });
    default:
      throw new Error(`an unknown structure ${structure}`);
  }
}

/** Where its coordinates stand: of binary trees the spans, of the others all. */
export function inTriangle({ structure, leaves, labels }: ForestCase): number[] | undefined {
  if (structure !== 'binary_tree') return undefined;
  const all = Array.from({ length: leaves * leaves * labels }, (_, place) => place);
  return all.filter((place) => {
    const span = Math.floor(place / labels);
    return span % leaves >= Math.floor(span / leaves);
  });
}
