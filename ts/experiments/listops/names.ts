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

/** Latent graphs whose training goes through a relaxation: those that have a temperature. */
export const relaxedNames = latentNames.filter((name) => name !== 'arborescence-trace');

/** Whether the graph is drawn from scores. */
export function isLatent(structure: StructureName): structure is LatentName {
  return (latentNames as readonly string[]).includes(structure);
}

/** Whether training draws relaxed graphs. */
export function isRelaxed(structure: StructureName): boolean {
  return (relaxedNames as readonly string[]).includes(structure);
}
