import { arborescence, correlatedTopK, oneHot, projectiveTree, spanningTree, subset, topK } from '../../ts';
import {
  type Estimator,
  familyScoreFunction,
  gappedStraightThrough,
  indecater,
  muProp,
  reinMax,
  secondOrderSimple,
  simple,
} from '../../ts/estimators';
import type { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { wave } from './registry';

/** Losses with their gradients, of which the last is no quadratic function. */
function losses(n: number) {
  const [w, v] = [wave(n, 1), wave(n, 5)];
  const of = (one: (inner: number, linear: number) => [value: number, slope: number]) => {
    return (x: Float64Array, rows: number) => {
      const value = new Float64Array(rows);
      const gradient = new Float64Array(x.length);
      for (let row = 0; row < rows; row++) {
        let [inner, linear] = [-0.3, 0];
        for (let i = 0; i < n; i++) {
          inner += w[i]! * x[row * n + i]!;
          linear += v[i]! * x[row * n + i]!;
        }
        const [loss, slope] = one(inner, linear);
        value[row] = loss;
        for (let i = 0; i < n; i++) gradient[row * n + i] = slope * w[i]! + v[i]!;
      }
      return { value, gradient };
    };
  };
  return {
    linear: of((_, linear) => [linear, 0]),
    quadratic: of((inner, linear) => [inner ** 2 + linear, 2 * inner]),
    cubic: of((inner, linear) => [inner ** 3 + linear, 3 * inner ** 2]),
  };
}

const families: [string, ExponentialFamilyTrick][] = [
  ['one of 4', oneHot({ categories: 4 })],
  ['subsets of 3', subset({ elements: 3 })],
  ['3 of 6', topK({ elements: 6, k: 3 })],
  ['2 of 4, pairs', correlatedTopK({ elements: 4, k: 2 })],
  ['trees of 4', spanningTree({ vertices: 4 })],
  ['arborescences of 4', arborescence({ vertices: 4 })],
  ['parses of 3', projectiveTree({ words: 3 })],
];

const DRAWS = 6000;

/**
 * What an estimator gives for each vertex that may be drawn, and their probabilities: the mean over them is its
 * expectation, without noise.
 */
function enumerated(
  trick: ExponentialFamilyTrick,
  estimator: Estimator,
  theta: Float64Array,
  loss: never,
  t: number,
) {
  const n = trick.dimension;
  const copies = Float64Array.from({ length: DRAWS * theta.length }, (_, i) => theta[i % theta.length]!);
  const { gradient, samples } = estimator.estimate(copies, loss, { seed: 3 });
  const found = new Map<string, { x: Float64Array; estimate: Float64Array }>();
  for (let row = 0; row < DRAWS; row++) {
    const x = samples.slice(row * n, (row + 1) * n);
    found.set(x.join(), { x, estimate: gradient.slice(row * theta.length, (row + 1) * theta.length) });
  }
  const all = [...found.values()];
  const p = all.map(({ x }) => Math.exp(trick.logProbability(theta, x, { temperature: t })[0]!));
  return { all, p };
}

describe.each(families)('%s', (_, trick) => {
  const theta = wave(trick.parameterDimension, 3);
  const given = losses(trick.dimension);

  describe.each([0.7, 2])('temperature %d', (temperature) => {
    /** The expectation of an estimator less the gradient of the mean loss, the largest coordinate. */
    const bias = (estimator: Estimator, loss: keyof typeof given) => {
      const { all, p } = enumerated(trick, estimator, theta, given[loss] as never, temperature);
      // Nothing has been missed.
      expect(Math.abs(p.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-13);
      const mean = trick.softmax(theta, { temperature });
      const difference = new Float64Array(theta.length);
      all.forEach(({ x, estimate }, index) => {
        const { value } = given[loss](x, 1);
        estimate.forEach((g, i) => {
          difference[i]! += p[index]! * (g - (value[0]! * (x[i]! - mean[i]!)) / temperature);
        });
      });
      return Math.max(...difference.map(Math.abs));
    };
    const options = { temperature };

    test.each(['linear', 'quadratic', 'cubic'] as const)('unbiased for a %s loss', (loss) => {
      expect(bias(familyScoreFunction(trick, options), loss)).toBeLessThan(1e-13);
      expect(bias(muProp(trick, options), loss)).toBeLessThan(1e-13);
    });

    test('to the second order: exact for quadratic losses, where the first order is not, and for no more', () => {
      expect(bias(secondOrderSimple(trick, options), 'linear')).toBeLessThan(1e-13);
      expect(bias(secondOrderSimple(trick, options), 'quadratic')).toBeLessThan(1e-13);
      expect(bias(simple(trick, options), 'linear')).toBeLessThan(1e-13);
      expect(bias(simple(trick, options), 'quadratic')).toBeGreaterThan(1e-3);
      expect(bias(secondOrderSimple(trick, options), 'cubic')).toBeGreaterThan(1e-3);
    });
  });

  test('a linear loss leaves MuProp without noise', () => {
    const { all } = enumerated(trick, muProp(trick), theta, given.linear as never, 1);
    for (const { estimate } of all) {
      estimate.forEach((g, i) => {
        expect(Math.abs(g - all[0]!.estimate[i]!)).toBeLessThan(1e-13);
      });
    }
  });
});

const averaged: [string, (trick: ExponentialFamilyTrick) => Estimator, ExponentialFamilyTrick][] = [
  ['simple', simple, topK({ elements: 4, k: 2 })],
  ['second-order SIMPLE', secondOrderSimple, topK({ elements: 4, k: 2 })],
  ['MuProp', muProp, topK({ elements: 4, k: 2 })],
  ['score function', familyScoreFunction, topK({ elements: 4, k: 2 })],
  ['ReinMax', reinMax, oneHot({ categories: 4 })],
  ['ReinMax of coins', reinMax, subset({ elements: 3 })],
  ['gapped straight-through', gappedStraightThrough, oneHot({ categories: 4 })],
  ['IndeCateR', indecater, subset({ elements: 3 })],
];

test.each(averaged)('%s: several draws have the mean of their estimates', (_, make, trick) => {
  const n = trick.dimension;
  const theta = wave(n, 3);
  const loss = losses(n).cubic;
  // What a draw gives depends on nothing but the draw.
  const { all } = enumerated(trick, make(trick), theta, loss as never, trick.temperature);
  const of = new Map(all.map(({ x, estimate }) => [x.join(), estimate]));
  for (const samples of [2, 5]) {
    const { gradient, samples: drawn } = make(trick).estimate(theta, loss, { seed: 6, samples });
    const mean = new Float64Array(n);
    for (let s = 0; s < samples; s++) {
      of.get(drawn.slice(s * n, (s + 1) * n).join())!.forEach((g, i) => {
        mean[i]! += g / samples;
      });
    }
    gradient.forEach((g, i) => {
      expect(Math.abs(g - mean[i]!)).toBeLessThan(1e-14);
    });
  }
});

test('on one-hot the second order is ZGR', () => {
  // Shekhovtsov (2023): (diag(p) - p p^T) g for the mean, and the score of the draw, halved.
  const trick = oneHot({ categories: 3 });
  const theta = [0.5, -0.2, 0.1];
  const g = [1, -2, 0.5];
  const loss = (x: Float64Array) => ({
    value: new Float64Array(x.length / 3),
    gradient: Float64Array.from(x, (_, i) => g[i % 3]!),
  });
  const total = theta.reduce((sum, u) => sum + Math.exp(u), 0);
  const p = theta.map((u) => Math.exp(u) / total);
  const dot = (a: ArrayLike<number>) => g.reduce((sum, gi, i) => sum + gi * a[i]!, 0);
  const { gradient, samples } = secondOrderSimple(trick).estimate(theta, loss, { seed: 5 });
  gradient.forEach((found, i) => {
    const ofMean = p[i]! * (g[i]! - dot(p));
    const ofDraw = (samples[i]! - p[i]!) * (dot(samples) - dot(p));
    expect(Math.abs(found - (ofMean + ofDraw) / 2)).toBeLessThan(1e-15);
  });
});

test('baselines, several draws', () => {
  const trick = topK({ elements: 5, k: 2 });
  const theta = wave(10, 2);
  const loss = losses(5).quadratic;
  const options = { seed: 9, samples: 3 };
  const plain = familyScoreFunction(trick).estimate(theta, loss, options);
  const other = familyScoreFunction(trick, { baseline: 'leave-one-out' }).estimate(theta, loss, options);
  expect(other.samples).toEqual(plain.samples);
  expect(other.loss).toEqual(plain.loss);
  const mean = trick.softmax(theta);
  for (let row = 0; row < 2; row++) {
    const value = loss(plain.samples.slice(row * 15, (row + 1) * 15), 3).value;
    for (let i = 0; i < 5; i++) {
      let [expected, centred] = [0, 0];
      for (let s = 0; s < 3; s++) {
        const score = plain.samples[(row * 3 + s) * 5 + i]! - mean[row * 5 + i]!;
        expected += (value[s]! * score) / 3;
        const others = (value[(s + 1) % 3]! + value[(s + 2) % 3]!) / 2;
        centred += ((value[s]! - others) * score) / 3;
      }
      expect(Math.abs(plain.gradient[row * 5 + i]! - expected)).toBeLessThan(1e-14);
      expect(Math.abs(other.gradient[row * 5 + i]! - centred)).toBeLessThan(1e-14);
    }
  }
});
