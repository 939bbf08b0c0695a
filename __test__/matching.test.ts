import { matching, oneHot, SstError } from '../ts';

const matchings = matching({ size: 2 });

test('errors of rows and of columns, whichever is larger', () => {
  const batch = [
    [1, 0, 0, 1],
    [1, 0, 1, 0],
    [1, 1, 0, 0],
    [0.5, 0.5, 0.25, 0.5],
  ];
  expect([...matchings.marginalErrors(batch.flat())]).toEqual([0, 1, 1, 0.25]);
  const single = matchings.marginalErrors(Float32Array.from(batch.flat()));
  expect(single).toEqual(Float32Array.of(0, 1, 1, 0.25));
});

test('out receives them, and shares memory with no input', () => {
  const memory = new Float64Array([1, 0, 1, 0, 7]);
  const soft = memory.subarray(0, 4);
  for (const out of [memory.subarray(0, 1), memory.subarray(3, 4), new Float32Array(memory.buffer, 28, 1)]) {
    expect(() => matchings.marginalErrors(soft, { out })).toThrow(/^out: .*overlaps an input \(soft\)/);
  }
  expect(() => matchings.marginalErrors(soft, { out: new Float64Array(2) })).toThrow(SstError);
  const out = memory.subarray(4);
  expect(matchings.marginalErrors(soft, { out })).toBe(out);
  expect([...memory]).toEqual([1, 0, 1, 0, 1]);
});

describe('sides of unequal lengths', () => {
  const utility = [1, 5, 2, 4, 6, 1];

  test('all of the shorter side are matched', () => {
    expect([...matching({ rows: 2, columns: 3 }).argmax(utility)]).toEqual([0, 1, 0, 1, 0, 0]);
    expect([...matching({ rows: 3, columns: 2 }).argmax(utility)]).toEqual([0, 1, 0, 0, 1, 0]);
  });

  test('what may stay alone does so at utility 0', () => {
    const partial = matching({ rows: 2, columns: 3, partial: true });
    expect([...partial.argmax([-1, -2, 3, -1, 0.5, 4])]).toEqual([0, 0, 0, 0, 0, 1]);
    expect([...partial.argmax([-1, -2, 3, -1, 2, 2])]).toEqual([0, 0, 1, 0, 1, 0]);
    expect([...partial.argmax(new Float64Array(6).fill(-1))]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('columns have as many rows as they have capacity', () => {
    const capacities = matching({ rows: 3, columns: 2, capacities: [2, 1] });
    expect([...capacities.argmax([3, 0, 2, 1, 9, 1])]).toEqual([1, 0, 0, 1, 1, 0]);
    expect([...capacities.argmax([3, 0, 9, 1, 2, 2])]).toEqual([1, 0, 1, 0, 0, 1]);
    const roomy = matching({ rows: 3, columns: 2, capacities: Uint32Array.of(7, 7) });
    expect([...roomy.argmax([3, 0, 2, 1, 9, 10])]).toEqual([1, 0, 1, 0, 0, 1]);
  });

  test('one row of several columns is one choice with the binary entropy', () => {
    const theta = [0.3, -1, 2, 0.5];
    const choice = oneHot({ categories: 4, relaxation: 'binary-entropy', temperature: 0.7 });
    const row = matching({ rows: 1, columns: 4, temperature: 0.7 });
    const [soft, expected] = [row.softmax(theta), choice.softmax(theta)];
    expect(Math.max(...soft.map((x, i) => Math.abs(x - expected[i])))).toBeLessThan(1e-14);
    const cotangent = [1, -2, 0.5, 3];
    const [gradient, known] = [row.softmaxVjp(theta, cotangent), choice.softmaxVjp(theta, cotangent)];
    expect(Math.max(...gradient.map((x, i) => Math.abs(x - known[i])))).toBeLessThan(1e-13);
  });

  test('sums above what they may be are errors, sums below where something may stay alone are not', () => {
    const partial = matching({ rows: 2, columns: 2, partial: true });
    expect([...partial.marginalErrors([0.5, 0, 0, 0, 0.75, 0.75, 0, 0])]).toEqual([0, 0.5]);
    const wide = matching({ rows: 1, columns: 3 });
    expect([...wide.marginalErrors([0.5, 0.25, 0, 1, 0, 0])]).toEqual([0.25, 0]);
    const two = matching({ rows: 2, columns: 1, capacities: [2] });
    expect([...two.marginalErrors([1, 1, 1, 0.5])]).toEqual([0, 0.5]);
  });

  test('too few places are told by their names', () => {
    const forbidden = -Infinity;
    const tall = matching({ rows: 3, columns: 2 });
    const wide = matching({ rows: 2, columns: 3 });
    const places = matching({ rows: 3, columns: 2, capacities: [2, 1] });
    const none = [forbidden, 1, forbidden, 1, forbidden, 1];
    expect(() => tall.argmax(none)).toThrow(/matching of every column .* column 0 has no more than 0 rows/);
    expect(() => wide.argmax([forbidden, 1, forbidden, forbidden, 2, forbidden])).toThrow(
      /matching of every row .* rows 0, 1 together have no more than 1 column of such cells/,
    );
    expect(() => places.argmax(none)).toThrow(/rows 0, 1 together have no more than 1 place of such cells/);
  });

  test('a matrix of unequal sides is drawn as one', () => {
    expect(matching({ rows: 2, columns: 3 }).draw([0, 1, 0, 1, 0, 0])).toBe(
      ['       0    1    2', '  0    ·    █    ·', '  1    █    ·    ·'].join('\n'),
    );
  });
});
