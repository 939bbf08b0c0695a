import { inspect } from 'node:util';
import {
  customStructure,
  oneHot,
  SstError,
  type SstErrorCode,
  spanningTree,
  subset,
  type Trick,
  topK,
} from '../../ts';
import { type QuestionName, questions } from '../../ts/trick/question';
import { expectSameBits, joined } from './inputs';
import { argumentsOf, call, callLater, type Method, pairs, wave } from './methods';

const ROWS = [0, 1, 2, 3, 4];
/** Some equal, one of them next to another. */
const temperatures = [0.7, 2, 0.7, 2 * (1 + Number.EPSILON), 30];

const tempered = pairs.filter(([, { name }]) => questions[name as QuestionName].tempered);

/** What each row is answered alone. */
function alone(method: Method, trick: Trick, each: readonly number[], more: object = {}) {
  return joined(
    ROWS.map((row) => {
      const firstRow = 'seed' in method.options ? { firstRow: row } : {};
      const options = { ...method.options, ...more, ...firstRow, temperature: each[row] };
      return call(method, trick, argumentsOf(method, trick, [row]), options) as Float64Array;
    }),
  );
}

test('all methods that have a temperature are asked', () => {
  expect(new Set(tempered.map(([, { name }]) => name)).size).toBe(10);
});

describe.each(tempered)('%s', (_, method, trick) => {
  const arrays = argumentsOf(method, trick, ROWS);

  test('a row at its temperature is the row alone at it, now and later', async () => {
    const expected = alone(method, trick, temperatures);
    for (const temperature of [temperatures, Float64Array.from(temperatures)]) {
      const options = { ...method.options, temperature };
      expectSameBits(call(method, trick, arrays, options), expected);
      expectSameBits(await callLater(method, trick, arrays, options), expected);
    }
    const singles = Float32Array.from(temperatures);
    const rounded = alone(method, trick, [...singles]);
    expectSameBits(call(method, trick, arrays, { ...method.options, temperature: singles }), rounded);
  });

  test('a row at 0 is the hard one, or refused by its number', () => {
    const cold = temperatures.map((t, row) => (row === 3 ? 0 : t));
    const run = () => call(method, trick, arrays, { ...method.options, temperature: cold });
    if (['softmax', 'softmaxVjp', 'temperatureVjp', 'familySample'].includes(method.name)) {
      expectSameBits(run(), alone(method, trick, cold));
    } else {
      expect(run).toThrow(/^temperature: expected a number > 0 for .*, got 0 \(batch row 3\)$/);
    }
  });

  test('temperatures are read once, and may change while the work runs', async () => {
    const temperature = Float64Array.from(temperatures);
    const promise = callLater(method, trick, arrays, { ...method.options, temperature });
    temperature.fill(Number.NaN);
    expectSameBits(await promise, alone(method, trick, temperatures));
  });
});

const trick = topK({ elements: 5, k: 2, temperature: 0.5 });
const u = wave(15, 0, 1);

/** Rows of a width, one by one. */
const rowsBy = (f: (row: number) => Float64Array, rows: readonly number[]) => joined(rows.map(f));

