import {
  arborescence,
  correlatedTopK,
  linearChain,
  oneHot,
  projectiveTree,
  spanningTree,
  subset,
  topK,
} from '../../ts';
import { type Estimator, familyScoreFunction, sumAndSample } from '../../ts/estimators';
import type { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { quadratic, wave } from './registry';
import { manyEstimates } from './statistics';

const families: [string, ExponentialFamilyTrick][] = [
  ['one of 4', oneHot({ categories: 4 })],
  ['subsets of 3', subset({ elements: 3 })],
  ['3 of 6', topK({ elements: 6, k: 3 })],
  ['trees of 4', spanningTree({ vertices: 4 })],
  ['arborescences of 4', arborescence({ vertices: 4 })],
  ['parses of 3', projectiveTree({ words: 3 })],
  ['chains of 3 x 2', linearChain({ length: 3, states: 2 })],
];

const ROWS = 5000;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, ai, i) => sum + ai * b[i]!, 0);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** All embeddings, by draws, with their probabilities, the likeliest first. */
function lawOf(trick: ExponentialFamilyTrick, theta: Float64Array, t: number) {
  const n = trick.dimension;
  const drawn = trick.familySample(theta, { seed: 8, samples: 20_000, temperature: 5 });
  const vertices = new Map<string, Float64Array>();
  for (let at = 0; at < drawn.length; at += n) {
    const x = drawn.slice(at, at + n);
    vertices.set(x.join(), x);
  }
  const weights = [...vertices.values()].map((x) => ({ x, weight: Math.exp(dot(x, theta) / t) }));
  const total = sum(weights.map(({ weight }) => weight));
  const law = weights.map(({ x, weight }) => ({ x, p: weight / total })).sort((a, b) => b.p - a.p);
  // None has been missed.
  const known = law.map(({ x }) => Math.exp(trick.logProbability(theta, x, { temperature: t })[0]!));
  expect(Math.abs(sum(known) - 1)).toBeLessThan(1e-13);
  return law;
}

describe.each(families)('%s', (_, trick) => {
  const theta = wave(trick.parameterDimension, 3);
  const n = theta.length;
  const loss = quadratic(trick.dimension);
  const copies = Float64Array.from({ length: ROWS * n }, (__, i) => theta[i % n]!);

  describe.each([0.7, 2])('temperature %d', (temperature) => {
    const law = lawOf(trick, theta, temperature);
    const mean = theta.map((__, i) => sum(law.map(({ x, p }) => p * x[i]!)));
    const expected = sum(law.map(({ x, p }) => p * loss.one(x)));
    const truth = mean.map((m, i) =>
      sum(law.map(({ x, p }) => (p * loss.one(x) * (x[i]! - m)) / temperature)),
    );

    /** Estimates of many rows, with what each drew first. */
    const estimates = (k: number, tries: number, baseline: 'best' | 'none') => {
      const estimator = sumAndSample(trick, { temperature, k, tries, baseline });
      const { gradient, loss: losses, samples } = estimator.estimate(copies, loss, { seed: 2 });
      return Array.from({ length: ROWS }, (__, row) => ({
        first: samples.slice(row * n, (row + 1) * n).join(),
        found: [...gradient.slice(row * n, (row + 1) * n), losses[row]!],
      }));
    };

    test.each([
      [1, 1, 'best'],
      [1, 3, 'none'],
      [2, 2, 'best'],
      [3, 1, 'none'],
      [3, 4, 'best'],
    ] as const)(
      'its mean over all outcomes is the truth: the best %d, %d tries, %s',
      (k, tries, baseline) => {
        const best = new Set(law.slice(0, k).map(({ x }) => x.join()));
        const c = sum(law.slice(0, k).map(({ p }) => p));
        const all = estimates(k, tries, baseline);
        const ofOthers = new Map(
          all.filter(({ first }) => !best.has(first)).map(({ first, found }) => [first, found]),
        );
        // With one try a draw of the best is one that has found no other.
        const none = estimates(k, 1, baseline).find(({ first }) => best.has(first))!.found;
        const same = (a: readonly number[], b: readonly number[]) => a.every((ai, i) => Object.is(ai, b[i]));
        const empty = all.filter(({ first, found }) => best.has(first) && same(found, none)).length;
        // What was found tells the estimate, not how many tries it took.
        const strange = all.filter(({ first, found }) => {
          if (!best.has(first)) return !same(found, ofOthers.get(first)!);
          return !same(found, none) && ![...ofOthers.values()].some((other) => same(found, other));
        });
        expect(strange).toEqual([]);
        const nothing = c ** tries;
        expect(Math.abs(empty / ROWS - nothing)).toBeLessThan(
          5 * Math.sqrt((nothing * (1 - nothing)) / ROWS),
        );
        const others = law.slice(k);
        [...truth, expected].forEach((wanted, i) => {
          const ofFound = sum(others.map(({ x, p }) => (p / (1 - c)) * ofOthers.get(x.join())![i]!));
          expect(Math.abs((1 - nothing) * ofFound + nothing * none[i]! - wanted)).toBeLessThan(1e-13);
        });
      },
    );

    test('of all embeddings it is the exact gradient, and none but embeddings are shown to the loss', () => {
      const known = new Set(law.map(({ x }) => x.join()));
      const seen = (x: Float64Array, rows: number) => {
        for (let at = 0; at < x.length; at += n) expect(known).toContain(x.slice(at, at + n).join());
        return loss(x, rows).value;
      };
      for (const k of [law.length, law.length + 3]) {
        for (const baseline of ['best', 'none'] as const) {
          const estimator = sumAndSample(trick, { temperature, k, baseline });
          const { gradient, loss: value } = estimator.estimate(theta, seen, { seed: k, samples: 2 });
          gradient.forEach((g, i) => {
            expect(Math.abs(g - truth[i]!)).toBeLessThan(1e-13);
          });
          expect(Math.abs(value[0]! - expected)).toBeLessThan(1e-13);
        }
      }
    });
  });
});

