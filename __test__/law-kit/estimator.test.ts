import { oneHot, subset, topK } from '../../ts';
import {
  arms,
  type Estimate,
  type Estimator,
  familyScoreFunction,
  indecater,
  muProp,
  relaxed,
  scoreFunction,
  secondOrderSimple,
  simple,
  sumAndSample,
  unorderedSet,
} from '../../ts/estimators';
import { assertEstimator, checkEstimator, type EstimatorLaw, LawError } from '../../ts/laws';

const trick = topK({ elements: 4, k: 2, temperature: 0.8 });
const vertices = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
].map(
  (
    chosen, // biome-ignore format: pairs
  ) => [0, 1, 2, 3].map((i) => (chosen.includes(i) ? 1 : 0)),
);
const theta = [0.3, -0.4, 0.8, 0.1];
const options = { theta, vertices, law: 'family' } as const;

/** Probabilities of the two largest of Gumbel utilities: one after the other, in either order. */
const largestTwo = (parameters: Float64Array) => {
  const w = parameters.map(Math.exp);
  const total = w.reduce((a, b) => a + b, 0);
  return vertices.map((x) => {
    const [i, j] = [x.indexOf(1), x.lastIndexOf(1)] as [number, number];
    return (w[i]! / total) * (w[j]! / (total - w[i]!)) + (w[j]! / total) * (w[i]! / (total - w[j]!));
  });
};

test.each([
  familyScoreFunction(trick),
  familyScoreFunction(trick, { baseline: 'leave-one-out' }),
  muProp(trick),
  secondOrderSimple(trick),
  sumAndSample(trick, { k: 2, tries: 3 }),
  sumAndSample(trick, { k: 2, tries: 1, baseline: 'none' }),
] as Estimator[])('$name is unbiased for a quadratic loss', (estimator) => {
  const report = checkEstimator(estimator, options);
  expect(report.toString()).toMatch(/all 6 laws hold/);
  assertEstimator(estimator, options);
});

test('a law of the caller’s own, coins, and one category', () => {
  assertEstimator(scoreFunction(trick) as Estimator, { ...options, law: largestTwo });
  const coins = subset({ elements: 2, temperature: 1.5 });
  const sides = [[0, 0], [0, 1], [1, 0], [1, 1]]; // biome-ignore format: pairs
  for (const make of [arms, indecater]) {
    assertEstimator(make(coins) as Estimator, { theta: [0.5, -1], vertices: sides, law: 'family' });
  }
  const categories = [0, 1, 2, 3].map((k) => [0, 1, 2, 3].map((i) => Number(i === k)));
  for (const k of [2, 3]) {
    const sets = unorderedSet(oneHot({ categories: 4, temperature: 0.8 }), { k });
    assertEstimator(sets as Estimator, { theta, vertices: categories, law: 'family' });
  }
});

test('what is biased is said to be', () => {
  const cubic = (x: Float64Array, rows: number) => {
    const sums = Float64Array.from({ length: rows }, (_, r) => x[4 * r]! + 2 * x[4 * r + 1]! - x[4 * r + 2]!);
    return {
      value: sums.map((s) => s ** 3),
      gradient: x.map((_, i) => [1, 2, -1, 0][i % 4]! * 3 * sums[Math.floor(i / 4)]! ** 2),
    };
  };
  for (const [estimator, loss] of [
    [simple(trick), undefined],
    [secondOrderSimple(trick), cubic],
    // Unbiased, but for another law.
    [familyScoreFunction(trick), undefined, largestTwo],
  ] as const) {
    const law = estimator.name === 'family-score-function' ? largestTwo : 'family';
    const report = checkEstimator(estimator as Estimator, { ...options, law, loss });
    const result = report.results.find(({ law }) => law === 'unbiased')!;
    expect(result.verdict).toBe('broken');
    expect(result.sentence).toMatch(
      /^the mean gradient of coordinate \d is \S+, the truth \S+: \S+ standard/,
    );
  }
});

/** An estimator changed on purpose, with the law that says so. */
const honest = familyScoreFunction(trick);
let turn = 0;
const changed = (change: (estimate: Estimate, theta: Float64Array) => Partial<Estimate>): Estimator => ({
  ...honest,
  estimate: (at, loss, given) => {
    const estimate = honest.estimate(at, loss, given);
    return { ...estimate, ...change(estimate, at as Float64Array) };
  },
});
const wrong: [EstimatorLaw, Estimator][] = [
  ['shapes', changed(({ loss }) => ({ loss: loss.subarray(1) }))],
  ['shapes', changed(({ gradient }) => ({ gradient: gradient.map((g, i) => (i === 3 ? Number.NaN : g)) }))],
  ['seed', changed(({ gradient }) => ({ gradient: gradient.map((g) => g + ++turn) }))],
  [
    'inputs',
    changed((_, at) => {
      at[0]! += 1;
      return {};
    }),
  ],
  ['vertices', relaxed(trick)],
  ['loss', changed(({ loss }) => ({ loss: loss.map((l) => l + 0.5) }))],
  ['unbiased', changed(({ gradient }) => ({ gradient: gradient.map((g) => g / 2) }))],
];

test.each(wrong)('the law %s is broken by an estimator that is wrong in it', (law, estimator) => {
  const report = checkEstimator(estimator, options);
  expect(report.results.find((result) => result.law === law)!.verdict).toBe('broken');
  expect(() => assertEstimator(estimator, options)).toThrow(LawError);
  const without = checkEstimator(estimator, { ...options, except: [law] });
  expect(without.results.find((result) => result.law === law)!.verdict).toBe('skipped');
});

test('every law can be broken', () => {
  const names = checkEstimator(honest as Estimator, options).results.map(({ law }) => law);
  expect([...new Set(wrong.map(([law]) => law))].sort()).toEqual(names.sort());
});

test('arguments are checked', () => {
  const check = (more: object) => () => checkEstimator(honest as Estimator, { ...options, ...more });
  expect(check({ rows: 0 })).toThrow(/^rows: /);
  expect(check({ vertices: [] })).toThrow(/^vertices: /);
  expect(check({ law: 'mine' })).toThrow(/^law: /);
  expect(check({ except: ['gravity'] })).toThrow(/^except: /);
  expect(check({ tau: 1 })).toThrow(/^options: /);
  expect(() => checkEstimator({} as Estimator, options)).toThrow(/^estimator: /);
});