describe('beside other options', () => {
  test('rows of several lengths, of which padding has no temperature', () => {
    const lengths = [5, 3, 0];
    const temperature = [0.5, 3, Number.NaN];
    const expected = rowsBy(
      (row) =>
        row === 2
          ? new Float64Array(5)
          : trick.softmax(u.slice(5 * row, 5 * row + 5), {
              temperature: temperature[row],
              lengths: [lengths[row]!],
            }),
      [0, 1, 2],
    );
    expectSameBits(trick.softmax(u, { temperature, lengths }), expected);
    const difference = { gradient: { finiteDifference: 1e-4 }, temperature, lengths };
    expect(trick.temperatureVjp(u, u, difference)[2]).toBe(0);
  });

  test('samples of a row share its temperature', () => {
    const drawn = trick.perturb(u, { seed: 2, samples: 4 });
    const each = [0.2, 1, 5];
    const repeated = each.flatMap((t) => [t, t, t, t]);
    const expected = trick.softmax(drawn, { temperature: repeated });
    expectSameBits(trick.softmax(drawn, { temperature: each, samples: 4 }), expected);
    const slopes = trick.softmaxVjp(drawn, drawn, { temperature: repeated });
    expectSameBits(trick.softmaxVjp(drawn, drawn, { temperature: each, samples: 4 }), slopes);
  });

  test('samples of the trick, now and later, printed with their temperatures', async () => {
    const temperature = [0.2, 0, 5];
    const sample = trick.sample(u, { seed: 2, samples: 2, temperature });
    const expected = trick.softmax(sample.utility, { temperature, samples: 2 });
    expectSameBits(sample.soft, expected);
    expectSameBits(sample.soft.subarray(10, 20), sample.hard.subarray(10, 20));
    expectSameBits((await trick.sampleAsync(u, { seed: 2, samples: 2, temperature })).soft, expected);
    expect(inspect(sample)).toMatch(/^Sample of top-k, 6 rows\nrow 0, temperature 0.2: soft/);
    expect(inspect(sample)).toMatch(/row 2, temperature 0: soft/);
  });

  test('finite differences', () => {
    const temperature = [0.4, 0, 2];
    for (const gradient of [{ finiteDifference: 1e-3 }, 'exact'] as const) {
      for (const method of ['softmaxVjp', 'temperatureVjp'] as const) {
        const of = (row: number) => [u.slice(5 * row, 5 * row + 5), wave(5, row, 2)] as const;
        const each = (row: number) => trick[method](...of(row), { gradient, temperature: temperature[row] });
        const cotangent = joined([0, 1, 2].map((row) => of(row)[1]));
        expectSameBits(
          trick[method](u, cotangent, { gradient, temperature }),
          rowsBy(each as (row: number) => Float64Array, [0, 1, 2]),
        );
      }
    }
  });

  test('both gradients of a divergence', async () => {
    const other = wave(15, 2, 2);
    const weights = [1, -2, 0.5];
    const temperature = [0.4, 1, 2];
    const found = trick.divergenceVjp(u, other, weights, { temperature });
    const later = await trick.divergenceVjpAsync(u, other, weights, { temperature });
    for (const key of ['utility', 'other'] as const) {
      const expected = rowsBy(
        (row) => {
          const part = (cells: Float64Array) => cells.slice(5 * row, 5 * row + 5);
          return trick.divergenceVjp(part(u), part(other), [weights[row]!], {
            temperature: temperature[row],
          })[key];
        },
        [0, 1, 2],
      );
      expectSameBits(found[key], expected);
      expectSameBits(later[key], expected);
    }
  });

  test('SparseMAP with its atoms', async () => {
    const sparse = spanningTree({ vertices: 4, relaxation: 'sparsemap' });
    const at = wave(18, 0, 3);
    const temperature = [0.1, 0, 4];
    const solutions = [
      sparse.sparseMap(at, { temperature }),
      await sparse.sparseMapAsync(at, { temperature }),
    ];
    for (const { soft, gap, atoms } of solutions) {
      for (const row of [0, 1, 2]) {
        const expected = sparse.sparseMap(at.slice(6 * row, 6 * row + 6), { temperature: temperature[row] });
        expectSameBits(soft.slice(6 * row, 6 * row + 6), expected.soft);
        expect([gap[row], atoms[row]]).toEqual([expected.gap[0], expected.atoms[0]]);
      }
    }
  });
});