test('several draws, rows and tries are the formula', () => {
  const trick = topK({ elements: 5, k: 2 });
  const [temperature, samples, tries, k, n] = [0.8, 3, 4, 3, 5];
  const theta = wave(2 * n, 2);
  const loss = quadratic(n);
  for (let seed = 0; seed < 4; seed++) {
    const draws = trick.familySample(theta, { seed, samples: samples * tries, temperature });
    const found = sumAndSample(trick, { temperature, k, tries }).estimate(theta, loss, { seed, samples });
    const plain = familyScoreFunction(trick, { temperature }).estimate(theta, loss, { seed, samples: 1 });
    for (let row = 0; row < 2; row++) {
      const own = theta.subarray(row * n, (row + 1) * n);
      const law = lawOf(trick, own, temperature);
      const best = law.slice(0, k);
      const c = sum(best.map(({ p }) => p));
      const b = sum(best.map(({ x, p }) => (p / c) * loss.one(x)));
      const known = new Set(best.map(({ x }) => x.join()));
      const at = (draw: number) => draws.slice((row * samples * tries + draw) * n).subarray(0, n);
      const terms = best.map(({ x, p }) => ({ x, weight: p }));
      for (let s = 0; s < samples; s++) {
        expect([...found.samples.slice((row * samples + s) * n).subarray(0, n)]).toEqual([...at(s)]);
        const x = [0, 1, 2, 3].map((j) => at(s + j * samples)).find((y) => !known.has(y.join()));
        if (x !== undefined) terms.push({ x, weight: (1 - c) / (1 - c ** tries) / samples });
      }
      const wanted = b + sum(terms.map(({ x, weight }) => weight * (loss.one(x) - b)));
      expect(Math.abs(found.loss[row]! - wanted)).toBeLessThan(1e-14);
      const mean = trick.softmax(own, { temperature });
      for (let i = 0; i < n; i++) {
        const g = sum(
          terms.map(({ x, weight }) => (weight * (loss.one(x) - b) * (x[i]! - mean[i]!)) / temperature),
        );
        expect(Math.abs(found.gradient[row * n + i]! - g)).toBeLessThan(1e-13);
      }
      // Of the same seed the first draw is that of the other estimators of the family.
      expect(found.samples.slice(row * samples * n).subarray(0, n)).toEqual(
        plain.samples.subarray(row * n, (row + 1) * n),
      );
    }
  }
});

