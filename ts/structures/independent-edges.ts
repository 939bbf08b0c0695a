import { type WithAdjacency, withAdjacency } from '../arguments/adjacency';
import {
  checkDirectedEdges,
  checkUndirectedEdges,
  completeDirectedEdges,
  completeEdges,
  type Edge,
} from '../arguments/edges';
import { checkBoolean, checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawAdjacency, drawHeads } from '../drawing/draw';
import { guard, native } from '../native/binding';
import { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { logistic, type Utility } from '../utilities';

/** As many as trees may have. */
const MOST_VERTICES = 4096;
const relaxations = ['binary-entropy', 'sparsemap'] as const;

export interface IndependentEdgesOptions {
  vertices: number;
  /**
   * Whether edges are directed.
   * @defaultValue `false`
   */
  directed?: boolean | undefined;
  /**
   * Of directed edges, a vertex that none enters, as of arborescences.
   * @defaultValue none
   */
  root?: number | undefined;
  /**
   * The edges of the graph, undirected pairs or [head, modifier].
   * @defaultValue all
   */
  edges?: ReadonlyArray<Edge> | undefined;
  /**
   * `'sparsemap'` is the Euclidean projection, with sparse results.
   * @defaultValue `'binary-entropy'`
   */
  relaxation?: (typeof relaxations)[number] | undefined;
  /**
   * Of the relaxation, 0 or more; at 0 it is the hard operator.
   * @defaultValue `1`
   */
  temperature?: number | undefined;
  /**
   * The random utilities.
   * @defaultValue `logistic()`
   */
  utility?: Utility | undefined;
}

/** Independent edges with the vertices that they join. */
export type IndependentEdgesTrick = ExponentialFamilyTrick & WithAdjacency;

/** The same with the relaxation SparseMAP. */
export type IndependentEdgesSparseMapTrick = SparseMapTrick & WithAdjacency;

/**
 * Any set of the edges of a graph, each chosen by itself: what edge models are compared with.
 *
 * Rows are those of the graph's trees, so that one takes the place of the other: of undirected edges one number for each pair
 * i < j in row-major order, as of `spanningTree`; of directed edges matrices [head, modifier], as of `arborescence`, whose
 * diagonal (and root's column) are no edges and ignored; with `edges`, one number for each. Lengths count vertices.
 *
 * `X_e = [U_e > 0]`, with Logistic utilities `P(X_e = 1) = sigmoid(theta_e)`; `X_t = sigmoid(U / t)`, which is at once the
 * binary-entropy and the exponential-family relaxation. O(vertices^2) a row (paper, section 6, "Indep. S", and section 8).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function independentEdges(
  options: IndependentEdgesOptions & { relaxation?: 'binary-entropy' | undefined },
): IndependentEdgesTrick;
export function independentEdges(
  options: IndependentEdgesOptions & { relaxation: 'sparsemap' },
): IndependentEdgesSparseMapTrick;
export function independentEdges(
  options: IndependentEdgesOptions,
): IndependentEdgesTrick | IndependentEdgesSparseMapTrick;
export function independentEdges(
  options: IndependentEdgesOptions,
): IndependentEdgesTrick | IndependentEdgesSparseMapTrick {
  const known = ['vertices', 'directed', 'root', 'edges', 'relaxation', 'temperature', 'utility'];
  checkOptions('options', options, known);
  const { relaxation = 'binary-entropy', temperature = 1, utility = logistic() } = options;
  checkRelaxation('independentEdges', relaxation, relaxations);
  const vertices = checkInteger('vertices', options.vertices, 1, MOST_VERTICES);
  const directed = checkBoolean('directed', options.directed ?? false);
  const least = directed ? 0 : vertices;
  const root =
    options.root === undefined ? undefined : checkInteger('root', options.root, least, vertices - 1);
  const check = directed ? checkDirectedEdges : checkUndirectedEdges;
  const given = options.edges === undefined ? undefined : check(options.edges, vertices);
  const enters = ([, modifier]: Edge) => directed && modifier === root;
  const all = given ?? (directed ? completeDirectedEdges(vertices, root) : completeEdges(vertices));
  const dimension = given?.length ?? (directed ? vertices * vertices : all.length);
  const place = (edge: Edge, index: number) => (given || !directed ? index : edge[0] * vertices + edge[1]);
  const kept = all
    .map((edge, index) => ({ edge, place: place(edge, index) }))
    .filter(({ edge }) => !enters(edge));
  const ends = Uint32Array.from(kept.flatMap(({ edge }) => edge));
  const places = Uint32Array.from(kept, (one) => one.place);
  const edges = Object.freeze(all);
  const definition = {
    name: 'independent-edges',
    parameters: { vertices, directed, edges: given ? dimension : 'complete', relaxation },
    temperature,
    utility,
    solver: guard(
      () =>
        new NativeSolver(native.independentEdges(vertices, directed, ends, places, dimension, relaxation)),
    ),
    shape: directed && !given ? [vertices, vertices] : undefined,
    drawing: (row: Float64Array) =>
      directed ? drawHeads(vertices, edges, row, place) : drawAdjacency(vertices, edges, row),
  };
  const trick =
    relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new ExponentialFamilyTrick(definition);
  return withAdjacency(trick, { vertices, directed, dimension, edges: () => edges, place });
}
