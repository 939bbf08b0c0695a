import { oneHot, topK } from '../../ts';
import { adaptiveImplicitMle, nvil, relax, type StatefulEstimator, scoreFunction } from '../../ts/estimators';
import { MovingAverage } from '../../ts/estimators/baseline';
import { Regression } from '../../ts/estimators/regression';
import { quadratic, wave } from './registry';

const trick = topK({ elements: 6, k: 3 });
const loss = quadratic(6);

const stateful: [string, () => StatefulEstimator<typeof loss, unknown>, unknown[]][] = [
  [
    'moving average',
    () => scoreFunction(trick, { baseline: 'moving-average', decay: 0.5 }),
    [{}, { sum: 1 }, { sum: Number.NaN, weight: 1 }, { sum: 1, weight: '1' }, undefined],
  ],
  [
    'nvil',
    () => nvil(trick, { hidden: 4, seed: 3 }),
    [
      {},
      { average: { sum: 0, weight: 0 } },
      {
        average: { sum: 1, weight: 1 },
        spread: { sum: 1, weight: 1 },
        network: { step: 0, parameters: [1], mean: [], square: [] },
      },
      nvil(trick, { hidden: 5 }).save(),
    ],
  ],
  [
    'relax',
    () => relax(trick),
    [{}, { product: { sum: 1, weight: 1 } }, { product: { sum: 1, weight: 1 }, square: null }],
  ],
  [
    'adaptive implicit mle',
    () => adaptiveImplicitMle(trick),
    [{}, { alpha: -1, count: 0 }, { alpha: 1, count: Number.NaN }, null],
  ],
];

describe.each(stateful)('%s', (_, make, bad) => {
  const run = (estimator: ReturnType<typeof make>, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) =>
      estimator.estimate(wave(12, from + i), loss, { seed: from + i, samples: 2 }),
    );

  test('goes on from a saved state, through JSON, as if it had not stopped', () => {
    const [whole, first, second] = [make(), make(), make()];
    const expected = run(whole, 0, 6).slice(3);
    run(first, 0, 3);
    second.restore(JSON.parse(JSON.stringify(first.save())));
    expect(run(second, 3, 6)).toEqual(expected);
    expect(second.save()).toEqual(whole.save());
  });

  test('losses whose squares are no numbers are forgotten: what follows goes on', () => {
    for (const size of [1e160, 1e200, -1e300]) {
      const estimator = make();
      run(estimator, 0, 2);
      const huge = Object.assign(
        (x: Float64Array, rows: number) => {
          const { value, gradient } = loss(x, rows);
          return { value: value.fill(size), gradient };
        },
        { one: () => size },
      );
      // It may be refused.
      try {
        estimator.estimate(wave(12, 2), huge, { seed: 2, samples: 2 });
      } catch (error) {
        expect(error).toMatchObject({ code: 'NOT_FINITE' });
      }
      const another = make();
      another.restore(JSON.parse(JSON.stringify(estimator.save())));
      for (const { gradient } of run(estimator, 3, 6)) {
        expect(gradient.every((g) => Math.abs(g) < 1e3)).toBe(true);
      }
    }
  });

  test('what is saved is a copy', () => {
    const estimator = make();
    const saved = estimator.save();
    const before = JSON.stringify(saved);
    run(estimator, 0, 2);
    expect(JSON.stringify(saved)).toBe(before);
    expect(JSON.stringify(estimator.save())).not.toBe(before);
  });

  test.each(bad)('%j is no state of it, and changes nothing', (state) => {
    const estimator = make();
    const before = estimator.save();
    expect(() => estimator.restore(state)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(estimator.save()).toEqual(before);
  });
});

test('a moving average is the decayed mean of the means, from 0', () => {
  const average = new MovingAverage(0.5);
  expect(average.value).toBe(0);
  average.observe(Float64Array.of(2, 4));
  expect(average.value).toBe(3);
  average.observe(Float64Array.of(9));
  expect(average.value).toBeCloseTo((0.5 * 3 + 9) / 1.5, 14);
  average.observe(new Float64Array(0));
  expect(average.value).toBeCloseTo((0.5 * 3 + 9) / 1.5, 14);
});

test('the gradient of the regression is the derivative of its error', () => {
  const inputs = wave(15, 1);
  const targets = wave(5, 2);
  const error = (state: ReturnType<Regression['save']>) => {
    const network = new Regression(3, 4, 1, 0n);
    expect(network.restore(state)).toBe(true);
    return network.predict(inputs, 5).reduce((sum, y, i) => sum + (y - targets[i]!) ** 2 / 5, 0);
  };
  const network = new Regression(3, 4, 0.01, 7n);
  for (let step = 0; step < 20; step++) network.fit(inputs, targets);
  const { parameters, ...rest } = network.save();
  // Adam's first moment tells the gradient of the last step: m' = 0.9 m + 0.1 g.
  network.fit(inputs, targets);
  const after = network.save().mean;
  for (const [i, parameter] of parameters.entries()) {
    const g = (after[i]! - 0.9 * rest.mean[i]!) / 0.1;
    const moved = (h: number) => {
      const cells = [...parameters];
      cells[i] = Math.fround(parameter + h);
      return [cells[i], error({ parameters: cells, ...rest })] as const;
    };
    const [[above, high], [below, low]] = [moved(1e-3), moved(-1e-3)];
    expect(Math.abs(g - (high - low) / (above - below))).toBeLessThan(1e-4);
  }
});

test('a learnt baseline removes what the input explains', () => {
  // The loss is the row's own constant, known from theta: no baseline that is shared can remove it.
  const one = oneHot({ categories: 2 });
  const theta = Float64Array.from({ length: 40 }, (_, i) => (i % 4 < 2 ? 1 : -1));
  const constant = (_: Float64Array, rows: number) =>
    Float64Array.from({ length: rows }, (_, r) => (r % 2 ? 5 : -5));
  const spread = (estimator: ReturnType<typeof nvil> | ReturnType<typeof scoreFunction>) => {
    let sum = 0;
    for (let step = 0; step < 300; step++) {
      const { gradient } = estimator.estimate(theta, constant, { seed: step });
      if (step >= 200) sum += gradient.reduce((total, g) => total + g * g, 0);
    }
    return sum;
  };
  const learnt = spread(nvil(one, { learningRate: 0.05 }));
  const shared = spread(scoreFunction(one, { baseline: 'moving-average' }));
  expect(learnt).toBeLessThan(shared / 100);
});
