import { customStructure, type Rows, type SstError, subset } from '../../ts';

const refusal = (call: () => unknown): Pick<SstError, 'code' | 'message'> => {
  try {
    call();
  } catch (error) {
    const { code, message } = error as SstError;
    return { code, message };
  }
  throw new Error('nothing was thrown');
};

/** A structure over pairs whose argmax returns this, whatever it should. */
const returning = (value: unknown) => customStructure({ dimension: 2, argmax: () => value as Rows });

describe('what a callback returns is checked', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'argmax: expected a number[], Float32Array or Float64Array, got undefined'],
    [
      'a promise',
      Promise.resolve([1, 0]),
      'argmax: expected a number[], Float32Array or Float64Array, got an object (Promise)',
    ],
    ['too few numbers', [1, 0, 1], 'argmax: expected 4 numbers (2 rows of 2), got 3'],
    ['too many numbers', new Float64Array(6), 'argmax: expected 4 numbers (2 rows of 2), got 6'],
    ['too few rows', [[1, 0]], 'argmax: expected 2 rows, got 1'],
    ['a short row', [[1, 0], [1]], 'argmax: expected rows of 2 numbers, got 1 (batch row 1)'],
    [
      'a row of strings',
      [
        [1, 0],
        ['1', '0'],
      ],
      'argmax[1][0]: expected a number, got the string "1"',
    ],
    [
      'a hole among rows',
      [[1, 0], undefined],
      'argmax[1]: expected a number[], Float32Array or Float64Array, got undefined',
    ],
    [
      'a NaN',
      [1, 0, 0, Number.NaN],
      'argmax: expected finite numbers, got NaN at coordinate 1 (batch row 1)',
    ],
    [
      'an infinity',
      [
        [1, 0],
        [Infinity, 0],
      ],
      'argmax: expected finite numbers, got Infinity at coordinate 0 (batch row 1)',
    ],
    [
      'a huge number',
      [
        [1, 0],
        [1e13, 0],
      ],
      'argmax: expected numbers of magnitude at most 1e12, got 10000000000000 at coordinate 0 (batch row 1)',
    ],
  ])('%s', (_, value, message) => {
    const trick = returning(value);
    const utility = [1, 2, 3, 4];
    for (const call of [
      () => trick.argmax(utility),
      () => trick.softmax(utility),
      () => trick.softmaxVjp(utility, utility),
      () => trick.sparseMap(utility),
    ]) {
      expect(refusal(call)).toEqual({ code: 'INVALID_ARGUMENT', message });
    }
  });

  test('the row named is that of the batch, though others have finished', () => {
    let calls = 0;
    const trick = customStructure({
      dimension: 2,
      argmax: (utility, rows) =>
        ++calls < 3
          ? Array.from({ length: rows }, (_, i) => (utility[2 * i]! >= utility[2 * i + 1]! ? [1, 0] : [0, 1]))
          : [NaN, 0],
    });
    // The first row is hard; the second is a mean, and is asked for longer.
    expect(refusal(() => trick.softmax([9, 0, 0.25, 0])).message).toMatch(
      /got NaN at coordinate 0 \(batch row 1\)/,
    );
  });

  test('a vertex that is worse than an earlier one', () => {
    let calls = 0;
    const trick = customStructure({ dimension: 2, argmax: () => (++calls === 1 ? [1, 0] : [0, 1]) });
    expect(refusal(() => trick.softmax([5, 0]))).toEqual({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        /^argmax: expected a vertex that maximises the utility, .* \(batch row 0\)$/,
      ),
    });
  });

  test('arguments are checked as of any trick', () => {
    const trick = returning([1, 0]);
    expect(refusal(() => trick.softmax([1, 2, 3])).code).toBe('INVALID_SHAPE');
    expect(refusal(() => trick.softmax([NaN, 0])).message).toBe(
      'utility: expected finite numbers or -Infinity, got NaN at coordinate 0 (batch row 0)',
    );
    for (const temperature of [0, 1]) {
      expect(refusal(() => trick.softmaxVjp([1, 0], [0, NaN], { temperature })).message).toBe(
        'cotangent: expected finite numbers, got NaN at coordinate 1 (batch row 0)',
      );
    }
    expect(refusal(() => trick.softmax([1, 0], { lengths: [1] })).message).toMatch(
      /^lengths: expected integers from 2 to 2, got 1 \(batch row 0\)/,
    );
    const shared = new Float64Array([1, 0]);
    expect(refusal(() => trick.softmax(shared, { out: shared })).message).toMatch(
      /^out: expected memory of its own/,
    );
  });
});

