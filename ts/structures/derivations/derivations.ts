import { invalid, isRevoked } from '../../arguments/errors';
import { checkInteger, checkOptions } from '../../arguments/validate';
import { drawRow } from '../../drawing/draw';
import { native } from '../../native/binding';
import {
  type ForestOptions,
  type ForestTrick,
  forestTrick,
  MOST_COORDINATES,
  MOST_EDGES,
} from './forest-trick';

/** In the place of what an edge does not have. */
const NONE = 2 ** 32 - 1;

/** A way to derive a node: from none to two earlier ones, with at most one coordinate. */
export interface DerivationEdge {
  /** The node that is derived. */
  head: number;
  /** The nodes that it is derived from, each before the head. */
  tails: readonly number[];
  /** The coordinate that a derivation gets by this edge; by default none. */
  coordinate?: number | undefined;
}

export interface DerivationsOptions extends ForestOptions {
  /** How many nodes there are: 0, 1, ..., each after all that it is derived from. */
  nodes: number;
  edges: readonly DerivationEdge[];
  /**
   * The node whose derivations are meant.
   * @defaultValue the last
   */
  goal?: number | undefined;
  /** How many coordinates there are. */
  dimension: number;
}

/**
 * The derivations of a goal in a forest (a directed acyclic hypergraph) of your own: any dynamic program.
 *
 * A derivation of a node is one of the edges to it, with a derivation of each of the edge's tails; its embedding has a 1 for
 * each coordinate of its edges. `X_t` is the mean of `p(x) ~ exp(U.x / t)` over all derivations, by inside and outside sums
 * `Z(v) = sum_e exp(u_e / t) prod_s Z(s)`, X the best derivation by the same recurrence of maxima, of equal edges of a node the
 * first; both O(edges) a row (Gallo et al., 1993; Li and Eisner, 2009). Where several derivations have the same coordinates,
 * each counts. A coordinate that is in no derivation is 0. A row is over the whole forest: `lengths`, where they are given,
 * are `size` or 0. A row whose forbidden coordinates leave no derivation is `INFEASIBLE`.
 *
 * @throws SstError `INVALID_ARGUMENT`: tails that are not before their head, a goal without derivation, a coordinate that one
 * derivation may have twice
 */
export function derivations<const O extends DerivationsOptions>(options: O): ForestTrick<O> {
  const own = ['nodes', 'edges', 'goal', 'dimension'];
  return forestTrick('derivations', 'derivations', options, own, () => {
    const nodes = checkInteger('nodes', options.nodes, 1, MOST_EDGES);
    const dimension = checkInteger('dimension', options.dimension, 1, MOST_COORDINATES);
    const goal = checkInteger('goal', options.goal ?? nodes - 1, 0, nodes - 1);
    const edges = checkDerivationEdges(options.edges, nodes, dimension);
    return {
      parameters: { nodes, goal, dimension },
      make: (relaxation) => native.derivations(nodes, edges, goal, dimension, relaxation),
      drawing: drawRow,
    };
  });
}

/** Head, two tails and coordinate of each edge. */
function checkDerivationEdges(edges: unknown, nodes: number, dimension: number): Uint32Array {
  if (isRevoked(edges) || !Array.isArray(edges)) {
    throw invalid('edges', 'an array of { head, tails, coordinate? }', edges);
  }
  const { length } = edges;
  checkInteger('edges.length', length, 1, MOST_EDGES);
  const flat = new Uint32Array(4 * length).fill(NONE);
  for (let index = 0; index < length; index++) {
    const edge: unknown = edges[index];
    const name = `edges[${index}]`;
    checkOptions(name, edge, ['head', 'tails', 'coordinate']);
    const { head, tails, coordinate } = edge as Partial<Record<'head' | 'tails' | 'coordinate', unknown>>;
    const at = checkInteger(`${name}.head`, head, 0, nodes - 1);
    flat[4 * index] = at;
    if (isRevoked(tails) || !Array.isArray(tails) || tails.length > 2) {
      throw invalid(`${name}.tails`, 'an array of none to two nodes', tails);
    }
    for (let i = 0; i < tails.length && i < 2; i++) {
      const tail: unknown = tails[i];
      if (typeof tail !== 'number' || !Number.isInteger(tail) || tail < 0 || tail >= at) {
        throw invalid(`${name}.tails[${i}]`, `a node before the head ${at}`, tail);
      }
      flat[4 * index + 1 + i] = tail;
    }
    if (coordinate !== undefined) {
      flat[4 * index + 3] = checkInteger(`${name}.coordinate`, coordinate, 0, dimension - 1);
    }
  }
  return flat;
}
