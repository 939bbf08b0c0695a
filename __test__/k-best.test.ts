import {
  arborescence,
  correlatedTopK,
  customStructure,
  getThreads,
  independentEdges,
  linearChain,
  matching,
  neuralSort,
  oneHot,
  permutahedron,
  projectiveTree,
  SstError,
  setThreads,
  spanningTree,
  subset,
  type Trick,
  topK,
} from '../ts';

/** Structures with how many embeddings they have, and what of a row of utilities is a coordinate. */
const tricks: [string, Trick, number][] = [
  ['one-hot', oneHot({ categories: 6 }), 6],
  ['one-hot, Euclidean', oneHot({ categories: 6, relaxation: 'euclidean' }), 6],
  ['top k', topK({ elements: 6, k: 3 }), 20],
  ['top k, SparseMAP', topK({ elements: 6, k: 3, relaxation: 'sparsemap' }), 20],
  ['subset', subset({ elements: 5 }), 32],
  ['independent edges', independentEdges({ vertices: 3, directed: true }), 64],
  ['spanning trees', spanningTree({ vertices: 5 }), 125],
  ['spanning trees of a cycle', spanningTree({ vertices: 4, edges: [[0, 1], [1, 2], [2, 3], [3, 0]] }), 4], // biome-ignore format: edges
  ['arborescences', arborescence({ vertices: 4 }), 16],
  ['arborescences, one child', arborescence({ vertices: 4, singleRootChild: true }), 9],
  ['arborescences, SparseMAP', arborescence({ vertices: 4, relaxation: 'sparsemap' }), 16],
  ['projective trees', projectiveTree({ words: 3 }), 12],
  ['matchings', matching({ size: 4 }), 24],
  ['matchings of the shorter side', matching({ rows: 4, columns: 2, relaxation: 'sparsemap' }), 12],
  ['partial matchings', matching({ rows: 2, columns: 3, partial: true }), 13],
  ['matchings with capacities', matching({ rows: 3, columns: 3, capacities: [1, 2, 3] }), 19],
  ['labellings', linearChain({ length: 3, states: 2 }), 8],
];

/** Without a pattern, others in every row. */
function rowsOf(trick: Trick, rows: number): Float64Array {
  return Float64Array.from({ length: rows * trick.dimension }, (_, i) => 2 * Math.sin(3 * i * i + 1));
}

