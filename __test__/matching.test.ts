import { type ExponentialFamilyTrick, matching, oneHot, SstError } from '../ts';

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

describe('the exponential family', () => {
  const relaxation = 'exponential-family';
  const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

  test('permanents count matchings', () => {
    const count = (trick: ExponentialFamilyTrick, utility: number[]) =>
      Math.exp(trick.logPartition(utility)[0]);
    const n = 8;
    const hollow = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? -Infinity : 0));
    expect(count(matching({ size: n, relaxation }), hollow)).toBeCloseTo(14833, 8);
    // 3 rows with 3 of 5 columns, and with up to 3 of 4.
    expect(count(matching({ rows: 3, columns: 5, relaxation }), Array(15).fill(0))).toBeCloseTo(60, 10);
    const partial = matching({ rows: 4, columns: 3, partial: true, relaxation });
    expect(count(partial, Array(12).fill(0))).toBeCloseTo(73, 10);
  });

  test('one row is one category; that may stay alone, one of them at utility 0', () => {
    const theta = [0.3, -1, 2, 0.5];
    const row = matching({ rows: 1, columns: 4, relaxation });
    expect(farthest(row.softmax(theta), oneHot({ categories: 4 }).softmax(theta))).toBeLessThan(1e-15);
    const lone = matching({ rows: 4, columns: 1, partial: true, relaxation });
    const five = oneHot({ categories: 5 }).softmax([...theta, 0]);
    expect(farthest(lone.softmax(theta), five)).toBeLessThan(1e-15);
  });

  test('rows and columns sum to what they shall, and draws are matchings', () => {
    const trick = matching({ size: 5, relaxation, temperature: 0.4 });
    const theta = trick.perturb(new Float64Array(50), { seed: 3 });
    const marginalErrors = (x: Float64Array) => matching({ size: 5 }).marginalErrors(x);
    expect(marginalErrors(trick.softmax(theta)).every((error) => error < 1e-14)).toBe(true);
    const drawn = trick.familySample(theta, { seed: 4, samples: 20 });
    expect(marginalErrors(drawn).every((error) => error === 0)).toBe(true);
    const logs = trick.logProbability(theta.subarray(0, 25), drawn.subarray(0, 500));
    expect(logs.every((log) => log < 0)).toBe(true);
  });

  test('Sinkhorn has no law; 20 is not too many', () => {
    expect('logPartition' in matching({ size: 2 })).toBe(false);
    expect(() => matching({ size: 20, relaxation })).not.toThrow();
  });
});
