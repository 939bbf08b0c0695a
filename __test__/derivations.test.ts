import { inspect } from 'node:util';
import {
  alignment,
  binaryTree,
  ctc,
  derivations,
  knapsack,
  linearChain,
  monotoneAlignment,
  nonCrossingPairs,
  path,
  SstError,
  segmentation,
  type Trick,
} from '../ts';
import { layouts } from '../ts/drawing/draw-trick';
import { ExponentialFamilyTrick } from '../ts/trick/exponential-family-trick';
import { SparseMapTrick } from '../ts/trick/sparse-map';

/** What a call throws. */
function errorOf(call: () => unknown): SstError {
  try {
    call();
  } catch (error) {
    if (error instanceof SstError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const any = (value: unknown) => value as never;
const leaf = (head: number, coordinate?: number) => ({ head, tails: [], coordinate });

test('counts of derivations', () => {
  const counts: [ExponentialFamilyTrick, number][] = [
    [linearChain({ length: 9, states: 4 }), 4 ** 9],
    [segmentation({ length: 12 }), 2 ** 11],
    [alignment({ rows: 6, columns: 6 }), 1683],
    [monotoneAlignment({ rows: 4, columns: 10 }), 84],
    [ctc({ frames: 9, classes: 4, labels: [1, 2, 3] }), 924],
    [ctc({ frames: 9, classes: 4, labels: [1, 1, 3] }), 462],
    [binaryTree({ leaves: 9 }), 1430],
    [binaryTree({ leaves: 4, labels: 3 }), 5 * 3 ** 7],
    [nonCrossingPairs({ length: 9 }), 835],
    [nonCrossingPairs({ length: 9, minHairpin: 1 }), 185],
    [knapsack({ weights: [1, 1, 1, 1, 1], capacity: 2 }), 16],
    [knapsack({ weights: [1, 1, 1, 1, 1], capacity: 5, groups: [0, 0, 1, 1, 1] }), 12],
  ];
  for (const [trick, count] of counts) {
    const [log] = trick.logPartition(new Float64Array(trick.dimension));
    expect(Math.abs(log - Math.log(count))).toBeLessThan(1e-14 * Math.log(count));
  }
});

test('the relaxation decides the class, in types too', () => {
  const family: ExponentialFamilyTrick = linearChain({ length: 2, states: 2 });
  const sparse: SparseMapTrick = linearChain({ length: 2, states: 2, relaxation: 'sparsemap' });
  expect(family).toBeInstanceOf(ExponentialFamilyTrick);
  expect(sparse).toBeInstanceOf(SparseMapTrick);
  expect(path({ vertices: 1, edges: [], source: 0, target: 0 }).logPartition([])).toEqual(Float64Array.of(0));
});

test('natural axes, and layouts of names too long for narrow terminals', () => {
  expect(alignment({ rows: 2, columns: 3 }).shape).toEqual([2, 3]);
  expect(monotoneAlignment({ rows: 2, columns: 3 }).shape).toEqual([2, 3]);
  expect(segmentation({ length: 4, labels: 3, maxSegment: 2 }).shape).toEqual([4, 2, 3]);
  expect(binaryTree({ leaves: 3, labels: 2 }).shape).toEqual([3, 3, 2]);
  const long = [monotoneAlignment({ rows: 2, columns: 3 }), nonCrossingPairs({ length: 3 })];
  for (const trick of long) expect(inspect(trick).split('\n').at(-1)).toContain(layouts[trick.name]);
});

describe('kBest', () => {
  /** Every structure of a row by its value, from draws at a temperature at which none is rare. */
  function enumerated(trick: ExponentialFamilyTrick, utility: Float64Array): number[] {
    const drawn = trick.familySample(
      utility.map(() => 0),
      { seed: 1, samples: 4000 },
    );
    const values = new Map<string, number>();
    for (let at = 0; at < drawn.length; at += trick.dimension) {
      const x = drawn.subarray(at, at + trick.dimension);
      values.set(x.join(), x.reduce((sum, one, i) => (one === 1 ? sum + utility[i] : sum), 0)); // biome-ignore format: one entry
    }
    return [...values.values()].sort((a, b) => b - a);
  }

  test('gives the best in order, and says where there are no more', () => {
    for (const trick of [
      linearChain({ length: 3, states: 2 }),
      binaryTree({ leaves: 5 }),
      alignment({ rows: 3, columns: 3 }),
      nonCrossingPairs({ length: 5 }),
      knapsack({ weights: [1, 2, 3, 1], capacity: 4 }),
    ]) {
      const { dimension } = trick;
      const utility = Float64Array.from({ length: 2 * dimension }, (_, i) => Math.sin(3 * i * i + 1));
      const k = 60;
      const { structures, values } = trick.kBest(utility, { k });
      expect([structures.length, values.length]).toEqual([2 * k * dimension, 2 * k]);
      for (const row of [0, 1]) {
        const own = utility.slice(row * dimension, (row + 1) * dimension);
        const all = enumerated(trick, own);
        expect(all.length).toBeLessThan(k);
        const got = values.subarray(row * k, (row + 1) * k);
        all.forEach((value, rank) => {
          expect(Math.abs(got[rank] - value)).toBeLessThan(1e-14 * dimension);
        });
        expect(got.subarray(all.length).every((value) => value === Number.NEGATIVE_INFINITY)).toBe(true);
        const start = row * k * dimension;
        expect(structures.slice(start, start + dimension)).toEqual(trick.argmax(own));
        const rest = structures.subarray(start + all.length * dimension, start + k * dimension);
        expect(rest.every((x) => x === 0)).toBe(true);
      }
    }
  });

  test('of rows of different lengths is that of the smaller problems', () => {
    const large = binaryTree({ leaves: 4, labels: 2 });
    const small = binaryTree({ leaves: 3, labels: 2 });
    const rows = Float64Array.from({ length: 64 }, (_, i) => Math.cos(5 * i * i));
    rows.fill(Number.NaN, 32);
    const at = (i: number, j: number, label: number, n: number) => (i * n + j) * 2 + label;
    const own = new Float64Array(18).fill(Number.NaN);
    for (let i = 0; i < 3; i++) {
      for (let j = i; j < 3; j++) {
        for (const label of [0, 1]) own[at(i, j, label, 3)] = rows[at(i, j, label, 4)];
      }
    }
    const expected = small.kBest(own, { k: 3 });
    const got = large.kBest(rows, { k: 3, lengths: [3, 0] });
    expect(got.values.slice(0, 3)).toEqual(expected.values);
    expect([...got.values.slice(3)]).toEqual([-Infinity, -Infinity, -Infinity]);
    expect(got.structures.subarray(96).every((x) => x === 0)).toBe(true);
    for (let rank = 0; rank < 3; rank++) {
      for (let i = 0; i < 3; i++) {
        for (let j = i; j < 3; j++) {
          const [large32, small18] = [32 * rank, 18 * rank];
          expect(got.structures[large32 + at(i, j, 1, 4)]).toBe(
            expected.structures[small18 + at(i, j, 1, 3)],
          );
        }
      }
    }
  });

  test('single precision in, single precision out', () => {
    const { structures, values } = linearChain({ length: 2, states: 1 }).kBest(Float32Array.of(1, 2, 0.5), {
      k: 1,
    });
    expect([structures, values]).toEqual([Float32Array.of(1, 1, 1), Float32Array.of(3.5)]);
  });

  test('refuses what every method refuses', () => {
    const chain = linearChain({ length: 2, states: 2 });
    const eight = new Float64Array(8);
    const cases: [() => unknown, string, RegExp][] = [
      [() => chain.kBest(eight, any({})), 'INVALID_ARGUMENT', /^k: expected an integer from 1 /],
      [() => chain.kBest(eight, { k: 0 }), 'INVALID_ARGUMENT', /^k: expected an integer from 1 .* got 0$/],
      [() => chain.kBest(eight, { k: 2 ** 30 }), 'INVALID_ARGUMENT', /^k: expected an integer from 1 /],
      [() => chain.kBest(eight, any({ k: 1, seed: 1 })), 'INVALID_ARGUMENT', /^options: /],
      [() => chain.kBest([1, 2], { k: 1 }), 'INVALID_SHAPE', /^utility: expected a multiple of 8/],
      [
        () => chain.kBest(eight, { k: 1, lengths: [3] }),
        'INVALID_ARGUMENT',
        /^lengths: .* 1 to 2 or 0, got 3/,
      ],
      [
        () => chain.kBest([...eight, ...eight.with(4, Number.NaN)], { k: 1 }),
        'NOT_FINITE',
        /^utility: .* got NaN at coordinate 4 \(batch row 1\)$/,
      ],
      [
        () => chain.kBest(eight.map((_, i) => (i < 2 ? -Infinity : 0)), { k: 1 }),
        'INFEASIBLE',
        /^utility: .* to allow a labelling, but there is none \(batch row 0\)$/,
      ], // biome-ignore format: one case
      [() => chain.kBest(new Float64Array(8).fill(1.5e308), { k: 1 }), 'NOT_FINITE', /^utility: .* range/],
    ];
    for (const [call, code, message] of cases) {
      const error = errorOf(call);
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    }
  });
});

test('masks that leave nothing are refused in the words of the structure', () => {
  const tricks: [Trick, string][] = [
    [derivations({ nodes: 1, edges: [leaf(0, 0)], dimension: 1 }), 'a derivation'],
    [path({ vertices: 2, edges: [[0, 1]], source: 0, target: 1 }), 'a path'],
    [linearChain({ length: 1, states: 1 }), 'a labelling'],
    [segmentation({ length: 1 }), 'a segmentation'],
    [alignment({ rows: 1, columns: 1 }), 'an alignment'],
    [monotoneAlignment({ rows: 1, columns: 1 }), 'an alignment'],
    [ctc({ frames: 1, classes: 1, labels: [] }), 'a labelling'],
    [binaryTree({ leaves: 1 }), 'a binary tree'],
  ];
  for (const [trick, noun] of tricks) {
    const error = errorOf(() => trick.softmax([Number.NEGATIVE_INFINITY]));
    const expected = `utility: expected the coordinates whose utility is not -Infinity to allow ${noun}, but there is none (batch row 0)`;
    expect([error.code, error.message]).toEqual(['INFEASIBLE', expected]);
  }
  // Nothing may always be chosen.
  expect(knapsack({ weights: [1], capacity: 1 }).softmax([-Infinity])).toEqual(Float64Array.of(0));
  expect(nonCrossingPairs({ length: 2 }).argmax([-Infinity])).toEqual(Float64Array.of(0));
});

test('what makes no forest is refused', () => {
  const make = (options: object) => () => derivations(any({ nodes: 2, dimension: 2, ...options }));
  const pair = { head: 1, tails: [0, 0] };
  const graph = (options: object) => () =>
    path(any({ vertices: 3, edges: [[0, 1], [1, 2]], source: 0, target: 2, ...options })); // biome-ignore format: edges
  const cases: [() => unknown, RegExp][] = [
    [make({ edges: 5 }), /^edges: expected an array of \{ head, tails, coordinate\? \}, got 5$/],
    [make({ edges: [] }), /^edges.length: expected an integer from 1 /],
    [make({ edges: [null] }), /^edges\[0\]: expected an object/],
    [make({ edges: [{ head: 2, tails: [] }] }), /^edges\[0\].head: expected an integer from 0 to 1, got 2$/],
    [make({ edges: [{ head: 1, tails: [1] }] }), /^edges\[0\].tails\[0\]: expected a node before the head 1, got 1$/],
    [make({ edges: [{ head: 1, tails: [0, 0, 0] }] }), /^edges\[0\].tails: expected an array of none to two nodes/],
    [make({ edges: [leaf(0, 2)] }), /^edges\[0\].coordinate: expected an integer from 0 to 1, got 2$/],
    [make({ edges: [leaf(0)] }), /^edges: expected a derivation of the goal, node 1, but there is none$/],
    [make({ edges: [leaf(0, 1), pair] }), /^edges\[1\]: expected each coordinate at most once .* coordinate 1 twice$/],
    [make({ edges: [leaf(0)], goal: 2 }), /^goal: expected an integer from 0 to 1, got 2$/],
    [make({ edges: [leaf(0)], dimension: 0 }), /^dimension: /],
    [graph({ edges: [[0, 1], [1, 2], [2, 1]] }), /^edges: expected a graph without cycles, got (1 -> 2 -> 1|2 -> 1 -> 2)$/],
    [graph({ edges: [[0, 0], [0, 2]] }), /^edges: expected a graph without cycles, got 0 -> 0$/],
    [graph({ source: 2, target: 0 }), /^edges: expected a path from vertex 2 to vertex 0, but there is none$/],
    [graph({ edges: [[0, 3]] }), /^edges\[0\]\[1\]: expected an integer from 0 to 2, got 3$/],
    [graph({ target: 3 }), /^target: /],
    [() => linearChain({ length: 2 ** 12, states: 2 ** 12 }), /^states: expected a forest of at most 8388608 edges, not \d+, got 4096$/],
    [() => linearChain({ length: 0, states: 1 }), /^length: /],
    [() => segmentation({ length: 3, maxSegment: 4 }), /^maxSegment: expected an integer from 1 to 3, got 4$/],
    [() => alignment({ rows: 2, columns: 5, band: 2 }), /^band: expected an integer from 3 .* got 2$/],
    [() => monotoneAlignment({ rows: 3, columns: 2 }), /^rows: expected an integer from 1 to 2, got 3$/],
    [() => ctc({ frames: 3, classes: 3, labels: [1, 1, 2] }), /^frames: expected an integer from 4 .* got 3$/],
    [() => ctc({ frames: 3, classes: 3, labels: [1, 0] }), /^labels\[1\]: expected a class that is not the blank, got 0$/],
    [() => ctc({ frames: 3, classes: 3, labels: [3] }), /^labels\[0\]: expected an integer from 0 to 2, got 3$/],
    [() => ctc({ frames: 3, classes: 3, labels: [1], blank: 3 }), /^blank: /],
    [() => binaryTree({ leaves: 400 }), /^leaves: expected a forest of at most 8388608 edges/],
    [() => nonCrossingPairs({ length: 5, minHairpin: -1 }), /^minHairpin: /],
    [() => knapsack({ weights: [], capacity: 1 }), /^weights.length: /],
    [() => knapsack({ weights: [0.5], capacity: 1 }), /^weights\[0\]: /],
    [() => knapsack({ weights: [1], capacity: -1 }), /^capacity: /],
    [() => knapsack({ weights: [1, 1], groups: [0], capacity: 1 }), /^groups: expected one for each of the 2 items, got 1$/],
    [() => knapsack({ weights: [1, 1, 1], groups: [0, 1, 0], capacity: 1 }), /^groups\[2\]: expected the items of a group next/],
    [() => linearChain(any({ length: 1, states: 1, relaxation: 'softsub' })), /^relaxation: .* linearChain has/],
    [() => linearChain(any({ length: 1, states: 1, state: 1 })), /did you mean states\?$/],
  ]; // biome-ignore format: a table
  for (const [call, message] of cases) {
    const error = errorOf(call);
    expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', expect.stringMatching(message)]);
  }
});

test('a forest that stands alone has no parts', () => {
  const trick = path({ vertices: 3, edges: [[0, 1], [1, 2]], source: 0, target: 2 }); // biome-ignore format: edges
  expect(trick.size).toBe(2);
  expect(trick.softmax([1, 2, Number.NaN, 3], { lengths: [2, 0] })).toEqual(Float64Array.of(1, 1, 0, 0));
  const error = errorOf(() => trick.softmax([1, 2], { lengths: [1] }));
  expect([error.code, error.message]).toEqual([
    'INVALID_ARGUMENT',
    'lengths: expected integers from 2 to 2 or 0, got 1 (batch row 0)',
  ]);
});

test('an alignment is dynamic time warping, and its log-partition soft-DTW', () => {
  const [rows, columns] = [7, 9];
  const costs = Float64Array.from({ length: rows * columns }, (_, i) => 1 + Math.sin(2 * i * i));
  const table = (join: (values: number[]) => number) => {
    const best = new Float64Array(rows * columns).fill(Infinity);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const before = [[i - 1, j], [i, j - 1], [i - 1, j - 1]].filter(([k, l]) => k! >= 0 && l! >= 0); // biome-ignore format: cells
        const least = i + j === 0 ? 0 : join(before.map(([k, l]) => best[k! * columns + l!]));
        best[i * columns + j] = costs[i * columns + j] + least;
      }
    }
    return best[rows * columns - 1];
  };
  const trick = alignment({ rows, columns });
  const utility = costs.map((cost) => -cost);
  expect(Math.abs(-trick.kBest(utility, { k: 1 }).values[0] - table((c) => Math.min(...c)))).toBeLessThan(
    1e-13,
  );
  for (const t of [0.1, 1, 5]) {
    const softMin = (c: number[]) => -t * Math.log(c.reduce((sum, cost) => sum + Math.exp(-cost / t), 0));
    const distance = -t * trick.logPartition(utility, { temperature: t })[0];
    expect(Math.abs(distance - table(softMin))).toBeLessThan(1e-12);
  }
});
