import * as tf from '@tensorflow/tfjs';
import { arborescence, oneHot, SstError, spanningTree, subset, type Trick, topK } from '../../ts';
import { fenchelYoung, maximumLikelihood, nvil, relaxed, scoreFunction } from '../../ts/estimators';
import { tensorEstimator, tensorSupervisedLoss } from '../../ts/tfjs';
import { estimators, structures } from '../estimators/registry';
import { backends, numbers, useBackend, wave } from './backends';

const [, , , , , { trick }] = structures;
const n = trick.dimension;
const options = { seed: 3, samples: 4 };

/** `(w . x - 1/2)^2 + v . x`, on tensors; the weights are differentiable. */
const lossOf = (w: tf.Tensor, v: tf.Tensor) => (x: tf.Tensor2D) =>
  tf.add(tf.square(tf.sub(tf.sum(tf.mul(x, w), 1), 0.5)), tf.sum(tf.mul(x, v), 1));

type Weights = ArrayLike<number>;

/** The same on numbers. */
const numbersOf = (w: Weights, v: Weights) => (x: Float64Array, rows: number) => {
  const value = new Float64Array(rows);
  const gradient = new Float64Array(x.length);
  for (let row = 0; row < rows; row++) {
    const at = (weights: Weights) => Array.from(weights).reduce((sum, c, i) => sum + c * x[row * n + i]!, 0);
    const inner = at(w) - 0.5;
    value[row] = inner * inner + at(v);
    for (let i = 0; i < n; i++) gradient[row * n + i] = 2 * inner * w[i]! + v[i]!;
  }
  return { value, gradient };
};

const close = (got: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(got.length).toBe(expected.length);
  const largest = Math.max(1, ...Array.from(expected, Math.abs));
  for (let i = 0; i < got.length; i++) {
    // Single precision through a few operations.
    expect(Math.abs(got[i]! - expected[i]!)).toBeLessThan(2e-6 * largest);
  }
};

