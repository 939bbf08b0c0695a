import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../ts/experiments/backend';
import {
  activate,
  batchNorm,
  denseRelu,
  elu,
  fixedNorm,
  relu,
  rowMoments,
} from '../../ts/experiments/layers';
import { Parameters } from '../../ts/experiments/parameters';
import { RunningMoments } from '../../ts/experiments/running-moments';
import { Adam } from '../../ts/training/flat-adam';
import { constant, glorotNormal, uniformByInputs } from '../../ts/training/initialisers';
import { dense } from '../../ts/training/layers';
import { RandomStream } from '../../ts/training/random';

function matrix(rows: number, columns: number, name: string): tf.Tensor2D {
  const random = new RandomStream(1, 'layers', name);
  return tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => random.normal()),
    [rows, columns],
  );
}

/** Gradients of f against central differences of f in single precision. */
function checkGradients(f: (...inputs: tf.Tensor[]) => tf.Scalar, inputs: tf.Tensor[]): void {
  const step = 1e-2;
  const gradients = tf.grads(f)(inputs);
  for (const [which, input] of inputs.entries()) {
    const values = input.dataSync();
    const gradient = gradients[which].dataSync();
    for (let i = 0; i < values.length; i++) {
      const at = (by: number) => {
        const moved = values.slice();
        moved[i] += by;
        return f(...inputs.with(which, tf.tensor(moved, input.shape))).dataSync()[0];
      };
      const difference = (at(step) - at(-step)) / (2 * step);
      expect(Math.abs(gradient[i] - difference)).toBeLessThan(2e-2 * Math.max(1, Math.abs(difference)));
    }
  }
}

describe.each(['native', 'wasm', 'cpu'] as const)('layers on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  test('elu and dense layers have the gradients of their values', () => {
    const target = matrix(6, 8, 'target');
    const inputs = [matrix(6, 4, 'x'), matrix(4, 8, 'w'), tf.tensor1d(matrix(1, 8, 'b').dataSync())];
    checkGradients(
      (x, w, b) =>
        tf.sum(tf.mul(activate(dense(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor2D), elu), target)),
      inputs,
    );
    // Sums near relu's kink would spoil a difference quotient: biases keep them away from it.
    const [x, w] = inputs;
    const bias = tf.tensor1d([3, -3, 3, -3, 3, -3, 3, -3]);
    checkGradients(
      (a, b, c) =>
        tf.sum(tf.mul(denseRelu(a as tf.Tensor2D, b as tf.Tensor2D, c as tf.Tensor2D), target)) as tf.Scalar,
      [tf.mul(x, 0.3), tf.mul(w, 0.3), bias],
    );
  });

  test('relu has the gradient of its value', () => {
    const x = tf.tensor2d([-2, -0.5, 0.5, 2], [2, 2]);
    const target = matrix(2, 2, 'target');
    checkGradients((input) => tf.sum(tf.mul(activate(input as tf.Tensor2D, relu), target)), [x]);
  });

  test('batch normalisation has the gradient through its statistics, over the rows that count', () => {
    const x = matrix(6, 3, 'x');
    const target = matrix(6, 3, 'target');
    const mask = tf.tensor2d([1, 0, 1, 1, 0, 1], [6, 1]);
    for (const rows of [{ count: 6 }, { mask, count: 4 }]) {
      checkGradients(
        (input, scale, shift) => {
          const moments = rowMoments(input as tf.Tensor2D, rows);
          return tf.sum(tf.mul(batchNorm(input as tf.Tensor2D, moments, rows, scale, shift), target));
        },
        [x, tf.tensor1d([1, 2, 0.5]), tf.tensor1d([0, 1, -1])],
      );
    }
  });

  test('batch normalisation ignores the rows that do not count', () => {
    const mask = tf.tensor2d([1, 0, 1], [3, 1]);
    const rows = { mask, count: 2 };
    const x = tf.tensor2d([1, 1000, 3], [3, 1]);
    const { mean, variance } = rowMoments(x, rows);
    expect([mean.dataSync()[0], variance.dataSync()[0]]).toEqual([2, 1]);
    const y = batchNorm(x, { mean, variance }, rows, tf.tensor1d([2]), tf.tensor1d([5]));
    expect([...y.dataSync()].map((value) => value.toFixed(3))).toEqual(['3.000', '5.000', '7.000']);
    const fixed = fixedNorm(x, { mean, variance }, tf.tensor1d([2]), tf.tensor1d([5])).dataSync();
    expect(fixed[0]).toBeCloseTo(3, 3);
    expect(fixed[2]).toBeCloseTo(7, 3);
  });
});

describe('parameters', () => {
  test('have the variances asked for, whatever other parameters there are', () => {
    const one = new Parameters({ a: glorotNormal([40, 60]), b: constant([3], 0.1) }, 1);
    const two = new Parameters({ c: uniformByInputs([5], { inputs: 4 }), a: glorotNormal([40, 60]) }, 1);
    const a = one.values.subarray(0, 2400);
    expect(two.values.subarray(5)).toEqual(a);
    const variance = a.reduce((sum, value) => sum + value * value, 0) / a.length;
    expect(variance).toBeGreaterThan(0.018);
    expect(variance).toBeLessThan(0.022);
    for (const value of two.values.subarray(0, 5)) expect(Math.abs(value)).toBeLessThan(1 / 2);
    expect([...one.values.subarray(2400)]).toEqual([0.1, 0.1, 0.1].map(Math.fround));
  });

  test('give a part of a split layer the inputs of the whole', () => {
    const { values } = new Parameters({ part: glorotNormal([40, 60], { inputs: 140 }) }, 1);
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(variance).toBeGreaterThan(0.0085);
    expect(variance).toBeLessThan(0.0115);
  });

  test('go to tensors and back', async () => {
    await useBackend('cpu');
    const parameters = new Parameters({ a: glorotNormal([2, 3]), b: constant([4], 0.1) }, 1);
    const tensors = parameters.tensors();
    expect(parameters.named(tensors).a.shape).toEqual([2, 3]);
    expect(parameters.flatten(tensors)).toEqual(parameters.values);
  });
});

test('Adam takes the steps of its definition', () => {
  const adam = new Adam(1, 0.1);
  const values = Float32Array.of(1);
  let [mean, square, expected] = [0, 0, 1];
  for (const [index, gradient] of [2, -1, 0.5].entries()) {
    adam.update(values, Float32Array.of(gradient), index + 1);
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.999 * square + 0.001 * gradient ** 2;
    const [unbiasedMean, unbiasedSquare] = [
      mean / (1 - 0.9 ** (index + 1)),
      square / (1 - 0.999 ** (index + 1)),
    ];
    expected -= (0.1 * unbiasedMean) / (Math.sqrt(unbiasedSquare) + 1e-8);
    expect(values[0]).toBeCloseTo(expected, 6);
  }
});

test('running moments move a tenth of the way, variances unbiased', async () => {
  await useBackend('cpu');
  const running = new RunningMoments(['a', 'b'], 2);
  expect([...running.values]).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
  running.observe('b', { mean: tf.tensor1d([1, 2]), variance: tf.tensor1d([3, 6]) }, 4);
  const expected = [0, 0, 1, 1, 0.1, 0.2, 0.9 + 0.1 * 4, 0.9 + 0.1 * 8];
  for (const [i, value] of expected.entries()) expect(running.values[i]).toBeCloseTo(value, 6);
  expect(running.tensors().b.mean.dataSync()[1]).toBeCloseTo(0.2, 6);
});
