import { customStructure, oneHot, spanningTree, subset, topK } from '../ts';

const relaxation = 'sparsemap';

/** That numbers are these, up to rounding. */
const expectClose = (got: Float64Array, expected: readonly number[]) => {
  expect(got).toHaveLength(expected.length);
  expect(Math.max(...expected.map((x, i) => Math.abs(got[i]! - x)))).toBeLessThanOrEqual(2e-16);
};

const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

/** The better of two, row by row. */
const bestOfTwo = (utility: Float64Array, rows: number) =>
  Array.from({ length: rows }, (_, i) => (utility[2 * i]! >= utility[2 * i + 1]! ? [1, 0] : [0, 1]));

test('worked examples', () => {
  // Sparsemax: two categories within 1 of the best share what the third does not get.
  const categories = oneHot({ categories: 3, relaxation });
  expectClose(categories.softmax([0.5, 0.25, -1]), [0.625, 0.375, 0]);
  expectClose(categories.softmaxVjp([0.5, 0.25, -1], [1, 0, 5]), [0.5, -0.5, 0]);
  expectClose(subset({ elements: 4, relaxation }).softmax([0.5, -1, 2, 0.75]), [0.5, 0, 1, 0.75]);
  expectClose(topK({ elements: 4, k: 2, relaxation }).softmax([1, 1, 1, -1]), [2 / 3, 2 / 3, 2 / 3, 0]);
  expectClose(spanningTree({ vertices: 3, relaxation }).softmax([1, 0.5, 0]), [1, 0.75, 0.25]);
});

test('the solution comes with its vertices and its gap', () => {
  const trees = spanningTree({ vertices: 3, relaxation });
  const { soft, gap, atoms } = trees.sparseMap([1, 0.5, 0, 9, 0, 0]);
  expect(soft).toEqual(trees.softmax([1, 0.5, 0, 9, 0, 0]));
  expect(Math.max(...gap)).toBeLessThanOrEqual(1e-15);
  expect(Math.min(...gap)).toBeGreaterThanOrEqual(0);
  for (const [row, weights] of [
    [0.75, 0.25],
    [0.5, 0.5],
  ].entries()) {
    expect(atoms[row]!.map(({ vertex }) => Array.from(vertex)).sort()).toEqual([
      [1, 0, 1],
      [1, 1, 0],
    ]);
    expectClose(
      Float64Array.from(atoms[row]!, ({ weight }) => weight),
      weights,
    );
  }
  expect(trees.sparseMap([1, 0.5, 0], { temperature: 0 }).atoms).toEqual([
    [{ vertex: new Float64Array([1, 1, 0]), weight: 1 }],
  ]);
});

test('rows of different lengths', () => {
  const trees = spanningTree({ vertices: 4, relaxation });
  const utility = [1, 0.5, Number.NaN, 0, Number.NaN, Number.NaN, 1, 2, 3, 4, 5, 6];
  const { soft, atoms } = trees.sparseMap(utility, { lengths: [3, 4] });
  expect(soft).toEqual(trees.softmax(utility, { lengths: [3, 4] }));
  expectClose(soft.subarray(0, 6), [1, 0.75, 0, 0.25, 0, 0]);
  expect(atoms[0]!.map(({ vertex }) => Array.from(vertex))).toEqual([
    [1, 1, 0, 0, 0, 0],
    [1, 0, 0, 1, 0, 0],
  ]);
});

test('rows that finish at different times keep their own lengths to the end', async () => {
  const trees = spanningTree({ vertices: 5, relaxation });
  const { dimension } = trees;
  // The first rows are solved at once, those behind them take several queries each, of their own lengths.
  const lengths = [2, 1, 5, 3, 4, 0, 5];
  const spread = [9, 9, 0.3, 0.2, 0.1, 9, 0.4];
  const utility = Float64Array.from({ length: lengths.length * dimension }, (_, i) => {
    const row = Math.floor(i / dimension);
    return spread[row]! * Math.sin(1.7 * i * i);
  });
  const whole = trees.sparseMap(utility, { lengths });
  expect(await trees.sparseMapAsync(utility, { lengths })).toEqual(whole);
  for (const [row, length] of lengths.entries()) {
    const cells = [row * dimension, (row + 1) * dimension] as const;
    const alone = trees.sparseMap(utility.slice(...cells), { lengths: [length] });
    expect(whole.soft.slice(...cells)).toEqual(alone.soft);
    expect(whole.atoms[row]).toEqual(alone.atoms[0]);
    expect(whole.gap[row]).toBe(alone.gap[0]);
  }
});

