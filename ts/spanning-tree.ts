import { guard, native } from './binding';
import { drawAdjacency } from './draw';
import { checkUndirectedEdges, completeEdges, type Edge } from './edges';
import { TracedTrick } from './traced-trick';
import type { TrickDefinition } from './trick';
import { gumbel, type Utility } from './utilities';
import { checkInteger, checkOptions } from './validate';

/** The matrices of the elimination have this many rows; 4096 make 128 MiB each. */
const MOST_VERTICES = 4096;

export interface SpanningTreeOptions {
  vertices: number;
  /** The edges of the graph, each a pair of vertices; by default all pairs i < j in row-major order. */
  edges?: ReadonlyArray<Edge> | undefined;
  temperature?: number | undefined;
  utility?: Utility | undefined;
}

/** Spanning trees with the edges that their coordinates stand for. */
export class SpanningTreeTrick extends TracedTrick {
  readonly #edges: () => ReadonlyArray<Edge>;

  constructor(definition: TrickDefinition, edges: () => ReadonlyArray<Edge>) {
    super(definition);
    this.#edges = edges;
  }

  /** The endpoints of each coordinate. */
  get edges(): ReadonlyArray<Edge> {
    return this.#edges();
  }
}

/**
 * The undirected spanning trees of a graph, as indicator vectors of their edges.
 *
 * X is the maximum spanning tree of the utilities (Prim on complete graphs, O(n^2); Kruskal on edge lists,
 * O(m log m)). `X_t` is the mean of `p(x) ~ exp(U.x / t)` over all trees, the matrix-tree theorem evaluated without
 * subtraction, O(n^3) a row and exact at any temperature (paper, section 6). A row whose allowed edges do not connect
 * all vertices is `INFEASIBLE`. One vertex makes the empty tree, of dimension 0.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function spanningTree(options: SpanningTreeOptions): SpanningTreeTrick {
  checkOptions('options', options, ['vertices', 'edges', 'temperature', 'utility']);
  const { temperature = 1, utility = gumbel() } = options;
  const vertices = checkInteger('vertices', options.vertices, 1, MOST_VERTICES);
  const given = options.edges === undefined ? undefined : checkUndirectedEdges(options.edges, vertices);
  const ends = given && Uint32Array.from(given.flat());
  const dimension = given?.length ?? (vertices * (vertices - 1)) / 2;
  let listed = given && Object.freeze(given);
  // A complete graph's list is made when it is asked for: it may be long.
  const edges = () => {
    listed ??= Object.freeze(completeEdges(vertices));
    return listed;
  };
  return new SpanningTreeTrick(
    {
      name: 'spanning-tree',
      parameters: { vertices, edges: given ? dimension : `${dimension} (complete)` },
      temperature,
      utility,
      handle: guard(() => native.spanningTree(vertices, ends)),
      drawing: (row) => drawAdjacency(vertices, edges(), row),
    },
    edges,
  );
}
