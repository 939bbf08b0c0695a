import { gaussian, negativeExponential, oneHot, spanningTree, subset, type Trick, topK } from '../../ts';
import {
  adaptiveImplicitMle,
  blackbox,
  identity,
  implicitMle,
  perturbedOptimizer,
  relax,
  relaxed,
  straightThrough,
} from '../../ts/estimators';
import { distance } from '../laws/inputs';
import { estimators, quadratic, structures, wave } from './registry';

/** A loss with a given gradient everywhere. */
const linear = (weights: readonly number[]) => (x: Float64Array, rows: number) => ({
  value: Float64Array.from({ length: rows }, (_, row) =>
    weights.reduce((sum, w, i) => sum + w * x[row * weights.length + i]!, 0),
  ),
  gradient: Float64Array.from(x, (_, i) => weights[i % weights.length]!),
});

test.each(structures)(
  'relaxed: $name: the derivative of the relaxed objective of the same draws',
  ({ trick }) => {
    const n = trick.parameterDimension;
    const theta = wave(2 * n, 2);
    const loss = quadratic(trick.dimension);
    const estimator = relaxed(trick, { temperature: 0.8 });
    const at = (parameters: Float64Array) => estimator.estimate(parameters, loss, { seed: 4, samples: 3 });
    const { gradient } = at(theta);
    const h = 1e-5;
    for (let i = 0; i < n; i++) {
      const moved = (step: number) => at(theta.map((x, j) => (j % n === i ? x + step : x))).loss;
      const [above, below] = [moved(h), moved(-h)];
      for (const row of [0, 1]) {
        expect(Math.abs(gradient[row * n + i]! - (above[row]! - below[row]!) / (2 * h))).toBeLessThan(1e-7);
      }
    }
  },
);

test('relaxed: finite differences of the Jacobian agree with the exact one', () => {
  const trick = topK({ elements: 6, k: 3 });
  const estimate = (gradient: 'exact' | { finiteDifference: number }) =>
    relaxed(trick, { gradient }).estimate(wave(12, 2), quadratic(6), { seed: 4, samples: 3 }).gradient;
  expect(distance(estimate('exact'), estimate({ finiteDifference: 1e-4 }))).toBeLessThan(1e-7);
});

test('straight-through: a linear loss has the gradient of its relaxed objective, and the value of the hard one', () => {
  const trick = spanningTree({ vertices: 4 });
  const loss = linear([...wave(6, 3)]);
  const options = { seed: 8, samples: 3 };
  const theta = wave(12, 2);
  const through = straightThrough(trick, { temperature: 0.5 }).estimate(theta, loss, options);
  const soft = relaxed(trick, { temperature: 0.5 }).estimate(theta, loss, options);
  expect(through.gradient).toEqual(soft.gradient);
  expect(through.samples).toEqual(trick.argmax(trick.perturb(theta, options)));
  const both = straightThrough(trick, { temperature: 0.5, forwardTemperature: 0.5 });
  expect(both.estimate(theta, quadratic(6), options)).toEqual(
    relaxed(trick, { temperature: 0.5 }).estimate(theta, quadratic(6), options),
  );
});

