import { arborescence, negativeExponential, type SstError } from '../ts';
import { expectSameBits } from './laws/inputs';

const matrix = { vertices: 4, root: 1 };
/** Where the edges of the matrix stand. */
const places = arborescence(matrix).edges.map(([head, modifier]) => head * 4 + modifier);
const utility = Float64Array.from({ length: 16 }, (_, i) => Math.sin(i * i));
const cotangent = Float64Array.from({ length: 16 }, (_, i) => Math.cos(i * i));

const pick = (cells: Float64Array) => Float64Array.from(places, (place) => cells[place]);
const spread = (cells: Float64Array) => {
  const all = new Float64Array(16);
  places.forEach((place, i) => {
    all[place] = cells[i];
  });
  return all;
};

test('a matrix is the list of its edges; its diagonal and the column of its root are not looked at', () => {
  expect(places).toEqual([2, 3, 4, 6, 7, 8, 11, 12, 14]);
  for (const singleRootChild of [false, true]) {
    const trick = arborescence({ ...matrix, singleRootChild });
    const list = arborescence({ ...matrix, singleRootChild, edges: trick.edges });
    const noisy = (cells: Float64Array) =>
      cells.map((x, place) =>
        places.includes(place) ? x : [Number.NaN, Infinity, -Infinity, 9e99][place % 4],
      );
    for (const u of [utility, noisy(utility)]) {
      expectSameBits(trick.argmax(u), spread(list.argmax(pick(u))));
      expectSameBits(trick.softmax(u), spread(list.softmax(pick(u))));
      for (const g of [cotangent, noisy(cotangent)]) {
        expectSameBits(trick.softmaxVjp(u, g), spread(list.softmaxVjp(pick(u), pick(g))));
      }
      expectSameBits(trick.logPartition(u), list.logPartition(pick(u)));
    }
  }
});

test('edges into the root are in no arborescence', () => {
  const edges = [
    [0, 1],
    [1, 0],
    [0, 2],
    [1, 2],
    [2, 0],
    [2, 1],
  ] as const;
  const trick = arborescence({ vertices: 3, edges });
  expect(trick.dimension).toBe(6);
  expect([...trick.argmax([0.2, Number.NaN, -0.5, 0.9, Infinity, 0.4])]).toEqual([1, 0, 0, 1, 0, 0]);
  const soft = trick.softmax([0.2, 9, -0.5, 0.9, 9, 0.4], { temperature: 0.5 });
  [0.921219, 0, 0.131589, 0.868411, 0, 0.078781].forEach((x, i) => {
    expect(soft[i]).toBeCloseTo(x, 6);
  });
});

test('exactly one edge leaves the root, if that is asked for', () => {
  const scores = Float64Array.from({ length: 100 }, (_, i) => (i < 10 ? 1e6 : Math.sin(i * i)));
  const children = (x: Float64Array) => x.slice(0, 10).reduce((sum, y) => sum + y, 0);
  const any = arborescence({ vertices: 10 });
  const one = arborescence({ vertices: 10, singleRootChild: true });
  expect(children(any.argmax(scores))).toBe(9);
  expect(children(one.argmax(scores))).toBe(1);
  expect(children(one.softmax(scores))).toBeCloseTo(1, 13);
});

test('one vertex is the empty arborescence', () => {
  for (const singleRootChild of [false, true]) {
    const trick = arborescence({ vertices: 1, singleRootChild });
    expect([...trick.argmax([Number.NaN])]).toEqual([0]);
    expect([...trick.softmax([7])]).toEqual([0]);
    expect([...trick.softmaxVjp([7], [1])]).toEqual([0]);
    expect([...trick.logPartition([7])]).toEqual([0]);
    expect(trick.edges).toEqual([]);
  }
});

test('a short row is the leading block of its matrix', () => {
  const trick = arborescence({ vertices: 4, root: 1 });
  const short = arborescence({ vertices: 3, root: 1 });
  const block = Float64Array.from({ length: 9 }, (_, i) => utility[Math.floor(i / 3) * 4 + (i % 3)]);
  const soft = short.softmax(block);
  const expected = new Float64Array(16);
  soft.forEach((x, i) => {
    expected[Math.floor(i / 3) * 4 + (i % 3)] = x;
  });
  expectSameBits(trick.softmax(utility, { lengths: [3] }), expected);
  expect(() => trick.softmax(utility, { lengths: [1] })).toThrow(
    /^lengths: expected integers from 2 to 4 or 0, got 1/,
  );
});

test('rows without an arborescence are named', () => {
  const forbidden = Number.NEGATIVE_INFINITY;
  const trick = arborescence({ vertices: 3 });
  const one = arborescence({ vertices: 3, singleRootChild: true });
  const row = [0, 0, 0, 0, 0, forbidden, 0, forbidden, 0];
  expect([...trick.argmax(row)]).toEqual([0, 1, 1, 0, 0, 0, 0, 0, 0]);
  const says =
    /hold an arborescence of 3 vertices, but no single child of the root 0 leads to all others \(batch row 1\)$/;
  expect(() => one.softmax([...new Array(9).fill(0), ...row])).toThrow(says);
  try {
    arborescence({ vertices: 3, edges: [[0, 1]] }).argmax([0]);
    throw new Error('it is infeasible');
  } catch (error) {
    expect((error as SstError).code).toBe('INFEASIBLE');
    expect((error as SstError).message).toMatch(/no path leads from the root 0 to vertex 2/);
  }
});

