import { type WithAdjacency, withAdjacency } from '../arguments/adjacency';
import { checkUndirectedEdges, completeEdges, type Edge } from '../arguments/edges';
import { kernelOf, type Precision, shownPrecision } from '../arguments/precision';
import { checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawAdjacency } from '../drawing/draw';
import { guard, native } from '../native/binding';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { TracedTrick } from '../trick/traced-trick';
import { gumbel, type Utility } from '../utilities';

/** The matrices of the elimination have this many rows; 4096 make 128 MiB each. */
const MOST_VERTICES = 4096;
const relaxations = ['exponential-family', 'sparsemap'] as const;

export interface SpanningTreeOptions {
  vertices: number;
  /**
   * The edges of the graph, each a pair of vertices.
   * @defaultValue all pairs i < j in row-major order
   */
  edges?: ReadonlyArray<Edge> | undefined;
  /**
   * `'sparsemap'` is the Euclidean projection, with sparse results.
   * @defaultValue `'exponential-family'`
   */
  relaxation?: (typeof relaxations)[number] | undefined;
  /**
   * What `softmax` and `softmaxVjp` of the exponential family compute in: `'single'` is faster in batches, with absolute
   * errors of about 1e-6 (of gradients times the largest cotangent over t). All else is in doubles.
   * @defaultValue `'double'`
   */
  precision?: Precision | undefined;
  /**
   * Of the relaxation, 0 or more; at 0 it is the hard operator.
   * @defaultValue `1`
   */
  temperature?: number | undefined;
  /**
   * The random utilities.
   * @defaultValue `gumbel()`
   */
  utility?: Utility | undefined;
}

/** Spanning trees with the edges that their coordinates stand for. */
export type SpanningTreeTrick = TracedTrick & WithAdjacency;

/** The same with the relaxation SparseMAP. */
export type SpanningTreeSparseMapTrick = SparseMapTrick & WithAdjacency;

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
export function spanningTree(
  options: SpanningTreeOptions & { relaxation?: 'exponential-family' | undefined },
): SpanningTreeTrick;
export function spanningTree(
  options: SpanningTreeOptions & { relaxation: 'sparsemap' },
): SpanningTreeSparseMapTrick;
export function spanningTree(options: SpanningTreeOptions): SpanningTreeTrick | SpanningTreeSparseMapTrick;
export function spanningTree(options: SpanningTreeOptions): SpanningTreeTrick | SpanningTreeSparseMapTrick {
  checkOptions('options', options, [
    'vertices',
    'edges',
    'relaxation',
    'precision',
    'temperature',
    'utility',
  ]);
  const { relaxation = 'exponential-family', temperature = 1, utility = gumbel() } = options;
  checkRelaxation('spanningTree', relaxation, relaxations);
  const kernel = kernelOf(relaxation, options.precision);
  const vertices = checkInteger('vertices', options.vertices, 1, MOST_VERTICES);
  const given = options.edges === undefined ? undefined : checkUndirectedEdges(options.edges, vertices);
  const ends = given && Uint32Array.from(given.flat());
  const dimension = given?.length ?? (vertices * (vertices - 1)) / 2;
  let listed = given && Object.freeze(given);
  const edges = () => {
    listed ??= Object.freeze(completeEdges(vertices));
    return listed;
  };
  const definition = {
    name: 'spanning-tree',
    parameters: {
      vertices,
      edges: given ? dimension : `${dimension} (complete)`,
      relaxation,
      ...shownPrecision(options.precision),
    },
    temperature,
    utility,
    solver: guard(() => new NativeSolver(native.spanningTree(vertices, ends, kernel))),
    drawing: (row: Float64Array) => drawAdjacency(vertices, edges(), row),
  };
  const trick = relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new TracedTrick(definition);
  const place = (_edge: Edge, index: number) => index;
  return withAdjacency(trick, { vertices, directed: false, dimension, edges, place });
}
