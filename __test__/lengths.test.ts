import { SstError, spanningTree, topK } from '../ts';

const noise = [Number.NaN, Infinity, -Infinity, 1e308];

test('a short row is the smaller problem, whatever stands in the padding', () => {
  const long = topK({ elements: 5, k: 2, temperature: 0.5 });
  const short = topK({ elements: 3, k: 2, temperature: 0.5 });
  const rows = [
    [1.2, -0.3, 0.5],
    [0.1, -1, 2],
  ];
  for (const filler of noise) {
    const padded = rows.flatMap((row) => [...row, filler, filler]);
    const lengths = [3, 3];
    expect(long.softmax(padded, { lengths })).toEqual(
      Float64Array.from(rows.flatMap((row) => [...short.softmax(row), 0, 0])),
    );
    expect(long.argmax(padded, { lengths })).toEqual(
      Float64Array.from(rows.flatMap((row) => [...short.argmax(row), 0, 0])),
    );
    expect(long.logPartition(padded, { lengths })).toEqual(
      Float64Array.from(rows.flatMap((row) => [...short.logPartition(row)])),
    );
    for (const gradient of ['exact', { finiteDifference: 1e-4 }] as const) {
      expect(long.softmaxVjp(padded, padded, { lengths, gradient })).toEqual(
        Float64Array.from(rows.flatMap((row) => [...short.softmaxVjp(row, row, { gradient }), 0, 0])),
      );
    }
  }
});

test('the coordinates of a shorter tree keep their places among the pairs', () => {
  const trees = spanningTree({ vertices: 4 });
  // Pairs 01 02 03 12 13 23: of three vertices 01 02 12.
  const utility = [0.5, 1, Number.NaN, 0.3, Number.NaN, Number.NaN];
  const soft = trees.softmax(utility, { lengths: [3] });
  const [a, b, c] = spanningTree({ vertices: 3 }).softmax([0.5, 1, 0.3]);
  expect(Array.from(soft)).toEqual([a, b, 0, c, 0, 0]);
});

test('samples of a row share its length', () => {
  const trick = topK({ elements: 4, k: 1 });
  const drawn = trick.sample([0, 0, 0, 0, 0, 0, 0, 0], { seed: 1, samples: 3, lengths: [2, 3] });
  for (let draw = 0; draw < 6; draw++) {
    const beyond = drawn.soft.subarray(draw * 4 + (draw < 3 ? 2 : 3), draw * 4 + 4);
    expect(beyond.every((x) => x === 0)).toBe(true);
    expect(drawn.soft.subarray(draw * 4, draw * 4 + 4).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 14);
  }
});

test.each<[string, unknown, string, RegExp]>([
  ['too few', [3], 'INVALID_SHAPE', /^lengths: expected 2 numbers \(one for each row\), got 1/],
  [
    'below k',
    [3, 1],
    'INVALID_ARGUMENT',
    /^lengths: expected integers from 2 to 5 or 0, got 1 \(batch row 1\)/,
  ],
  ['beyond the elements', [6, 3], 'INVALID_ARGUMENT', /^lengths: .* from 2 to 5 or 0, got 6 \(batch row 0\)/],
  ['a fraction', [3, 2.5], 'INVALID_ARGUMENT', /^lengths\[1\]: expected a whole number, got 2.5/],
  ['negative', [3, -1], 'INVALID_ARGUMENT', /^lengths\[1\]: expected a whole number, got -1/],
  ['a string', '33', 'INVALID_ARGUMENT', /^lengths: expected a number\[\], Int32Array or Uint32Array/],
  ['floats', new Float64Array([3, 3]), 'INVALID_ARGUMENT', /^lengths: expected/],
  ['shared memory', new Uint32Array(new SharedArrayBuffer(8)), 'INVALID_ARGUMENT', /^lengths: expected/],
])('lengths that are %s are refused', (_, lengths, code, message) => {
  const trick = topK({ elements: 5, k: 2 });
  const utility = new Float64Array(10);
  const options = { lengths: lengths as number[] };
  for (const call of [
    () => trick.argmax(utility, options),
    () => trick.softmax(utility, options),
    () => trick.softmaxVjp(utility, utility, options),
    () => trick.logPartition(utility, options),
  ]) {
    expect(call).toThrow(SstError);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code }));
  }
});

test('a bad number inside a short row is named by its place in the long one', () => {
  const utility = [1, 2, 3, Number.NaN, 0, 1, Number.NaN, 3, 0, 0];
  expect(() => topK({ elements: 5, k: 2 }).softmax(utility, { lengths: [3, 3] })).toThrow(
    'utility: expected finite numbers or -Infinity, got NaN at coordinate 1 (batch row 1)',
  );
});
