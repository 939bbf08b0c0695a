import { invalid, isRevoked } from './errors';

/** Two vertices. */
export type Edge = readonly [number, number];

/** All pairs i < j in row-major order. */
export function completeEdges(vertices: number): Edge[] {
  const edges: Edge[] = [];
  for (let i = 0; i < vertices; i++) for (let j = i + 1; j < vertices; j++) edges.push([i, j]);
  return edges;
}

/** The edges of an undirected graph: pairs of distinct vertices, none repeated in either direction. */
export function checkUndirectedEdges(edges: unknown, vertices: number): Edge[] {
  if (isRevoked(edges) || !Array.isArray(edges))
    throw invalid('edges', 'an array of pairs of vertices', edges);
  const seen = new Map<number, number>();
  const checked: Edge[] = [];
  // By index, so that the holes of a sparse array are seen too.
  for (let index = 0; index < edges.length; index++) {
    const edge = checkEdge(`edges[${index}]`, edges[index], vertices);
    const [i, j] = [Math.min(...edge), Math.max(...edge)];
    const key = i * vertices + j;
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      throw invalid(`edges[${index}]`, `an edge other than edges[${earlier}]`, edge);
    }
    seen.set(key, index);
    checked.push(edge);
  }
  return checked;
}

function checkEdge(name: string, edge: unknown, vertices: number): Edge {
  if (isRevoked(edge) || !Array.isArray(edge) || edge.length !== 2) {
    throw invalid(name, 'a pair of vertices', edge);
  }
  const [a, b]: unknown[] = edge;
  for (const end of [a, b]) {
    if (typeof end !== 'number' || !Number.isInteger(end) || end < 0 || end >= vertices) {
      throw invalid(name, `two integers from 0 to ${vertices - 1}`, edge);
    }
  }
  if (a === b) throw invalid(name, 'two different vertices (no loop)', edge);
  return Object.freeze([a as number, b as number] as const);
}