describe('of any root', () => {
  const any = arborescence({ vertices: 3, root: 'any' });
  const u = [0.3, 1.2, -0.4, 0.1, 0.8, 0.6, -1, 0.2, 0.5];
  /** The nine rooted trees of three vertices, each by its heads; a root is its own. */
  const trees = [
    [0, 0, 0],
    [0, 0, 1],
    [0, 2, 0],
    [1, 1, 1],
    [1, 1, 0],
    [2, 1, 1],
    [2, 2, 2],
    [2, 0, 2],
    [1, 2, 2],
  ].map((heads) => heads.map((head, modifier) => 3 * head + modifier));

  test('it is the mean over all rooted trees, whose roots are on the diagonal', () => {
    for (const t of [1, 0.2]) {
      const weights = trees.map((tree) => Math.exp(tree.reduce((sum, cell) => sum + u[cell]!, 0) / t));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const expected = new Float64Array(9);
      trees.forEach((tree, i) => {
        for (const cell of tree) expected[cell]! += weights[i]! / total;
      });
      any.softmax(u, { temperature: t }).forEach((x, i) => {
        expect(Math.abs(x - expected[i]!)).toBeLessThan(2e-15);
      });
      expect(Math.abs(any.logPartition(u, { temperature: t })[0]! - Math.log(total))).toBeLessThan(1e-14);
    }
    const best = trees.reduce((a, b) =>
      b.reduce((sum, cell) => sum + u[cell]!, 0) > a.reduce((sum, cell) => sum + u[cell]!, 0) ? b : a,
    );
    expect([...any.argmax(u)].flatMap((x, i) => (x === 1 ? [i] : [])).sort()).toEqual([...best].sort());
  });

  test('all of them are told in order, and there are no more', () => {
    const { structures, values } = any.kBest(u, { k: 10 });
    const told = Array.from({ length: 9 }, (_, i) => structures.slice(9 * i, 9 * i + 9).join(''));
    expect(new Set(told).size).toBe(9);
    const sums = trees.map((tree) => tree.reduce((sum, cell) => sum + u[cell]!, 0)).sort((a, b) => b - a);
    sums.forEach((sum, i) => {
      expect(values[i]).toBeCloseTo(sum, 14);
    });
    expect(values[9]).toBe(Number.NEGATIVE_INFINITY);
  });

  test('there are n^(n - 1) in the complete graph', () => {
    for (const n of [1, 2, 5, 20]) {
      const trick = arborescence({ vertices: n, root: 'any' });
      const expected = (n - 1) * Math.log(n);
      expect(Math.abs(trick.logPartition(new Float64Array(n * n))[0]! - expected)).toBeLessThan(
        1e-13 * Math.max(1, expected),
      );
    }
  });

  test('draws are rooted trees, as often as they should be', () => {
    const samples = 20_000;
    const drawn = any.familySample(u, { seed: 5, samples });
    const counts = new Map<string, number>();
    for (let s = 0; s < samples; s++) {
      const key = drawn.subarray(9 * s, 9 * s + 9).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(9);
    for (const tree of trees) {
      const x = Float64Array.from({ length: 9 }, (_, cell) => (tree.includes(cell) ? 1 : 0));
      const p = Math.exp(any.logProbability(u, x)[0]!);
      const deviation = Math.sqrt((p * (1 - p)) / samples);
      expect(Math.abs(counts.get(x.join(''))! / samples - p)).toBeLessThan(5 * deviation);
    }
  });

  test('a list of edges says which vertices may be the root', () => {
    const edges = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [1, 2],
    ] as const;
    const trick = arborescence({ vertices: 3, root: 'any', edges });
    expect(trick.edges).toEqual(edges);
    const [a, b] = [Math.exp(0.5 + 0.25), Math.exp(2 - 1)];
    const soft = trick.softmax([0.5, 0.25, 2, -1, 7]);
    [a, a, b, b, a + b].forEach((weight, i) => {
      expect(soft[i]).toBeCloseTo(weight / (a + b), 14);
    });
    expect([...trick.toAdjacency([1, 1, 0, 0, 1])]).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 0]);
    expect(() => arborescence({ vertices: 2, root: 'any', edges: [[0, 1]] }).argmax([0])).toThrow(
      /no path leads from a vertex that may be the root to vertex 0/,
    );
  });

  test('a short row is the leading block of its matrix', () => {
    const short = arborescence({ vertices: 2, root: 'any' });
    const [p00, p01, p10, p11] = short.softmax([u[0]!, u[1]!, u[3]!, u[4]!]);
    expectSameBits(any.softmax(u, { lengths: [2] }), Float64Array.of(p00!, p01!, 0, p10!, p11!, 0, 0, 0, 0));
    expect(any.size).toBe(3);
    expect([...any.softmax(u, { lengths: [1] })]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // The noise of a cell does not depend on how many vertices there are.
    const [wide, narrow] = [any.perturb(u, { seed: 2 }), short.perturb([0.3, 1.2, 0.1, 0.8], { seed: 2 })];
    expect([wide[0], wide[1], wide[3], wide[4]]).toEqual([...narrow]);
  });

  test('what has no meaning with it is refused', () => {
    expect(() => arborescence({ vertices: 3, root: 'any', singleRootChild: true })).toThrow(
      /^singleRootChild: expected false with root 'any', got true$/,
    );
    expect(() => arborescence({ vertices: 3, root: 'all' as 'any' })).toThrow(
      /^root: expected a vertex or 'any', got the string "all"$/,
    );
    expect(() => arborescence({ vertices: 3, edges: [[1, 1]] })).toThrow(/no loop/);
  });
});

test('it is drawn as a matrix of heads by modifiers', () => {
  const trick = arborescence({ vertices: 3, utility: negativeExponential() });
  expect(trick.draw([7, 1, 0, 7, 7, 0.25, 7, 0, 7])).toBe(
    ['       0    1    2', '  0         █    ·', '  1            .25', '  2         ·'].join('\n'),
  );
  expect(trick.draw(trick.argmax(new Float64Array(9)))).toContain('█');
});