describe.each(backends)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));
  const [w, v, theta] = [wave(n, 1), wave(n, 5), wave(6 * n, 2)];

  test.each(estimators)(
    '$name: value, samples, and gradients in theta and in the weights of the loss',
    ({ make, admits, weighs }) => {
      const tricks = [topK({ elements: n, k: 3 }), oneHot({ categories: n }), subset({ elements: n })];
      const trick = tricks.find((each) => admits?.(each) ?? true) as Trick;
      const expected = make(trick).estimate(theta, numbersOf(w, v), options);
      const estimator = tensorEstimator(make(trick));
      const upstream = wave(6, 9);
      const taken: { loss?: Float32Array; samples?: tf.Tensor } = {};
      const run = (parameters: tf.Tensor, weights: tf.Tensor, linear: tf.Tensor) => {
        const { loss, samples } = estimator.estimate(parameters, lossOf(weights, linear), options);
        expect(loss.shape).toEqual([2, 3]);
        taken.loss = numbers(loss);
        taken.samples = tf.keep(samples);
        return tf.sum(tf.mul(loss, tf.tensor2d(upstream, [2, 3]))) as tf.Scalar;
      };
      const [dTheta, dW, dV] = tf.grads(run)([tf.tensor(theta, [2, 3, n]), tf.tensor1d(w), tf.tensor1d(v)]);
      close(taken.loss!, expected.loss);
      expect(taken.samples!.shape).toEqual([2, 3, 4, n]);
      close(numbers(taken.samples!), expected.samples);
      close(
        numbers(dTheta!),
        expected.gradient.map((g, i) => g * upstream[Math.floor(i / n)]!),
      );
      if (weighs) {
        // What was drawn does not depend on the loss, which is quadratic in w and linear in v: differences are exact.
        const of = (weights: Weights, linear: Weights) =>
          make(trick)
            .estimate(theta, numbersOf(weights, linear), options)
            .loss.reduce((sum, each, row) => sum + upstream[row]! * each, 0);
        const difference = (at: (step: number) => number) => (at(1) - at(-1)) / 2;
        const moved = (x: Weights, i: number, step: number) =>
          Float64Array.from(x, (xi, j) => (i === j ? xi + step : xi));
        close(
          numbers(dW!),
          w.map((_, i) => difference((step) => of(moved(w, i, step), v))),
        );
        close(
          numbers(dV!),
          v.map((_, i) => difference((step) => of(w, moved(v, i, step)))),
        );
        return;
      }
      // The embeddings that the loss saw: one for each draw, or the mean of them.
      const seen =
        estimator.estimator.name === 'perturbed-optimizer' ? meanOf(expected.samples) : expected.samples;
      const rows = seen.length / n;
      const wanted = { w: new Float64Array(n), v: new Float64Array(n) };
      for (let row = 0; row < rows; row++) {
        const x = seen.subarray(row * n, (row + 1) * n);
        const share = (upstream[Math.floor((row * 6) / rows)]! * 6) / rows;
        const inner = x.reduce((sum, xi, i) => sum + xi * w[i]!, -0.5);
        for (let i = 0; i < n; i++) {
          wanted.w[i]! += share * 2 * inner * x[i]!;
          wanted.v[i]! += share * x[i]!;
        }
      }
      close(numbers(dW!), wanted.w);
      close(numbers(dV!), wanted.v);
    },
  );

  // As many rows as vertices: nothing but the axes tells rows of matrices from the batch.
  test.each([4, 3])('theta in matrices has the gradient of theta in rows, %i of them', (rows) => {
    const parses = arborescence({ vertices: 4 });
    const estimator = tensorEstimator(scoreFunction(parses));
    const [flat, upstream] = [wave(rows * 16, 3), tf.tensor1d(wave(rows, 7))];
    const gradient = (shape: number[]) => {
      const run = (parameters: tf.Tensor) => {
        const cost = (x: tf.Tensor) =>
          tf.sum(tf.mul(tf.reshape(x, [x.shape[0]!, 16]), tf.tensor1d(wave(16, 1))), 1);
        return tf.sum(tf.mul(estimator.estimate(parameters, cost, { seed: 3 }).loss, upstream));
      };
      return numbers(tf.grad(run)(tf.tensor(flat, shape)));
    };
    const expected = gradient([rows, 16]);
    expect(expected.some((g) => g !== 0)).toBe(true);
    close(gradient([rows, 4, 4]), expected);
  });

  test('a single draw needs no axis of samples; a row needs no batch', () => {
    const estimator = tensorEstimator(scoreFunction(trick));
    const { loss, samples } = estimator.estimate(tf.tensor1d(wave(n, 1)), (x) => tf.sum(x, 1), { seed: 1 });
    expect([loss.shape, samples.shape]).toEqual([[], [n]]);
  });

  const ofTrees = estimators.filter(({ admits }) => admits?.(spanningTree({ vertices: 1 })) ?? true);
  test.each(ofTrees)('$name: batches without rows, and rows without coordinates', ({ make }) => {
    const sums = (x: tf.Tensor2D) => tf.add(tf.sum(x, 1), 1);
    for (const [trick, shape] of [
      [topK({ elements: 3, k: 1 }), [0, 3]],
      [spanningTree({ vertices: 1 }), [2, 0]],
    ] as const) {
      const rows = shape[0];
      // That backend's sum over an axis of length 0 is whatever its memory held.
      if (backend === 'wasm' && shape[1] === 0) continue;
      for (const samples of [2, 3]) {
        const of = (theta: tf.Tensor) =>
          tensorEstimator(make(trick)).estimate(theta, sums, { seed: 1, samples });
        const theta = tf.zeros([...shape]);
        const { loss, samples: drawn } = of(theta);
        // Sums over an empty axis are not 0 on the wasm backend.
        if (backend !== 'wasm') expect(numbers(loss)).toEqual(new Float32Array(rows).fill(1));
        expect(loss.shape).toEqual([rows]);
        expect(drawn.shape).toEqual([rows, samples, shape[1]]);
        expect(tf.grad((x) => tf.sum(of(x).loss) as tf.Scalar)(theta).shape).toEqual([...shape]);
      }
    }
    const none = tensorSupervisedLoss(fenchelYoung(spanningTree({ vertices: 1 })));
    expect(none.evaluate(tf.zeros([2, 0]), tf.zeros([2, 0]), { seed: 1 }).shape).toEqual([2]);
  });

  test('a row of length 0 has the loss 0 and the gradient 0', () => {
    const estimator = tensorEstimator(scoreFunction(trick));
    const cost = (x: tf.Tensor) => tf.add(tf.sum(x, 1), 5);
    const of = (theta: tf.Tensor) =>
      estimator.estimate(theta, cost, { seed: 3, lengths: [trick.size, 0] }).loss;
    const theta = tf.tensor2d(wave(2 * n, 2), [2, n]);
    expect(numbers(of(theta))[1]).toBe(0);
    expect(numbers(of(theta))[0]).toBeGreaterThan(5);
    const gradient = numbers(tf.grad((x) => tf.sum(of(x)) as tf.Scalar)(theta));
    expect(gradient.slice(n).every((g) => g === 0)).toBe(true);
    expect(gradient.slice(0, n).every((g) => g !== 0)).toBe(true);
  });

  test('a learnt baseline sees its inputs', () => {
    const estimator = tensorEstimator(nvil(trick, { inputs: 2 }));
    const inputs = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const { loss } = estimator.estimate(tf.tensor2d(wave(2 * n, 1), [2, n]), (x) => tf.sum(x, 1), {
      seed: 1,
      inputs,
    });
    expect(loss.shape).toEqual([2]);
  });

  test('supervised losses', () => {
    const parameters = wave(2 * n, 3);
    const target = Float32Array.from(trick.argmax(wave(2 * n, 8)));
    const upstream = Float32Array.of(2, -3);
    const check = (
      expected: { loss: Float64Array; gradient: Float64Array },
      evaluate: (theta: tf.Tensor) => tf.Tensor,
    ) => {
      const tensor = tf.tensor2d(parameters, [2, n]);
      close(numbers(evaluate(tensor)), expected.loss);
      const gradient = tf.grad((x) => tf.sum(tf.mul(evaluate(x), upstream)))(tensor);
      close(
        numbers(gradient),
        expected.gradient.map((g, i) => g * upstream[Math.floor(i / n)]!),
      );
    };
    const y = tf.tensor2d(target, [2, n]);
    const family = maximumLikelihood(trick as never);
    check(family.evaluate(parameters, target), (x) => tensorSupervisedLoss(family).evaluate(x, y));
    const perturbed = fenchelYoung(trick);
    check(perturbed.evaluate(parameters, target, options), (x) =>
      tensorSupervisedLoss(perturbed).evaluate(x, y, options),
    );
  });

  test('refuses a second derivative, what is no estimator, a loss of another size', () => {
    const estimator = tensorEstimator(relaxed(trick));
    const theta1 = tf.tensor1d(wave(n, 1));
    const sum = (x: tf.Tensor) => estimator.estimate(x, (y) => tf.sum(y, 1), { seed: 1 }).loss;
    expect(() => tf.grad((x) => tf.sum(tf.square(tf.grad(sum)(x))))(theta1)).toThrow(SstError);
    expect(() => tensorEstimator({} as never)).toThrow(/^estimator: expected /);
    expect(() => tensorSupervisedLoss(null as never)).toThrow(/^loss: expected /);
    // As many numbers, but other rows.
    const turned = () =>
      tensorSupervisedLoss(fenchelYoung(trick)).evaluate(tf.zeros([2, n]), tf.zeros([n, 2]), { seed: 1 });
    expect(turned).toThrow(/^target: expected a tensor whose last axis is 6, got shape \[6, 2\]/);
    expect(() => estimator.estimate(theta1, (x) => x, { seed: 1 })).toThrow(
      /^loss: expected a tensor of 1 numbers \(one for each embedding\), got shape \[1, 6\]/,
    );
    expect(() => estimator.estimate(tf.tensor1d([1]), (x) => x, { seed: 1 })).toThrow(/^theta: expected /);
  });

  test('nothing stays in memory', () => {
    const estimator = tensorEstimator(relaxed(trick));
    const parameters = tf.tensor2d(wave(3 * n, 1), [3, n]);
    const run = () =>
      tf.tidy(() => {
        tf.grad((x) => tf.sum(estimator.estimate(x, (y) => tf.sum(tf.square(y), 1), options).loss))(
          parameters,
        );
      });
    run();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) run();
    expect(tf.memory().numTensors).toBe(before);
  });
});

function meanOf(samples: Float64Array): Float64Array {
  const mean = new Float64Array(samples.length / 4);
  for (let row = 0; row < samples.length / n; row++) {
    for (let i = 0; i < n; i++) mean[Math.floor(row / 4) * n + i]! += samples[row * n + i]! / 4;
  }
  return mean;
}
