import {
  binaryTree,
  correlatedTopK,
  type ExponentialFamilyTrick,
  linearChain,
  oneHot,
  spanningTree,
  subset,
  topK,
} from '../../ts';
import { expectSameBits, joined, law, type Question, rowsOf } from './inputs';

/** A law of exponential families, at positive temperatures that utilities do not dwarf. */
function familyLaw(
  statement: string,
  holds: (question: Question & { family: ExponentialFamilyTrick }) => void,
): void {
  law(statement, (question) => {
    const { family, utility } = question;
    if (family === undefined || family.dimension === 0) return;
    const largest = utility.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);
    holds({ ...question, family, temperature: Math.max(question.temperature, 1e-2, largest * 1e-2) });
  });
}

const dot = (a: ArrayLike<number>, b: Float64Array) =>
  b.reduce((sum, x, i) => (x === 0 ? sum : sum + a[i] * x), 0);

/** Expects a gradient of a function of many numbers to be that of its central differences. */
function expectGradient(
  f: (at: Float64Array) => number,
  at: Float64Array,
  gradient: Float64Array,
  step: number,
  tolerance: number,
): void {
  for (let i = 0; i < at.length; i++) {
    const moved = (h: number) => f(at.map((x, j) => (i === j ? x + h : x)));
    if (at[i] === Number.NEGATIVE_INFINITY) expect(gradient[i]).toBe(0);
    else expect(Math.abs(gradient[i] - (moved(step) - moved(-step)) / (2 * step))).toBeLessThan(tolerance);
  }
}

familyLaw('draws of the family are embeddings, and a batch in parts is the batch', (question) => {
  const { family, utility, temperature, rows, seed } = question;
  const n = family.dimension;
  const options = { seed, samples: 3, temperature };
  const drawn = family.familySample(utility, { ...options, firstRow: 5 });
  expect(drawn).toHaveLength(rows * 3 * n);
  expectSameBits(family.argmax(drawn.map((x) => 2 * x - 1)), drawn);
  const parts = rowsOf(utility, n).map((row, index) =>
    family.familySample(row, { ...options, firstRow: 5 + index }),
  );
  expectSameBits(joined(parts), drawn);
  const one = family.familySample(utility, { seed, temperature, firstRow: 5 });
  for (let row = 0; row < rows; row++) {
    expectSameBits(drawn.slice(3 * row * n, (3 * row + 1) * n), one.slice(row * n, (row + 1) * n));
  }
  expectSameBits(family.familySample(utility, { seed, temperature: 0 }), family.argmax(utility));
  expect(family.familySample(Float32Array.from(utility), { seed, temperature })).toBeInstanceOf(Float32Array);
});

familyLaw('entropy and log-probability are those of the log-partition function', (question) => {
  const { family, utility, temperature, rows, seed } = question;
  const n = family.dimension;
  const mean = family.softmax(utility, { temperature });
  const log = family.logPartition(utility, { temperature });
  const entropy = family.entropy(utility, { temperature });
  const x = family.familySample(utility, { seed, samples: 2, temperature });
  const logs = family.logProbability(utility, x, { temperature });
  expect(logs).toHaveLength(2 * rows);
  for (let row = 0; row < rows; row++) {
    const cells = (array: Float64Array, at = row) => array.subarray(at * n, (at + 1) * n);
    // The other way round large numbers cancel: up to 100 each.
    const expected = log[row] - dot(cells(utility), cells(mean)) / temperature;
    expect(Math.abs(entropy[row] - expected)).toBeLessThan(1e-11);
    for (const draw of [2 * row, 2 * row + 1]) {
      const probability = dot(cells(utility), cells(x, draw)) / temperature - log[row];
      expect(Math.abs(logs[draw] - probability)).toBeLessThan(1e-11);
    }
  }
});

familyLaw('their products are the derivatives', (question) => {
  const { family, utility, temperature: t, seed } = question;
  const options = { temperature: t };
  const u = utility.slice(0, family.dimension);
  const v = u.map((x, i) => x + t * Math.cos(3 * i));
  const x = family.familySample(u, { seed, samples: 2, temperature: t });
  // Truncation (h/t)^2 of third derivatives over t, rounding 1e-13 t/h over t, for numbers below a hundred.
  const check = (f: (at: Float64Array) => number, at: Float64Array, gradient: Float64Array) =>
    expectGradient(f, at, gradient, 1e-4 * t, 2e-5 / t);
  check((at) => family.entropy(at, options)[0], u, family.entropyVjp(u, [1], options));
  const c = [0.7, -0.4];
  const logs = (at: Float64Array) =>
    family.logProbability(at, x, options).reduce((sum, log, draw) => sum + c[draw] * log, 0);
  check(logs, u, family.logProbabilityVjp(u, x, c, options));
  const gradient = family.divergenceVjp(u, v, [0.5], options);
  check((at) => 0.5 * family.divergence(at, v, options)[0], u, gradient.utility);
  check((at) => 0.5 * family.divergence(u, at, options)[0], v, gradient.other);
});