test('a row of length 0', () => {
  const trees = spanningTree({ vertices: 3, relaxation });
  const { soft, gap } = trees.sparseMap([1, 0.5, 0, Number.NaN, 0, 0], { lengths: [3, 0] });
  expectClose(soft, [1, 0.75, 0.25, 0, 0, 0]);
  expect(gap[1]).toBe(0);
});

test('the same while the event loop turns', async () => {
  const utility = Float64Array.from({ length: 60 }, (_, i) => 2 * Math.sin(3.1 * i * i));
  for (const trick of [
    spanningTree({ vertices: 4, relaxation }),
    topK({ elements: 5, k: 2, relaxation }),
    customStructure({ dimension: 2, argmax: (u, rows) => bestOfTwo(u, rows) }),
    spanningTree({ vertices: 1, relaxation }),
  ]) {
    const rows = trick.dimension === 0 ? [] : utility;
    const lengths = Array.from(
      rows.length === 0 ? [1] : utility.subarray(0, 60 / trick.dimension),
      () => trick.size,
    );
    for (const options of [{}, { temperature: 0.3, lengths }, { temperature: 0 }]) {
      expect(await trick.sparseMapAsync(rows, options)).toEqual(trick.sparseMap(rows, options));
    }
  }
});

test('it can be called off, and is refused as the other is', async () => {
  const trees = spanningTree({ vertices: 12, relaxation });
  const utility = Float64Array.from({ length: 660 }, (_, i) => Math.sin(3.1 * i * i));
  const early = AbortSignal.abort(new Error('before'));
  await expect(trees.sparseMapAsync(utility, { signal: early })).rejects.toThrow('before');
  const controller = new AbortController();
  const later = trees.sparseMapAsync(utility, { signal: controller.signal, temperature: 5 });
  controller.abort(new Error('meanwhile'));
  await expect(later).rejects.toThrow('meanwhile');
  await expect(trees.sparseMapAsync([1, 2])).rejects.toThrow(refused('INVALID_SHAPE', /^utility: /));
  await expect(trees.sparseMapAsync(utility, { signal: 1 } as object)).rejects.toThrow(
    refused('INVALID_ARGUMENT', /^signal: /),
  );
});

test('the empty tree, and no rows at all', () => {
  const tree = spanningTree({ vertices: 1, relaxation });
  expect(tree.softmax([])).toEqual(new Float64Array(0));
  expect(tree.sparseMap([])).toEqual({
    soft: new Float64Array(0),
    gap: new Float64Array(1),
    atoms: [[{ vertex: new Float64Array(0), weight: 1 }]],
  });
  expect(oneHot({ categories: 3, relaxation }).sparseMap([])).toEqual({
    soft: new Float64Array(0),
    gap: new Float64Array(0),
    atoms: [],
  });
});

test('arguments are checked', () => {
  const trees = spanningTree({ vertices: 3, relaxation });
  expect(() => trees.sparseMap([1, 2])).toThrow(refused('INVALID_SHAPE', /^utility: /));
  expect(() => trees.sparseMap([0, 0, 0, 1, Number.NaN, 2])).toThrow(
    refused('NOT_FINITE', /^utility: .* NaN at coordinate 1 \(batch row 1\)/),
  );
  expect(() => trees.sparseMap([0, 0, 0, -Infinity, -Infinity, 2])).toThrow(
    refused('INFEASIBLE', /^utility: .*\(batch row 1\)/),
  );
  expect(() => trees.sparseMap([0, 0, 0], { temperature: -1 })).toThrow(
    refused('INVALID_ARGUMENT', /^temperature: /),
  );
  expect(() => trees.sparseMap([0, 0, 0], { out: 1 } as object)).toThrow(
    refused('INVALID_ARGUMENT', /^options: /),
  );
});

test('the relaxation decides what methods there are', () => {
  expect('logPartition' in subset({ elements: 2, relaxation })).toBe(false);
  // @ts-expect-error SparseMAP has no log-partition function
  expect(subset({ elements: 2, relaxation }).logPartition).toBeUndefined();
  // @ts-expect-error an exponential family is no mean of few vertices
  expect(subset({ elements: 2 }).sparseMap).toBeUndefined();
});
