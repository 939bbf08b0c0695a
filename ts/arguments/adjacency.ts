import {
  type ArrayLike,
  checkApart,
  checkOut,
  countRows,
  deliver,
  type NumberArray,
  toDoubles,
} from './arrays';
import type { Edge, WithEdges } from './edges';
import { checkLengths } from './lengths';
import type { LengthsOptions } from './options';
import { checkInteger, checkOptions } from './validate';

/**
 * Between a row's coordinates, one for each edge, and the matrix of its vertices. With `lengths` a row is over its first
 * vertices: what stands beyond is never read, and 0 comes out.
 */
export interface WithAdjacency extends WithEdges {
  /** How many vertices there are. */
  readonly vertices: number;
  /**
   * Matrices [batch x vertices x vertices] of rows [batch x dimension]: both cells of an undirected edge get its number, the
   * cell [head, modifier] of a directed one; all others 0. O(vertices^2) a row.
   */
  toAdjacency<A extends NumberArray>(row: A, options?: LengthsOptions): ArrayLike<A>;
  /**
   * Rows of matrices, the inverse: an undirected edge gets the mean of its two cells. What stands in cells that are no
   * edges is ignored.
   */
  fromAdjacency<A extends NumberArray>(matrix: A, options?: LengthsOptions): ArrayLike<A>;
  /** `dL/drow` of `dL/dmatrix`: the transpose of {@link toAdjacency}, the sum of both cells of an undirected edge. */
  toAdjacencyVjp<A extends NumberArray>(cotangent: A, options?: LengthsOptions): ArrayLike<A>;
  /** `dL/dmatrix` of `dL/drow`: the transpose of {@link fromAdjacency}, half of an undirected edge's in both cells. */
  fromAdjacencyVjp<A extends NumberArray>(cotangent: A, options?: LengthsOptions): ArrayLike<A>;
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
  const visitAll = (visit: Visit, length: number) => {
    graph.edges().forEach((edge, index) => {
      const [i, j] = edge;
      if (i < length && j < length) visit(i * vertices + j, j * vertices + i, graph.place(edge, index));
    });
  };
  /** Rows of one width to rows of another, edge by edge. */
  const converter =
    (name: string, from: number, to: number, convert: (row: Float64Array, out: Float64Array) => Visit) =>
    <A extends NumberArray>(given: A, options: LengthsOptions = {}): ArrayLike<A> => {
      checkOptions('options', options, ['lengths', 'out']);
      const { lengths: told, out: own } = options;
      const numbers = toDoubles(name, given);
      const counted = countRows(name, numbers.length, from);
      const rows = from === 0 && told !== undefined ? told.length : counted;
      const lengths = checkLengths(told, rows);
      lengths?.forEach((length, row) => {
        checkInteger(`lengths[${row}]`, length, 0, vertices);
      });
      if (own !== undefined) {
        checkOut(own, rows * to);
        checkApart(own, { [name]: given, lengths: told });
      }
      const fill = (out: Float64Array) => {
        out.fill(0);
        for (let row = 0; row < rows; row++) {
          const cells = numbers.subarray(row * from, (row + 1) * from);
          visitAll(convert(cells, out.subarray(row * to, (row + 1) * to)), lengths?.[row] ?? vertices);
        }
      };
      return deliver(rows * to, given, own, fill, to) as ArrayLike<A>;
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