describe('a structure of one’s own', () => {
  const argmax = (at: Float64Array) => at.map((x) => (x > 0 ? 1 : 0));
  const asked: [number, number][] = [];
  const relaxation = {
    softmax: (at: Float64Array, rows: number, t: number) => {
      asked.push([rows, t]);
      return at.map((x) => 1 / (1 + Math.exp(-x / t)));
    },
    softmaxVjp: (at: Float64Array, _: number, t: number, g: Float64Array) =>
      at.map((x, i) => (g[i]! * Math.exp(-x / t)) / (1 + Math.exp(-x / t)) ** 2 / t),
    homogeneous: true,
  };
  const at = wave(10, 0, 1);
  const temperature = [0.5, 2, 0, 0.5, 0];

  test.each([
    ['its own', customStructure({ dimension: 2, argmax, relaxation })],
    ['sparsemap', customStructure({ dimension: 2, argmax })],
  ] as [string, Trick][])('is asked about the rows of each temperature, relaxation %s', async (_, own) => {
    for (const method of ['softmax', 'softmaxVjp', 'temperatureVjp'] as const) {
      const run = (cells: Float64Array, t: number | readonly number[]) =>
        method === 'softmax'
          ? own.softmax(cells, { temperature: t })
          : own[method](cells, cells, { temperature: t });
      const expected = rowsBy((row) => run(at.slice(2 * row, 2 * row + 2), temperature[row]!), ROWS);
      expectSameBits(run(at, temperature), expected);
    }
    expectSameBits(await own.softmaxAsync(at, { temperature }), own.softmax(at, { temperature }));
  });

  test('its callback is told one temperature, of rows of its own, and its faults have their rows', () => {
    asked.length = 0;
    customStructure({ dimension: 2, argmax, relaxation }).softmax(at, { temperature });
    expect(asked).toEqual([
      [2, 0.5],
      [1, 2],
    ]);
    const faulty = { softmax: (x: Float64Array, _: number, t: number) => x.map(() => (t === 2 ? NaN : 0)) };
    expect(() =>
      customStructure({ dimension: 2, argmax, relaxation: faulty }).softmax(at, { temperature }),
    ).toThrow(/^softmax: expected finite numbers, got NaN at coordinate 0 \(batch row 1\)$/);
    const unbounded = customStructure({ dimension: 2, argmax: (x) => x.map(() => 1e13), relaxation });
    expect(() => unbounded.softmax(at, { temperature })).toThrow(/^argmax: .*\(batch row 2\)$/);
  });
});

describe('what is refused', () => {
  const refusals: [string, () => unknown, SstErrorCode, RegExp][] = [
    [
      'too few',
      () => trick.softmax(u, { temperature: [1, 2] }),
      'INVALID_SHAPE',
      /^temperature: expected 3 numbers \(one for each row\), got 2$/,
    ],
    [
      'one for each of the samples',
      () => trick.softmax(u, { temperature: [1, 2, 3], samples: 3 }),
      'INVALID_SHAPE',
      /^temperature: expected 1 numbers/,
    ],
    ...[-1, Number.NaN, Infinity].map((bad): [string, () => unknown, SstErrorCode, RegExp] => [
      `${bad} of a row`,
      () => trick.softmax(u, { temperature: [1, bad, bad] }),
      'INVALID_ARGUMENT',
      /^temperature: expected a finite number >= 0, got .* \(batch row 1\)$/,
    ]),
    [
      'a string among them',
      () => trick.softmax(u, { temperature: [1, '2' as never, 1] }),
      'INVALID_ARGUMENT',
      /^temperature\[1\]: expected a number, got the string "2"$/,
    ],
    [
      'of sample',
      () => trick.sample(u, { seed: 1, temperature: [1, 2, -3] }),
      'INVALID_ARGUMENT',
      /^temperature: .* got -3 \(batch row 2\)$/,
    ],
    [
      'of a factory',
      () => subset({ elements: 2, temperature: [1] as never }),
      'INVALID_ARGUMENT',
      /^temperature: expected a finite number >= 0, got \[1\]$/,
    ],
  ];

  test.each(refusals)('%s', (_, run, code, message) => {
    let error: unknown;
    try {
      run();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(SstError);
    expect((error as SstError).code).toBe(code);
    expect((error as SstError).message).toMatch(message);
  });

  test('an output that they stand in', () => {
    const out = new Float64Array(15);
    const temperature = out.subarray(0, 3).fill(1);
    expect(() => trick.softmax(u, { temperature, out })).toThrow(
      /^out: .*overlaps an input \(temperature\)$/,
    );
    expect(() => trick.sample(u, { seed: 1, temperature, out: { soft: out } })).toThrow(
      /overlaps temperature$/,
    );
  });
});

test('empty rows are as many as there are temperatures', () => {
  const none = spanningTree({ vertices: 1 });
  expect(none.logPartition([], { temperature: [1, 2, 3] })).toEqual(new Float64Array(3));
  expect(oneHot({ categories: 2 }).softmax([], { temperature: [] })).toHaveLength(0);
});
