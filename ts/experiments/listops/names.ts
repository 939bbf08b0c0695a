import { type EstimatorName, estimatorTraits, holdsFor, type Property } from '../estimators/names';

/** Distributions over the latent graph, whose edges are drawn from scores. */
export const latentNames = [
  'independent-undirected',
  'spanning-tree',
  'independent-directed',
  'arborescence-negative-exponential',
  'arborescence-gaussian',
  'arborescence-gumbel',
  'projective-tree',
  'arborescence-trace',
] as const;
export type LatentName = (typeof latentNames)[number];

/** Graphs that are given and not drawn: the true parse, and all tokens on the first one. */
export const fixedNames = ['gold', 'trivial'] as const;
export type FixedName = (typeof fixedNames)[number];

/** Rows of the table, in its order. */
export const structureNames = ['lstm', ...latentNames, ...fixedNames] as const;
export type StructureName = (typeof structureNames)[number];

/** What the rows are called. */
export const structureLabels: Record<StructureName, string> = {
  lstm: 'LSTM',
  'independent-undirected': 'Indep. Undirected Edges',
  'spanning-tree': 'Spanning Tree',
  'independent-directed': 'Indep. Directed Edges',
  'arborescence-negative-exponential': 'Arborescence, Neg. Exp.',
  'arborescence-gaussian': 'Arborescence, Gaussian',
  'arborescence-gumbel': 'Arborescence, Gumbel',
  'projective-tree': 'Projective Tree, Gumbel',
  'arborescence-trace': 'Arborescence, trace REINFORCE',
  gold: 'Ground Truth Edges',
  trivial: 'All on the first token',
};

/** Latent graphs that have a temperature: all but the one whose row is of the score function of its trace. */
export const temperedNames = latentNames.filter((name) => name !== 'arborescence-trace');

/** Whether the graph is drawn from scores. */
export function isLatent(structure: StructureName): structure is LatentName {
  return (latentNames as readonly string[]).includes(structure);
}

/** What estimators may ask of a latent graph. */
const properties: Record<LatentName, readonly Property[]> = {
  'independent-undirected': ['density', 'aligned', 'family', 'ranked', 'coins'],
  'spanning-tree': ['density', 'aligned', 'family', 'ranked', 'races'],
  'independent-directed': ['density', 'aligned', 'family', 'ranked', 'coins'],
  'arborescence-negative-exponential': ['density', 'aligned', 'family', 'ranked', 'races'],
  'arborescence-gaussian': ['density', 'aligned', 'family', 'ranked'],
  'arborescence-gumbel': ['density', 'aligned', 'family', 'ranked'],
  'projective-tree': ['density', 'aligned', 'family', 'ranked'],
  'arborescence-trace': ['density', 'aligned', 'family', 'ranked', 'races'],
};

export function propertiesOf(structure: LatentName): readonly Property[] {
  return properties[structure];
}

/** What tells one variant from another. */
export interface Variant {
  structure: StructureName;
  /** Absent where training draws relaxed graphs, or none. */
  estimator?: EstimatorName;
}

/** The estimator of a variant: a row of Struminsky et al. has its own. */
export function estimatorOf({ structure, estimator = 'relaxed' }: Variant): EstimatorName {
  return structure === 'arborescence-trace' ? 'trace' : estimator;
}

/** The variants of some structures and estimators: estimators are of latent graphs that they hold for, and have no row of their own. */
export function variantsOf(
  structures: readonly StructureName[],
  estimators: readonly EstimatorName[],
): Variant[] {
  return structures.flatMap((structure): Variant[] => {
    if (!isLatent(structure) || structure === 'arborescence-trace') return [{ structure }];
    return estimators
      .filter((estimator) => holdsFor(estimator, properties[structure]))
      .map((estimator) => (estimator === 'relaxed' ? { structure } : { structure, estimator }));
  });
}

/** Whether training has a temperature. */
export function isTempered(variant: Variant): boolean {
  return isLatent(variant.structure) && estimatorTraits[estimatorOf(variant)].tempered === true;
}
