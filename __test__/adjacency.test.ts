import { arborescence, independentEdges, SstError, spanningTree } from '../ts';

const N = Number.NaN;
const directed: [number, number][] = [
  [0, 1],
  [2, 1],
  [1, 3],
];

test('rows of edges and matrices of vertices', () => {
  const trees = spanningTree({ vertices: 3 });
  expect([...trees.toAdjacency([1, 2, 3])]).toEqual([0, 1, 2, 1, 0, 3, 2, 3, 0]);
  // The mean of both directions, whatever is on the diagonal.
  expect([...trees.fromAdjacency([N, 1, 2, 3, N, 4, 5, 6, N])]).toEqual([2, 3.5, 5]);
  const heads = independentEdges({ vertices: 4, directed: true, edges: directed });
  expect([...heads.toAdjacency([5, 6, 7])]).toEqual([0, 5, 0, 0, 0, 0, 0, 7, 0, 6, 0, 0, 0, 0, 0, 0]);
});

describe.each([
  ['a spanning tree', spanningTree({ vertices: 4 })],
  ['an arborescence', arborescence({ vertices: 4 })],
  ['undirected edges', independentEdges({ vertices: 4 })],
  ['edges of a list', independentEdges({ vertices: 4, directed: true, edges: directed })],
])('%s', (_, trick) => {
  const { dimension } = trick;
  const cells = Float64Array.from({ length: 2 * dimension }, (_, i) => i + 1);
  const lengths = [2, 4];

  test('what is beyond a row’s vertices is not read, and 0 in results', () => {
    const counts = trick.masked(new Float64Array(2 * dimension).fill(1), { lengths });
    const padded = cells.map((x, i) => (counts[i] === 1 ? x : N));
    const zeroed = cells.map((x, i) => (counts[i] === 1 ? x : 0));
    const matrix = trick.toAdjacency(padded, { lengths });
    expect(matrix).toEqual(trick.toAdjacency(zeroed));
    // Of two vertices only the first block of the first matrix counts.
    const noisy = matrix.map((x, i) => (i < 16 && (i % 4 > 1 || i > 7) ? N : x));
    expect(trick.fromAdjacency(noisy, { lengths })).toEqual(trick.fromAdjacency(matrix));
    expect(trick.toAdjacencyVjp(noisy, { lengths })).toEqual(trick.toAdjacencyVjp(matrix));
    expect(trick.fromAdjacencyVjp(padded, { lengths })).toEqual(trick.fromAdjacencyVjp(zeroed));
  });

  test('lengths beyond the vertices, and results over inputs, are refused', () => {
    expect(() => trick.toAdjacency(cells, { lengths: [5, 1] })).toThrow(/^lengths\[0\]: .* 0 to 4, got 5/);
    const memory = new Float64Array(64);
    for (const [name, from, to] of [
      ['toAdjacency', dimension, 16],
      ['fromAdjacency', 16, dimension],
      ['toAdjacencyVjp', 16, dimension],
      ['fromAdjacencyVjp', dimension, 16],
    ] as const) {
      const out = memory.subarray(0, to);
      expect(() => trick[name](memory.subarray(0, from), { out })).toThrow(SstError);
      expect(() => trick[name](memory.subarray(to - 1, to - 1 + from), { out })).toThrow(/overlaps/);
      expect(trick[name](memory.subarray(to, to + from), { out })).toBe(out);
    }
  });
});

test('edges are nobody’s to change, neither those of a trick nor through those that it was given', () => {
  const given: [number, number][] = [
    [0, 1],
    [1, 2],
    [0, 2],
  ];
  const tricks = [
    spanningTree({ vertices: 3 }),
    arborescence({ vertices: 3 }),
    independentEdges({ vertices: 3 }),
    independentEdges({ vertices: 3, directed: true }),
    spanningTree({ vertices: 3, edges: given }),
    arborescence({ vertices: 3, edges: given }),
    independentEdges({ vertices: 3, edges: given }),
  ];
  const before = tricks.map((trick) => JSON.stringify(trick.edges));
  for (const edge of given) edge.reverse();
  given.pop();
  tricks.forEach((trick, i) => {
    const edges = trick.edges as [number, number][];
    expect(() => edges.pop()).toThrow(TypeError);
    expect(() => edges[0]!.reverse()).toThrow(TypeError);
    expect(JSON.stringify(trick.edges)).toBe(before[i]);
  });
});