describe('differences of solutions', () => {
  // Of the utilities 3, 2, 0 the first is best; a step against (1, -1, 0) by lambda makes the second best from 1/2 on.
  const one = oneHot({ categories: 3 });
  const theta = [3, 2, 0];
  const loss = linear([1, -1, 0]);

  test.each([
    [0.25, [0, 0, 0]],
    [1, [1, -1, 0]],
    [4, [0.25, -0.25, 0]],
  ])('blackbox with lambda %d', (lambda, expected) => {
    const {
      gradient,
      samples,
      loss: losses,
    } = blackbox(one, { lambda }).estimate(theta, loss, {
      seed: 0,
      samples: 2,
    });
    expect([...gradient]).toEqual(expected);
    expect([...samples]).toEqual([1, 0, 0, 1, 0, 0]);
    expect([...losses]).toEqual([1]);
  });

  // Noise of this scale moves nothing.
  const quiet = { utility: gaussian({ scale: 1e-9 }) };

  test.each([
    [0.25, false, [0, 0, 0]],
    [1, false, [1, -1, 0]],
    [4, false, [0.25, -0.25, 0]],
    [4, true, [0.125, -0.125, 0]],
  ])('implicit mle with lambda %d, symmetric %s', (lambda, symmetric, expected) => {
    const estimator = implicitMle(oneHot({ categories: 3, ...quiet }), { lambda, symmetric });
    expect([...estimator.estimate(theta, loss, { seed: 0, samples: 3 }).gradient]).toEqual(expected);
  });

  test('the step does not depend on the number of draws', () => {
    const estimator = implicitMle(topK({ elements: 6, k: 3 }), { lambda: 0.7 });
    const { gradient } = estimator.estimate(wave(6, 1), linear([...wave(6, 2)]), { seed: 3, samples: 50 });
    for (const g of gradient) expect(Math.abs(g * 50 * 0.7 - Math.round(g * 50 * 0.7))).toBeLessThan(1e-9);
  });

  test('adaptive implicit mle: a step of alpha |U| / |g|, alpha raised while gradients are sparse', () => {
    const trick = oneHot({ categories: 2, ...quiet });
    const estimator = adaptiveImplicitMle(trick, { alpha: 0.5, rate: 0.1, decay: 0.5, symmetric: false });
    const sparse = estimator.estimate([4, -3], linear([0, 1]), { seed: 0 });
    // lambda = 0.5 * 5 / 1 leaves the first category the best.
    expect([...sparse.gradient]).toEqual([0, 0]);
    expect(estimator.save()).toEqual({ alpha: 0.6, count: 0.5 });
    const dense = estimator.estimate([4, -3], linear([3, -4]), { seed: 0 });
    // lambda = 0.6 * 5 / 5: the utilities become 2.2 and -0.6.
    expect([...dense.gradient]).toEqual([0, 0]);
    estimator.restore({ alpha: 2, count: 1.5 });
    const turned = estimator.estimate([4, -3], linear([3, -4]), { seed: 0 });
    // lambda = 2 turns the choice: (1, 0) - (0, 1) over lambda.
    expect(distance(turned.gradient, [0.5, -0.5])).toBeLessThan(1e-8);
    expect(estimator.save()).toEqual({ alpha: 1.9, count: 1.75 });
  });

  test('identity: the gradient itself, or without its mean over what is allowed', () => {
    const trick = topK({ elements: 4, k: 2 });
    const of = linear([1, 2, 3, 6]);
    const masked = [0, 1, Number.NEGATIVE_INFINITY, 2];
    expect([...identity(trick).estimate(masked, of, { seed: 0 }).gradient]).toEqual([1, 2, 0, 6]);
    const projected = identity(trick, { projection: 'mean' }).estimate(masked, of, { seed: 0 });
    expect([...projected.gradient]).toEqual([-2, -1, 0, 3]);
  });
});

test('a loss sees the draws of a row next to one another', () => {
  const trick = subset({ elements: 2 });
  const seen: number[] = [];
  relaxed(trick, { temperature: 0 }).estimate(
    [50, 50, -50, -50],
    (x, rows) => {
      seen.push(...x);
      return { value: new Float64Array(rows), gradient: new Float64Array(x.length) };
    },
    { seed: 1, samples: 2 },
  );
  expect(seen).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
});