function refusal(call: () => unknown): SstError {
  try {
    call();
  } catch (error) {
    if (error instanceof SstError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe.each(tricks)('kBest of %s', (_name, trick, count) => {
  const { dimension } = trick;

  test('has all of them once, in order, the argmax first', () => {
    const rows = 3;
    const k = count + 2;
    const utility = rowsOf(trick, rows);
    const { structures, values } = trick.kBest(utility, { k });
    expect([structures.length, values.length]).toEqual([rows * k * dimension, rows * k]);
    for (let row = 0; row < rows; row++) {
      const own = utility.subarray(row * dimension, (row + 1) * dimension);
      const seen = new Set<string>();
      for (let rank = 0; rank < k; rank++) {
        const at = row * k + rank;
        const x = structures.slice(at * dimension, (at + 1) * dimension);
        if (rank >= count) {
          expect([values[at], x.every((cell) => cell === 0)]).toEqual([-Infinity, true]);
          continue;
        }
        seen.add(x.join());
        // An embedding is the argmax in its own direction.
        expect(trick.argmax(x.map((cell) => 2 * cell - 1))).toEqual(x);
        if (rank === 0) expect(x).toEqual(trick.argmax(own));
        else expect(values[at]).toBeLessThanOrEqual(values[at - 1]!);
        const value = x.reduce((sum, cell, i) => (cell === 1 ? sum + own[i]! : sum), 0);
        expect(Math.abs(values[at]! - value)).toBeLessThan(1e-13);
      }
      expect(seen.size).toBe(count);
    }
  });

  test('does not depend on the batch, on threads, or on where it is computed', async () => {
    const utility = rowsOf(trick, 9);
    const threads = getThreads();
    setThreads(1);
    const expected = trick.kBest(utility, { k: 4 });
    setThreads(3);
    const got = trick.kBest(utility, { k: 4 });
    setThreads(threads);
    expect(got).toEqual(expected);
    expect(await trick.kBestAsync(utility, { k: 4 })).toEqual(expected);
    const last = trick.kBest(utility.subarray(8 * dimension), { k: 4 });
    expect(last.structures).toEqual(expected.structures.slice(32 * dimension));
    expect(last.values).toEqual(expected.values.slice(32));
  });

  test('leaves rows of length 0 out', () => {
    const utility = rowsOf(trick, 2).fill(Number.NaN, 0, dimension);
    const { structures, values } = trick.kBest(utility, { k: 2, lengths: [0, trick.size] });
    const alone = trick.kBest(utility.subarray(dimension), { k: 2 });
    expect([...values]).toEqual([-Infinity, -Infinity, ...alone.values]);
    expect(structures.subarray(2 * dimension)).toEqual(alone.structures);
    expect(structures.subarray(0, 2 * dimension).every((x) => x === 0)).toBe(true);
  });

  test('never has what is forbidden', () => {
    const utility = rowsOf(trick, 1);
    const all = trick.kBest(utility, { k: count }).structures;
    // The first coordinate that another has, and the best has not.
    const banned = all.findIndex((x, at) => x === 1 && all[at % dimension] === 0) % dimension;
    const forbidden = utility.with(banned, -Infinity);
    const { structures, values } = trick.kBest(forbidden, { k: count });
    const some = values.filter((value) => value !== -Infinity).length;
    expect(some).toBeLessThan(count);
    expect(structures.slice(0, dimension)).toEqual(trick.argmax(forbidden));
    const allowed = Array.from({ length: count }, (_, rank) =>
      all.slice(rank * dimension, (rank + 1) * dimension),
    ).filter((x) => x.every((cell, i) => cell === 0 || forbidden[i] !== -Infinity));
    const flat = allowed.flatMap((x) => [...x]);
    expect([...structures.subarray(0, some * dimension)]).toEqual(flat);
    expect(some).toBe(allowed.length);
  });
});

test('a row over fewer things is the smaller problem', () => {
  const large = arborescence({ vertices: 5, root: 1 });
  const small = arborescence({ vertices: 4, root: 1 });
  const rows = rowsOf(large, 1);
  const places = Array.from({ length: 16 }, (_, i) => 5 * Math.floor(i / 4) + (i % 4));
  const { structures, values } = large.kBest(rows, { k: 9, lengths: [4] });
  const expected = small.kBest(places.map((place) => rows[place]!), { k: 9 }); // biome-ignore format: one line
  expect(values).toEqual(expected.values);
  for (let rank = 0; rank < 9; rank++) {
    const x = structures.subarray(25 * rank, 25 * rank + 25);
    expect(places.map((place) => x[place])).toEqual([
      ...expected.structures.subarray(16 * rank, 16 * rank + 16),
    ]);
    expect(x.reduce((sum, cell) => sum + cell, 0)).toBe(3);
  }
});

test('results go where the caller wants them', async () => {
  const trees = spanningTree({ vertices: 4 });
  const utility = rowsOf(trees, 2);
  const expected = trees.kBest(utility, { k: 3 });
  const out = { structures: new Float64Array(36), values: new Float64Array(6) };
  const got = trees.kBest(utility, { k: 3, out });
  expect(got.structures).toBe(out.structures);
  expect(got.values).toBe(out.values);
  expect(got).toEqual(expected);
  const later = { values: new Float32Array(6) };
  const { structures, values } = await trees.kBestAsync(utility, { k: 3, out: later });
  expect(values).toBe(later.values);
  expect([structures, values]).toEqual([expected.structures, new Float32Array(expected.values)]);
  const single = trees.kBest(new Float32Array(utility), { k: 1 });
  expect(single.structures).toBeInstanceOf(Float32Array);
  const cases: [object, RegExp][] = [
    [{ structures: new Float64Array(35) }, /^out.structures: expected/],
    [{ values: [0] }, /^out.values: expected a Float32Array or Float64Array/],
    [{ values: utility }, /^out.values: expected memory of its own/],
    [
      { values: out.values, structures: out.values },
      /^out.values: expected memory of its own|^out.structures/,
    ],
    [{ hard: out.values }, /^out: /],
  ];
  for (const [bad, message] of cases) {
    expect(refusal(() => trees.kBest(utility, { k: 3, out: bad as never })).message).toMatch(message);
  }
});

test('a signal calls it off', async () => {
  const trees = spanningTree({ vertices: 30 });
  const started = trees.kBestAsync(rowsOf(trees, 20), { k: 500, signal: AbortSignal.timeout(1) });
  await expect(started).rejects.toThrow(/timeout|aborted/);
});

test('is refused where the order is not known, and where it has no room', () => {
  const one = { k: 1 };
  const custom = customStructure({ dimension: 2, argmax: (rows) => rows.map((u) => (u > 0 ? 1 : 0)) });
  for (const trick of [
    neuralSort({ elements: 2 }),
    permutahedron({ elements: 2 }),
    correlatedTopK({ elements: 2, k: 1 }),
    topK({ elements: 2, k: 1, relaxation: 'l2x' }),
    custom,
  ]) {
    const error = refusal(() => trick.kBest(new Float64Array(trick.utilityDimension), one));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toMatch(/^trick: expected a structure whose embeddings can be told in the order/);
  }
  const error = refusal(() => subset({ elements: 7 }).kBest(new Float64Array(7), { k: 2 ** 26 }));
  expect([error.code, error.message]).toEqual([
    'INVALID_ARGUMENT',
    expect.stringMatching(/^k: expected an integer from 1 to 33554432, got 67108864$/),
  ]);
});