familyLaw('small divergences are half the variance of the difference', (question) => {
  const { family, utility, temperature: t } = question;
  const u = utility.slice(0, family.dimension);
  expect(family.divergence(u, u, { temperature: t })).toEqual(Float64Array.of(0));
  const d = u.map((x, i) => (Number.isFinite(x) ? Math.cos(5 * i) : 0));
  const epsilon = 1e-5 * t;
  const v = u.map((x, i) => x + epsilon * d[i]);
  const moved = u.map((x, i) => (Number.isFinite(x) ? v[i] - x : 0));
  const variance = dot(moved, family.softmaxVjp(u, moved, { temperature: t })) / t;
  const divergence = family.divergence(u, v, { temperature: t })[0];
  // Third order: 1e-5 of it for each coordinate; the rounding of a variance that may be 0.
  const rounding = (1e-14 * dot(moved, moved)) / t ** 2;
  expect(Math.abs(divergence - variance / 2)).toBeLessThanOrEqual(1e-4 * (variance / 2) + rounding);
});

test('divergences are their sums where both formulas hold', () => {
  const trick = topK({ elements: 4, k: 2 });
  const u = [0.3, -0.8, 1.1, 0];
  const pairs = [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].filter((j) => j > i).map((j) => [i, j]));
  const law = (w: readonly number[]) => {
    const weights = pairs.map(([i, j]) => Math.exp(w[i] + w[j]));
    const total = weights.reduce((sum, x) => sum + x);
    return weights.map((x) => x / total);
  };
  // The sum of the differences is below 1, and above.
  for (const scale of [0.1, 0.4399, 0.4401, 0.5, 2]) {
    const v = u.map((x, i) => x + scale * [1, -0.5, 0.3, -0.47][i]);
    const [p, q] = [law(u), law(v)];
    const expected = p.reduce((sum, x, i) => sum + x * Math.log(x / q[i]), 0);
    expect(Math.abs(trick.divergence(u, v)[0] - expected)).toBeLessThan(1e-14);
  }
  expect(trick.divergence(u, [0, 0, -Infinity, 0])[0]).toBe(Infinity);
  expect(trick.divergence([0, 0, -Infinity, 0], u)[0]).toBeGreaterThan(0);
  expect(trick.logProbability([0, 0, -Infinity, 0], [0, 1, 1, 0])[0]).toBe(-Infinity);
});

test('draws have the means of the relaxation', () => {
  // 60,000 draws, six standard errors.
  const samples = 60_000;
  const tricks = [
    oneHot({ categories: 5 }),
    subset({ elements: 5 }),
    topK({ elements: 5, k: 2 }),
    correlatedTopK({ elements: 3, k: 2 }),
    linearChain({ length: 3, states: 2 }),
    binaryTree({ leaves: 4 }),
    spanningTree({ vertices: 4 }),
  ];
  for (const trick of tricks) {
    const n = trick.dimension;
    const u = Float64Array.from({ length: n }, (_, i) => Math.cos(2 * i));
    const mean = trick.softmax(u, { temperature: 0.7 });
    const drawn = trick.familySample(u, { seed: 3, samples, temperature: 0.7 });
    for (let i = 0; i < n; i++) {
      let count = 0;
      for (let draw = 0; draw < samples; draw++) count += drawn[draw * n + i];
      const error = Math.sqrt((mean[i] * (1 - mean[i])) / samples);
      expect(Math.abs(count / samples - mean[i])).toBeLessThanOrEqual(6 * error);
    }
  }
});

test('rows of different lengths are the smaller problems', () => {
  const trick = spanningTree({ vertices: 4 });
  const small = spanningTree({ vertices: 3 });
  const [u, v] = [
    [0.5, 1, Number.NaN, -0.2, Infinity, 7],
    [0.1, 0, 3, 0.2, Number.NaN, 0],
  ];
  const kept = (row: ArrayLike<number>) => [row[0], row[1], row[3]];
  const lengths = [3];
  expectSameBits(trick.entropy(u, { lengths }), small.entropy(kept(u)));
  const drawn = trick.familySample(u, { seed: 1, lengths });
  expect(kept(drawn)).toEqual(Array.from(small.familySample(kept(u), { seed: 1 })));
  expectSameBits(trick.logProbability(u, drawn, { lengths }), small.logProbability(kept(u), kept(drawn)));
  expectSameBits(trick.divergence(u, v, { lengths }), small.divergence(kept(u), kept(v)));
  for (const [long, short] of [
    [trick.entropyVjp(u, [2], { lengths }), small.entropyVjp(kept(u), [2])],
    [trick.logProbabilityVjp(u, drawn, [2], { lengths }), small.logProbabilityVjp(kept(u), kept(drawn), [2])],
  ]) {
    expect(kept(long)).toEqual(Array.from(short));
    expect([long[2], long[4], long[5]]).toEqual([0, 0, 0]);
  }
});