describe('RELAX', () => {
  const trick = topK({ elements: 4, k: 2 });
  const loss = quadratic(4);
  const [theta, options] = [wave(8, 2), { seed: 6, samples: 2 }];
  /** What it gives after averages of these, and what it has learnt then: in the next call all of it, with decay 0. */
  const having = (product: number, square: number) => {
    const estimator = relax(trick, { decay: 0 });
    estimator.restore({ product: { sum: product, weight: 1 }, square: { sum: square, weight: 1 } });
    const { gradient } = estimator.estimate(theta, loss, options);
    return { gradient, learnt: estimator.save() };
  };
  const score = having(0, 1).gradient;
  /** The control variate. */
  const variate = having(-1, 1).gradient.map((g, i) => g - score[i]!);

  test('weighs its control variate by -E[a.b] / E[b.b], of either sign', () => {
    for (const [product, square] of [
      [-3, 2],
      [3, 2],
      [0.5, 4],
    ] as const) {
      const expected = score.map((a, i) => a - (product / square) * variate[i]!);
      expect(distance(having(product, square).gradient, expected)).toBeLessThan(1e-13);
    }
    expect(relax(trick).estimate(theta, loss, options).gradient).toEqual(having(-1, 1).gradient);
  });

  test('learns both from what it has seen', () => {
    const { product, square } = having(-1, 1).learnt;
    // Over two rows, of sums over two samples.
    const inner = (x: Float64Array) => (2 ** 2 * x.reduce((sum, xi, i) => sum + xi * variate[i]!, 0)) / 2;
    expect(Math.abs(product.sum / product.weight - inner(score))).toBeLessThan(1e-13);
    expect(Math.abs(square.sum / square.weight - inner(variate))).toBeLessThan(1e-13);
  });
});

test('perturbed optimizer: what all structures share is no noise', () => {
  const trick = topK({ elements: 5, k: 2 });
  const { gradient } = perturbedOptimizer(trick).estimate(wave(10, 1), linear([3, 3, 3, 3, 3]), {
    seed: 2,
    samples: 4,
  });
  expect(distance(gradient, new Float64Array(10))).toBeLessThan(1e-13);
});

/** Those of whose estimates a row knows nothing of other rows and calls. */
const separate = estimators.filter(
  ({ name, coupled }) => !(coupled || name.includes('moving') || name === 'nvil'),
);

test.each(separate)(
  '$name: a row whose loss is flat has no gradient, whatever the others have',
  ({ make, admits }) => {
    const tricks = [topK({ elements: 4, k: 2 }), oneHot({ categories: 4 }), subset({ elements: 4 })];
    const loss = quadratic(4);
    const flat = (x: Float64Array, rows: number) => {
      const { value, gradient } = loss(x, rows);
      return { value: value.fill(0, rows / 2), gradient: gradient.fill(0, gradient.length / 2) };
    };
    const estimator = make(tricks.find((trick) => admits?.(trick) ?? true) as Trick);
    const { gradient } = estimator.estimate(wave(8, 1), flat, { seed: 9, samples: 2 });
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(distance(gradient.slice(4), new Float64Array(4))).toBe(0);
  },
);

const racing = spanningTree({ vertices: 4, utility: negativeExponential() });
const admitted = estimators.filter(({ admits }) => admits?.(racing) ?? true);

test.each(admitted)(
  '$name: losses may write to what they are given, and use their memory again',
  ({ make }) => {
    const loss = quadratic(6);
    const theta = wave(12, 1);
    // Some ask about more than the draws.
    const kept = { value: new Float64Array(16), gradient: new Float64Array(16 * 6) };
    const writing = (x: Float64Array, rows: number) => {
      const { value, gradient } = loss(x, rows);
      const reused = { value: kept.value.subarray(0, rows), gradient: kept.gradient.subarray(0, x.length) };
      reused.value.set(value);
      reused.gradient.set(gradient);
      x.fill(Number.NaN);
      theta.fill(Number.NaN);
      return reused;
    };
    const options = { seed: 9, samples: 4 };
    const expected = make(racing).estimate(theta, loss, options);
    const got = make(racing).estimate(theta, writing, options);
    kept.value.fill(Number.NaN);
    kept.gradient.fill(Number.NaN);
    expect(got).toEqual(expected);
  },
);
