import { inspect } from 'node:util';
import { type CustomRelaxation, customStructure, type Trick, topK } from '../../ts';
import {
  assertStructure,
  checkStructure,
  LawError,
  type StructureLaw,
  type StructureLawOptions,
} from '../../ts/laws';

const corners = [
  [0, 0, 1],
  [0, 1, 0],
  [1, 0, 0],
  [1, 1, 1],
];
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => (b[i] === 0 ? sum : sum + x * b[i]!), 0);
const bestOf = (vertices: number[][]) => (u: ArrayLike<number>) =>
  vertices.reduce((best, x) => (dot(u, x) > dot(u, best) ? x : best));
const rowsOf = (u: Float64Array, rows: number) =>
  Array.from({ length: rows }, (_, i) => u.subarray((i * u.length) / rows, ((i + 1) * u.length) / rows));
const argmax = (u: Float64Array, rows: number) => rowsOf(u, rows).map(bestOf(corners));

/** The mean of the corners by exp(u . x / t), each entry changed as told. */
const soften =
  (change: (x: number, t: number, u: number) => number) => (u: Float64Array, rows: number, t: number) =>
    rowsOf(u, rows).map((row) => {
      const scores = corners.map((x) => dot(row, x) / t);
      const weights = scores.map((s) => Math.exp(s - Math.max(...scores)));
      const total = weights.reduce((a, b) => a + b, 0);
      return row.map((r, i) =>
        change(
          weights.reduce((sum, w, v) => sum + (w / total) * corners[v]![i]!, 0),
          t,
          Number.isFinite(r) ? r : 0,
        ),
      );
    });
const right: CustomRelaxation = { softmax: soften((x) => x) };

const structure = (more: Partial<Parameters<typeof customStructure>[0]>) =>
  customStructure({ dimension: 3, argmax, ...more }) as Trick;

test('a right structure holds all laws, with sparsemap and with a relaxation of its own', () => {
  for (const relaxation of ['sparsemap', right] as const) {
    for (const vertices of [corners, undefined]) {
      const report = checkStructure(structure({ relaxation }), { vertices });
      expect(report.toString()).toMatch(/^custom: all 11 laws hold\./);
      expect(report.holds).toBe(true);
      expect(inspect(report)).toBe(report.toString());
    }
  }
});

