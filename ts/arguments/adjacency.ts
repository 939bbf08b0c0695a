import { type ArrayLike, countRows, deliver, type NumberArray, toDoubles } from './arrays';
import type { Edge, WithEdges } from './edges';
import type { OutOptions } from './options';
import { checkOptions } from './validate';

/** Between a row's coordinates, one for each edge, and the matrix of its vertices. */
export interface WithAdjacency extends WithEdges {
  /** How many vertices there are. */
  readonly vertices: number;
  /**
   * Matrices [batch x vertices x vertices] of rows [batch x dimension]: both cells of an undirected edge get its number, the
   * cell [head, modifier] of a directed one; all others 0. O(vertices^2) a row.
   */
  toAdjacency<A extends NumberArray>(row: A, options?: OutOptions): ArrayLike<A>;
  /**
   * Rows of matrices, the inverse: an undirected edge gets the mean of its two cells. What stands in cells that are no
   * edges is ignored.
   */
  fromAdjacency<A extends NumberArray>(matrix: A, options?: OutOptions): ArrayLike<A>;
  /** `dL/drow` of `dL/dmatrix`: the transpose of {@link toAdjacency}, the sum of both cells of an undirected edge. */
  toAdjacencyVjp<A extends NumberArray>(cotangent: A, options?: OutOptions): ArrayLike<A>;
  /** `dL/dmatrix` of `dL/drow`: the transpose of {@link fromAdjacency}, half of an undirected edge's in both cells. */
  fromAdjacencyVjp<A extends NumberArray>(cotangent: A, options?: OutOptions): ArrayLike<A>;
}

/** A graph whose edges stand at these places of its rows. */
export interface Graph {
  vertices: number;
  directed: boolean;
  /** The length of a row. */
  dimension: number;
  edges(): ReadonlyArray<Edge>;
  /** Where an edge stands in a row. */
  place(edge: Edge, index: number): number;
}

type Visit = (cell: number, transposed: number, place: number) => void;

/** Gives a trick its edges, and the way to matrices and back. */
export function withAdjacency<T extends object>(trick: T, graph: Graph): T & WithAdjacency {
  const { vertices, directed, dimension } = graph;
  const cells = vertices * vertices;
  const visitAll = (visit: Visit) => {
    graph.edges().forEach((edge, index) => {
      const [i, j] = edge;
      visit(i * vertices + j, j * vertices + i, graph.place(edge, index));
    });
  };
  /** Rows of one width to rows of another, edge by edge. */
  const converter =
    (name: string, from: number, to: number, convert: (row: Float64Array, out: Float64Array) => Visit) =>
    <A extends NumberArray>(given: A, options: OutOptions = {}): ArrayLike<A> => {
      checkOptions('options', options, ['out']);
      const numbers = toDoubles(name, given);
      const rows = countRows(name, numbers.length, from);
      const fill = (out: Float64Array) => {
        out.fill(0);
        for (let row = 0; row < rows; row++) {
          const own = numbers.subarray(row * from, (row + 1) * from);
          visitAll(convert(own, out.subarray(row * to, (row + 1) * to)));
        }
      };
      return deliver(rows * to, given, options.out, fill, to) as ArrayLike<A>;
    };
  const scale = directed ? 1 : 0.5;
  const spread =
    (factor: number) =>
    (row: Float64Array, out: Float64Array): Visit =>
    (cell, transposed, place) => {
      out[cell] = factor * row[place];
      if (!directed) out[transposed] = factor * row[place];
    };
  const collect =
    (factor: number) =>
    (row: Float64Array, out: Float64Array): Visit =>
    (cell, transposed, place) => {
      out[place] = factor * (directed ? row[cell] : row[cell] + row[transposed]);
    };
  return Object.defineProperties(trick, {
    vertices: { value: vertices, enumerable: true },
    edges: { get: graph.edges },
    toAdjacency: { value: converter('row', dimension, cells, spread(1)) },
    fromAdjacency: { value: converter('matrix', cells, dimension, collect(scale)) },
    toAdjacencyVjp: { value: converter('cotangent', cells, dimension, collect(1)) },
    fromAdjacencyVjp: { value: converter('cotangent', dimension, cells, spread(scale)) },
  }) as T & WithAdjacency;
}