test('where the best have all of the probability, and where none has any in doubles', () => {
  const one = oneHot({ categories: 3 });
  const loss = quadratic(3);
  for (const theta of [
    [0, -20, -21],
    [0, -36, -37],
    [0, -200, -800],
  ]) {
    for (const baseline of ['best', 'none'] as const) {
      const { gradient } = sumAndSample(one, { k: 1, baseline }).estimate(theta, loss, {
        seed: 1,
        samples: 5,
      });
      const p = one.softmax(theta)[0]!;
      const wanted = baseline === 'none' ? p * (1 - p) * loss.one([1, 0, 0]) : 0;
      expect(Math.abs(gradient[0]! - wanted)).toBeLessThan(1e-16);
    }
  }
  const n = 2000;
  const coins = subset({ elements: n });
  const many = quadratic(n);
  const theta = wave(n, 1).map((u) => u / 10);
  const found = sumAndSample(coins).estimate(theta, many, { seed: 4, samples: 1 });
  const { structures: best } = coins.kBest(theta, { k: 4 });
  const logs = coins.logProbability(theta, best);
  expect(Math.exp(logs[0]!)).toBe(0);
  const share = logs.map((log) => Math.exp(log - logs[0]!));
  const b =
    sum([0, 1, 2, 3].map((i) => share[i]! * many.one(best.subarray(i * n, (i + 1) * n)))) / sum([...share]);
  const value = many.one(found.samples);
  expect(Math.abs(found.loss[0]! / value - 1)).toBeLessThan(1e-12);
  const mean = coins.softmax(theta);
  found.gradient.forEach((g, i) => {
    expect(Math.abs(g / ((value - b) * (found.samples[i]! - mean[i]!)) - 1)).toBeLessThan(1e-12);
  });
});

test('it has less variance than the score function, and less with more tries and with more that are summed', () => {
  const trick = spanningTree({ vertices: 4 });
  const theta = wave(6, 3).map((u) => 2 * u);
  const total = (estimator: Estimator) => {
    const counts = { batches: 64, rows: 200, samples: 1 };
    const { error } = manyEstimates(estimator, trick, theta, quadratic(6), counts);
    return error.reduce((all, e) => all + e * e, 0);
  };
  const totals = [
    total(familyScoreFunction(trick)),
    total(sumAndSample(trick, { tries: 1, baseline: 'none' })),
    total(sumAndSample(trick, { tries: 16, baseline: 'none' })),
    total(sumAndSample(trick, { tries: 16, k: 8, baseline: 'none' })),
  ];
  for (let i = 1; i < totals.length; i++) expect(totals[i]).toBeLessThan(0.9 * totals[i - 1]!);
});

test('with its baseline the level of the loss is of no matter, nor adds to the noise of its mean', () => {
  const trick = topK({ elements: 5, k: 2 });
  const theta = wave(15, 2);
  const loss = quadratic(5);
  const raised = (x: Float64Array, rows: number) => loss(x, rows).value.map((l) => l + 100);
  const of = (baseline: 'best' | 'none') => {
    const estimator = sumAndSample(trick, { k: 2, baseline });
    const [plain, high] = [loss, raised].map((given) =>
      estimator.estimate(theta, given, { seed: 4, samples: 2 }),
    );
    const gaps = plain!.gradient.map((g, i) => Math.abs(g - high!.gradient[i]!));
    const levels = plain!.loss.map((l, i) => Math.abs(l + 100 - high!.loss[i]!));
    return Math.max(...gaps, ...levels);
  };
  expect(of('best')).toBeLessThan(1e-12);
  expect(of('none')).toBeGreaterThan(0.1);
});

test('what it does not hold for is refused, with the reason', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
  const pairs = correlatedTopK({ elements: 4, k: 2 });
  expect(() => sumAndSample(pairs)).toThrow(
    refused(/^trick: expected a structure whose embeddings .* order/),
  );
  const euclidean = oneHot({ categories: 3, relaxation: 'euclidean' }) as ExponentialFamilyTrick;
  expect(() => sumAndSample(euclidean)).toThrow(refused(/^trick: expected one whose relaxation/));
  const trick = oneHot({ categories: 3 });
  expect(() => sumAndSample(trick, { k: 0 })).toThrow(refused(/^k: expected an integer from 1/));
  expect(() => sumAndSample(trick, { tries: 1.5 })).toThrow(refused(/^tries: expected an integer from 1/));
  expect(() => sumAndSample(trick, { baseline: 'leave-one-out' as never })).toThrow(refused(/^baseline: /));
  expect(() => sumAndSample(trick, { best: 3 } as never)).toThrow(refused(/^options: /));
});