let turn = 0;
/** Structures that are wrong on purpose, with the law that says so, and what it says. */
const wrong: [StructureLaw, string, Trick, RegExp, StructureLawOptions?][] = [
  [
    'vertices',
    'an argmax that gives what is no vertex',
    structure({ argmax: (u, rows) => rowsOf(u, rows).map(() => [1, 1, 0]) }),
    /the argmax gives \[1, 1, 0\] \(row 0\), which is no vertex/,
    { vertices: corners },
  ],
  [
    'vertices',
    'an argmax that answers by turns',
    structure({ argmax: (u, rows) => rowsOf(u, rows).map(() => corners[++turn % 4]!) }),
    /gives two answers/,
  ],
  [
    'maximiser',
    'an argmax that is greedy',
    structure({ argmax: (u, rows) => rowsOf(u, rows).map((row) => bestOf(corners.slice(0, 3))(row)) }),
    /the argmax has U\.x = \S+, but \[1, 1, 1\] has/,
    { vertices: corners },
  ],
  [
    'batch',
    'a softmax that mixes the rows of a batch',
    structure({
      relaxation: {
        softmax: (u, rows, t) => {
          const soft = soften((x) => x)(u, rows, t);
          return soft.map((row) => row.map((x, i) => (x + soft[0]![i]!) / 2));
        },
      },
    }),
    /row 1 of a batch has another softmax than alone/,
  ],
  [
    'polytope',
    'a softmax that is too far out',
    structure({ relaxation: { softmax: soften((x) => 1.2 * x - 0.1) } }),
    /outside of the hull/,
  ],
  [
    'cold',
    'a softmax that does not get hard',
    structure({ relaxation: { softmax: soften((x) => 0.9 * x + 0.05) } }),
    /at temperature 1e-7 the softmax is 0\.05 from the argmax/,
  ],
  [
    'hot',
    'a softmax whose temperature has no effect',
    structure({ relaxation: { softmax: (u, rows) => soften((x) => x)(u, rows, 1) } }),
    /utilities still move the softmax/,
  ],
  [
    'monotone',
    'a softmax that falls with its utility',
    structure({
      relaxation: {
        softmax: (u, rows, t) =>
          soften((x) => x)(
            u.map((x) => -x),
            rows,
            t,
          ),
      },
    }),
    /the softmax goes back by/,
  ],
  [
    'symmetry',
    'a Jacobian that is not symmetric, though it is said to be',
    structure({
      relaxation: {
        softmax: right.softmax,
        softmaxVjp: (_, rows, __, g) => rowsOf(g, rows).map((row) => [row[1]!, 0, 0]),
      },
    }),
    /h\.\(J g\) is \S+, but g\.\(J h\) is/,
  ],
  [
    'gradient',
    'a gradient that is twice too large',
    structure({
      relaxation: {
        softmax: right.softmax,
        softmaxVjp: (u, rows, t, g) => {
          const exact = structure({ relaxation: right });
          return exact
            .softmaxVjp(u.slice(0, 3 * rows), g, { temperature: t, gradient: { finiteDifference: 1e-5 * t } })
            .map((x) => 2 * x);
        },
      },
    }),
    /along a direction the gradient is \S+, central differences are/,
  ],
  [
    'gradient',
    'a softmax that has another value at every step',
    structure({
      relaxation: { softmax: (u, rows, t) => soften((x) => x + 1e-2 * (++turn % 11))(u, rows, t) },
    }),
    /have a derivative/,
  ],
  [
    'ties',
    'a softmax that is no number where utilities are equal',
    structure({
      relaxation: {
        softmax: (u, rows, t) =>
          rowsOf(u, rows).flatMap((row) => {
            if (row.every((x) => x === row[0])) return [Number.NaN, 0, 0];
            return Array.from(soften((x) => x)(row, 1, t)[0]!);
          }),
      },
    }),
    /softmax: expected finite numbers, got NaN/,
  ],
  [
    'masks',
    'an argmax that knows no forbidden coordinates',
    structure({
      argmax: (u, rows) =>
        argmax(
          u.map((x) => (x === -Infinity ? 0 : x)),
          rows,
        ),
    }),
    /vertices without coordinate \d exist, but where it is forbidden: /,
  ],
];

test.each(wrong.map(([law, what, trick, says, options = {}]) => [law, what, trick, says, options] as const))(
  'the law %s is broken by %s',
  (law, _, trick, says, options) => {
    const report = checkStructure(trick, options);
    const result = report.results.find((result) => result.law === law)!;
    expect(result.sentence).toMatch(says);
    expect(result.verdict).toBe('broken');
    expect(report.holds).toBe(false);
    expect(() => assertStructure(trick, options)).toThrow(LawError);
    // Left out, it is not asked.
    const without = checkStructure(trick, { ...options, except: [law] });
    expect(without.results.find((result) => result.law === law)!.verdict).toBe('skipped');
  },
);

test('every law can be broken', () => {
  const names = checkStructure(structure({})).results.map(({ law }) => law);
  expect([...new Set(wrong.map(([law]) => law))].sort()).toEqual(names.sort());
});

test('a relaxation of the library that leaves the polytope is found out', () => {
  const report = checkStructure(topK({ elements: 3, k: 2, relaxation: 'softsub' }));
  const broken = report.results.filter(({ verdict }) => verdict === 'broken').map(({ law }) => law);
  expect(broken).toContain('polytope');
});

test('an argmax that throws is reported as it is', () => {
  const broken = structure({
    argmax: () => {
      throw new Error('no path');
    },
  });
  expect(checkStructure(broken).toString()).toBe('custom: 1 of 1 laws broken.\n  BROKEN  argmax: no path');
});

test('arguments are checked', () => {
  const trick = topK({ elements: 3, k: 1 });
  expect(() => checkStructure({} as Trick)).toThrow(/^trick: /);
  expect(() => checkStructure(trick, { rows: 0 })).toThrow(/^rows: /);
  expect(() => checkStructure(trick, { temperature: 0 })).toThrow(/^temperature: /);
  expect(() => checkStructure(trick, { except: ['gravity' as StructureLaw] })).toThrow(/^except: /);
  expect(() => checkStructure(trick, { vertices: [[1, 0]] })).toThrow(/^vertices\[0\]: expected 3 numbers/);
  expect(() => checkStructure(trick, { law: 1 } as object)).toThrow(/^options: /);
});
