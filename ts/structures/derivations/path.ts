import type { Edge } from '../../arguments/edges';
import { invalid, isRevoked } from '../../arguments/errors';
import { checkInteger } from '../../arguments/validate';
import { drawRow } from '../../drawing/draw';
import { native } from '../../native/binding';
import { type ForestOptions, type ForestTrick, forestTrick, MOST_EDGES } from './forest-trick';

export interface PathOptions extends ForestOptions {
  vertices: number;
  /** The edges [from, to] of a graph without cycles, in any order; some may be parallel. */
  edges: ReadonlyArray<Edge>;
  source: number;
  target: number;
}

/**
 * The paths from one vertex of a directed acyclic graph to another, as indicator vectors of their edges.
 *
 * X is the best path, `X_t` the mean of `p(x) ~ exp(U.x / t)` over all; with U = -cost, X is the shortest path. O(edges) a
 * row. Of equal paths the one is taken whose first edges, where they part, have the lowest index. A row is over the whole
 * graph, as of {@link derivations}; one whose allowed edges make no path is `INFEASIBLE`.
 *
 * @throws SstError `INVALID_ARGUMENT`, with the cycle, if the graph has one; or if there is no path at all
 */
export function path<const O extends PathOptions>(options: O): ForestTrick<O> {
  return forestTrick('path', 'path', options, ['vertices', 'edges', 'source', 'target'], () => {
    const vertices = checkInteger('vertices', options.vertices, 1, MOST_EDGES);
    const source = checkInteger('source', options.source, 0, vertices - 1);
    const target = checkInteger('target', options.target, 0, vertices - 1);
    const edges = checkArcs(options.edges, vertices);
    return {
      parameters: { vertices, edges: edges.length / 2, source, target },
      make: (relaxation) => native.path(vertices, edges, source, target, relaxation),
      drawing: drawRow,
    };
  });
}

/** The two vertices of each edge. */
function checkArcs(edges: unknown, vertices: number): Uint32Array {
  if (isRevoked(edges) || !Array.isArray(edges)) {
    throw invalid('edges', 'an array of pairs of vertices', edges);
  }
  const { length } = edges;
  checkInteger('edges.length', length, 0, MOST_EDGES);
  const ends = new Uint32Array(2 * length);
  for (let index = 0; index < length; index++) {
    const edge: unknown = edges[index];
    if (isRevoked(edge) || !Array.isArray(edge) || edge.length !== 2) {
      throw invalid(`edges[${index}]`, 'a pair of vertices', edge);
    }
    for (let i = 0; i < 2; i++) {
      ends[2 * index + i] = checkInteger(`edges[${index}][${i}]`, edge[i], 0, vertices - 1);
    }
  }
  return ends;
}
