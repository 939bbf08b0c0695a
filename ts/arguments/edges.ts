import { invalid, isRevoked } from './errors';

/** Two vertices. */
export type Edge = readonly [number, number];

/** What a trick over the edges of a graph says of them. */
export interface WithEdges {
  /**
   * The endpoints of each coordinate; of directed edges [head, modifier]. Where rows are matrices, those of the edges
   * that there are.
   */
  readonly edges: ReadonlyArray<Edge>;
}

/** An edge that no caller can change: structures share theirs. */
function pair(a: number, b: number): Edge {
  return Object.freeze([a, b] as const);
}

/** All pairs i < j in row-major order. */
export function completeEdges(vertices: number): Edge[] {
  const edges: Edge[] = [];
  for (let i = 0; i < vertices; i++) for (let j = i + 1; j < vertices; j++) edges.push(pair(i, j));
  return edges;
}

/** Every [head, modifier] of a directed graph, in row-major order; nothing enters the root, if there is one. */
export function completeDirectedEdges(vertices: number, root?: number): Edge[] {
  const edges: Edge[] = [];
  for (let head = 0; head < vertices; head++) {
    for (let modifier = 0; modifier < vertices; modifier++) {
      if (modifier !== head && modifier !== root) edges.push(pair(head, modifier));
    }
  }
  return edges;
}

/** Every [head, modifier] in row-major order, of a vertex with itself too, which says that it is the root. */
export function allPairs(vertices: number): Edge[] {
  return Array.from({ length: vertices * vertices }, (_, cell) =>
    pair(Math.floor(cell / vertices), cell % vertices),
  );
}

/** The edges of an undirected graph: pairs of distinct vertices, none repeated in either direction. */
export function checkUndirectedEdges(edges: unknown, vertices: number): Edge[] {
  return checkEdges(edges, vertices, ([i, j]) => Math.min(i, j) * vertices + Math.max(i, j));
}

/** The edges of a directed graph: pairs of distinct vertices, none repeated; with `loops` also of a vertex with itself. */
export function checkDirectedEdges(edges: unknown, vertices: number, loops = false): Edge[] {
  return checkEdges(edges, vertices, ([i, j]) => i * vertices + j, loops);
}

/** A list of edges, no two of which have the same key. */
function checkEdges(edges: unknown, vertices: number, keyOf: (edge: Edge) => number, loops = false): Edge[] {
  if (isRevoked(edges) || !Array.isArray(edges))
    throw invalid('edges', 'an array of pairs of vertices', edges);
  const seen = new Map<number, number>();
  const checked: Edge[] = [];
  // By index, so that the holes of a sparse array are seen too.
  for (let index = 0; index < edges.length; index++) {
    const edge = checkEdge(`edges[${index}]`, edges[index], vertices, loops);
    const key = keyOf(edge);
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      throw invalid(`edges[${index}]`, `an edge other than edges[${earlier}]`, edge);
    }
    seen.set(key, index);
    checked.push(edge);
  }
  return checked;
}

function checkEdge(name: string, edge: unknown, vertices: number, loops: boolean): Edge {
  if (isRevoked(edge) || !Array.isArray(edge) || edge.length !== 2) {
    throw invalid(name, 'a pair of vertices', edge);
  }
  const [a, b]: unknown[] = edge;
  for (const end of [a, b]) {
    if (typeof end !== 'number' || !Number.isInteger(end) || end < 0 || end >= vertices) {
      throw invalid(name, `two integers from 0 to ${vertices - 1}`, edge);
    }
  }
  if (a === b && !loops) throw invalid(name, 'two different vertices (no loop)', edge);
  return pair(a as number, b as number);
}