test('what a callback throws comes out as it is', () => {
  const thrown = Object.assign(new TypeError('mine'), { code: 'INVALID_SHAPE' });
  const trick = customStructure({
    dimension: 2,
    argmax: () => {
      throw thrown;
    },
  });
  const theirs = [undefined, 'a string', { message: 'no error' }];
  for (const call of [
    () => trick.argmax([1, 2]),
    () => trick.softmax([1, 2]),
    () => trick.softmaxVjp([1, 2], [1, 2]),
    () => trick.sample([1, 2], { seed: 1 }),
    () => trick.sparseMap([1, 2]),
  ]) {
    let caught: unknown;
    try {
      call();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(thrown);
  }
  for (const value of theirs) {
    const other = customStructure({
      dimension: 1,
      argmax: () => {
        throw value;
      },
    });
    let caught: unknown = 'nothing';
    try {
      other.argmax([1]);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(value);
  }
});

test('after an error the trick works on', () => {
  let broken = true;
  const trick = customStructure({
    dimension: 2,
    argmax(utility) {
      if (broken) throw new Error('not now');
      return subset({ elements: 2 }).argmax(utility);
    },
  });
  expect(() => trick.softmax([0.5, -1])).toThrow('not now');
  broken = false;
  expect(trick.softmax([0.5, -1])).toEqual(new Float64Array([0.5, 0]));
});

describe('a relaxation of one’s own', () => {
  const coins = subset({ elements: 3, temperature: 0.5 });
  const argmax = (utility: Float64Array) => coins.argmax(utility);
  const softmax = (utility: Float64Array, _rows: number, temperature: number) =>
    coins.softmax(utility, { temperature });
  const softmaxVjp = (utility: Float64Array, _: number, temperature: number, cotangent: Float64Array) =>
    coins.softmaxVjp(utility, cotangent, { temperature });
  const [utility, cotangent] = [
    [1, -2, 0.5, 0, 3, -0.5],
    [1, 2, 3, -1, 0, 1],
  ];

  test('is used at every temperature but 0, where the argmax is', () => {
    const trick = customStructure({ dimension: 3, argmax, relaxation: { softmax }, temperature: 0.5 });
    expect(trick.softmax(utility)).toEqual(coins.softmax(utility));
    expect(trick.softmax(utility, { temperature: 0 })).toEqual(coins.argmax(utility));
    expect(trick.softmax([])).toEqual(new Float64Array(0));
  });

  test('with its own product has exact gradients, without it differences', () => {
    const options = { dimension: 3, argmax, temperature: 0.5 };
    const exact = customStructure({ ...options, relaxation: { softmax, softmaxVjp } });
    expect(exact.softmaxVjp(utility, cotangent)).toEqual(coins.softmaxVjp(utility, cotangent));
    const differences = customStructure({ ...options, relaxation: { softmax } });
    const gradient = { finiteDifference: 1e-5 };
    expect(differences.softmaxVjp(utility, cotangent, { gradient })).toEqual(
      coins.softmaxVjp(utility, cotangent, { gradient }),
    );
    expect(refusal(() => differences.softmaxVjp(utility, cotangent))).toEqual({
      code: 'INVALID_ARGUMENT',
      message:
        'gradient: expected { finiteDifference: epsilon }, since this relaxation has no softmaxVjp, got the string "exact"',
    });
    expect(differences.softmaxVjp(utility, cotangent, { temperature: 0 })).toEqual(new Float64Array(6));
  });

  test('may write to all that it is given, and keep it', () => {
    const kept: Float64Array[] = [];
    const careless = <F extends (...args: never[]) => Float64Array>(callback: F) =>
      ((...args: (Float64Array | number)[]) => {
        const result = callback(...(args as Parameters<F>));
        for (const array of args) {
          if (typeof array === 'number') continue;
          kept.push(array);
          array.fill(Number.NaN);
        }
        return result;
      }) as unknown as F;
    const own = { softmax: careless(softmax), softmaxVjp: careless(softmaxVjp) };
    const options = { dimension: 3, argmax: careless(argmax), temperature: 0.5 };
    const [plain, relaxed] = [customStructure(options), customStructure({ ...options, relaxation: own })];
    const [u, g] = [Float64Array.from(utility), Float64Array.from(cotangent)];
    const bare = customStructure({ dimension: 3, argmax, temperature: 0.5 });
    const lengths = Uint32Array.of(3, 3);
    for (const row of [{}, { lengths }]) {
      expect(relaxed.softmax(u, row)).toEqual(coins.softmax(utility));
      expect(relaxed.softmaxVjp(u, g, row)).toEqual(coins.softmaxVjp(utility, cotangent));
      expect(plain.argmax(u, row)).toEqual(bare.argmax(utility));
      expect(plain.softmax(u, row)).toEqual(bare.softmax(utility));
      expect(plain.softmaxVjp(u, g, row)).toEqual(bare.softmaxVjp(utility, cotangent));
      expect(plain.sparseMap(u, row)).toEqual(bare.sparseMap(utility));
    }
    expect([...u, ...g]).toEqual([...utility, ...cotangent]);
    // Each call had memory of its own.
    kept.forEach((array, i) => {
      array.fill(i);
    });
    expect(kept.every((array, i) => array.every((x) => x === i))).toBe(true);
  });

  test('may change the cotangent and the utility of the call that it answers', () => {
    const [u, g] = [Float64Array.from(utility), Float64Array.from(cotangent)];
    const bare = customStructure({ dimension: 3, argmax, temperature: 0.5 });
    const treacherous = customStructure({
      dimension: 3,
      temperature: 0.5,
      argmax: (queries) => {
        u.fill(Number.NaN);
        g.fill(Number.NaN);
        return argmax(queries);
      },
    });
    expect(treacherous.softmaxVjp(u, g)).toEqual(bare.softmaxVjp(utility, cotangent));
  });

  test('that is not symmetric has no differences', () => {
    const relaxation = { softmax, softmaxVjp, symmetric: false };
    const trick = customStructure({ dimension: 3, argmax, relaxation });
    expect(
      refusal(() => trick.softmaxVjp(utility, cotangent, { gradient: { finiteDifference: 1e-3 } })),
    ).toEqual({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/its Jacobian is not symmetric/),
    });
    expect(trick.softmaxVjp(utility, cotangent, { temperature: 0.5 })).toEqual(
      coins.softmaxVjp(utility, cotangent),
    );
  });

  test('is checked too', () => {
    const bad = { softmax: () => [1, 2, NaN], softmaxVjp: () => [1] };
    const trick = customStructure({ dimension: 3, argmax, relaxation: bad });
    expect(refusal(() => trick.softmax([1, 2, 3])).message).toBe(
      'softmax: expected finite numbers, got NaN at coordinate 2 (batch row 0)',
    );
    expect(refusal(() => trick.softmaxVjp([1, 2, 3], [1, 2, 3])).message).toBe(
      'softmaxVjp: expected 3 numbers (1 rows of 3), got 1',
    );
  });
});

test.each<[string, unknown]>([
  ['options', null],
  ['options', { dimension: 2, argmax: () => [], k: 3 }],
  ['dimension', { argmax: () => [] }],
  ['dimension', { dimension: 0, argmax: () => [] }],
  ['argmax', { dimension: 2 }],
  ['argmax', { dimension: 2, argmax: [1, 0] }],
  ['name', { dimension: 2, argmax: () => [], name: '' }],
  ['draw', { dimension: 2, argmax: () => [], draw: 'row' }],
  ['temperature', { dimension: 2, argmax: () => [], temperature: -1 }],
  ['utility', { dimension: 2, argmax: () => [], utility: 'gumbel' }],
  ['relaxation', { dimension: 2, argmax: () => [], relaxation: 'euclidean' }],
  ['relaxation', { dimension: 2, argmax: () => [], relaxation: { softmaxVJP: () => [] } }],
  ['relaxation.softmax', { dimension: 2, argmax: () => [], relaxation: {} }],
  [
    'relaxation.softmaxVjp',
    { dimension: 2, argmax: () => [], relaxation: { softmax: () => [], softmaxVjp: 1 } },
  ],
  [
    'relaxation.symmetric',
    { dimension: 2, argmax: () => [], relaxation: { softmax: () => [], symmetric: 1 } },
  ],
])('a bad option %s is refused', (name, options) => {
  const { code, message } = refusal(() => customStructure(options as Parameters<typeof customStructure>[0]));
  expect(code).toBe('INVALID_ARGUMENT');
  expect(message.startsWith(`${name}: expected `)).toBe(true);
});
