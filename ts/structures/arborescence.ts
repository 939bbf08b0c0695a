import { type WithAdjacency, withAdjacency } from '../arguments/adjacency';
import { allPairs, checkDirectedEdges, completeDirectedEdges, type Edge } from '../arguments/edges';
import { invalid } from '../arguments/errors';
import { kernelOf, type Precision, shownPrecision } from '../arguments/precision';
import { checkBoolean, checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawHeads, MOST_COLUMNS_SHOWN } from '../drawing/draw';
import { guard, native } from '../native/binding';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { TracedTrick } from '../trick/traced-trick';
import { gumbel, type Utility } from '../utilities';

/** The matrices of the elimination have this many rows; 4096 make 128 MiB each. */
const MOST_VERTICES = 4096;
const relaxations = ['exponential-family', 'sparsemap'] as const;

export interface ArborescenceOptions {
  vertices: number;
  /**
   * The vertex from which all others are reached; with `'any'` every vertex may be it, and the pair [v, v] says that v is.
   * @defaultValue `0`
   */
  root?: number | 'any' | undefined;
  /**
   * Whether exactly one edge leaves the root, as of a sentence's root.
   * @defaultValue `false`
   */
  singleRootChild?: boolean | undefined;
  /**
   * The edges of the graph, each [head, modifier]; with any root, also [v, v] of each vertex v that may be it.
   * @defaultValue all; rows are matrices, [head][modifier]
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

/**
 * Arborescences with the edges that they are made of. With the option `edges` these are they, coordinate by coordinate.
 * Else they are those of the complete graph, and coordinate `head * vertices + modifier` of a row belongs to
 * [head, modifier].
 */
export type ArborescenceTrick = TracedTrick & WithAdjacency;

/** The same with the relaxation SparseMAP. */
export type ArborescenceSparseMapTrick = SparseMapTrick & WithAdjacency;

/**
 * The arborescences (rooted directed spanning trees) of a graph: every vertex but the root has one head, and following
 * the heads leads to the root.
 *
 * A row is a matrix of n x n numbers, [head][modifier]; its diagonal and the root's column are no edges: whatever stands
 * there (NaN too) is ignored, and 0 comes out. With `edges` a row has one number for each edge; those into the root are
 * ignored likewise.
 *
 * With `root: 'any'` the root is chosen too: the coordinate of [v, v], on the diagonal of a matrix, is 1 where v is the root,
 * and its utility is the score of that. So every column has one head or is the root's; there are n^(n-1) of the complete graph.
 *
 * X is the maximum arborescence of the utilities (Chu and Liu, Edmonds; O(n^2) in Tarjan's form). `X_t` is the mean of
 * `p(x) ~ exp(U.x / t)` over all arborescences, the directed matrix-tree theorem evaluated without subtraction, O(n^3) a
 * row and exact at any temperature (paper, section 6). With `singleRootChild` both are exact too, and cost the same. A
 * row whose allowed edges hold no arborescence is `INFEASIBLE`. One vertex makes the empty arborescence. In rows of
 * different lengths, every length must be above the root.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function arborescence(
  options: ArborescenceOptions & { relaxation?: 'exponential-family' | undefined },
): ArborescenceTrick;
export function arborescence(
  options: ArborescenceOptions & { relaxation: 'sparsemap' },
): ArborescenceSparseMapTrick;
export function arborescence(options: ArborescenceOptions): ArborescenceTrick | ArborescenceSparseMapTrick;
export function arborescence(options: ArborescenceOptions): ArborescenceTrick | ArborescenceSparseMapTrick {
  checkOptions('options', options, [
    'vertices',
    'root',
    'singleRootChild',
    'edges',
    'relaxation',
    'precision',
    'temperature',
    'utility',
  ]);
  const {
    root: givenRoot = 0,
    singleRootChild: single = false,
    relaxation = 'exponential-family',
    temperature = 1,
    utility = gumbel(),
  } = options;
  checkRelaxation('arborescence', relaxation, relaxations);
  const kernel = kernelOf(relaxation, options.precision);
  const vertices = checkInteger('vertices', options.vertices, 1, MOST_VERTICES);
  const root = checkRoot(givenRoot, vertices);
  const singleRootChild = checkBoolean('singleRootChild', single);
  if (root === 'any' && singleRootChild) throw invalid('singleRootChild', "false with root 'any'", single);
  const given =
    options.edges === undefined ? undefined : checkDirectedEdges(options.edges, vertices, root === 'any');
  const ends = given && Uint32Array.from(given.flat());
  const dimension = given?.length ?? vertices * vertices;
  let listed = given && Object.freeze(given);
  const edges = () => {
    listed ??= Object.freeze(complete(vertices, root));
    return listed;
  };
  const place = (edge: Edge, index: number) => (given ? index : edge[0] * vertices + edge[1]);
  const definition = {
    name: 'arborescence',
    shape: given ? undefined : [vertices, vertices],
    parameters: {
      vertices,
      root,
      singleRootChild,
      edges: given ? dimension : 'complete',
      relaxation,
      ...shownPrecision(options.precision),
    },
    temperature,
    utility,
    solver: guard(
      () =>
        new NativeSolver(
          native.arborescence(vertices, root === 'any' ? undefined : root, singleRootChild, ends, kernel),
        ),
    ),
    drawing: (row: Float64Array) => {
      const shown = given ?? complete(Math.min(vertices, MOST_COLUMNS_SHOWN), root);
      return drawHeads(vertices, shown, row, place);
    },
  };
  const trick = relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new TracedTrick(definition);
  return withAdjacency(trick, { vertices, directed: true, dimension, edges, place });
}

function checkRoot(root: unknown, vertices: number): number | 'any' {
  if (typeof root === 'string' && root !== 'any') throw invalid('root', "a vertex or 'any'", root);
  return root === 'any' ? root : checkInteger('root', root, 0, vertices - 1);
}

/** The edges of the complete graph. */
function complete(vertices: number, root: number | 'any'): Edge[] {
  return root === 'any' ? allPairs(vertices) : completeDirectedEdges(vertices, root);
}
