import * as tf from '@tensorflow/tfjs';
import { dense, layerNorm } from '../../ts/training';
import { backends, useBackend } from '../tfjs/backends';
import { differences, distance, leavesNothing, normals, read } from './numbers';

const [rows, features] = [4, 6];
const epsilon = 1e-3;
const weights = normals(rows * features, 'weights');

/** The sum of layer normalisation times fixed weights, in doubles, straight from the definition. */
function total(x: ArrayLike<number>, scale: ArrayLike<number>, shift: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: features }, (_, i) => x[row * features + i]);
    const mean = values.reduce((a, b) => a + b) / features;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / features;
    for (const [i, value] of values.entries()) {
      const unit = (value - mean) / Math.sqrt(variance + epsilon);
      sum += weights[row * features + i] * (scale[i] * unit + shift[i]);
    }
  }
  return sum;
}

describe.each(backends)('layers on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  const inputs = [normals(rows * features, 'x'), normals(features, 'scale'), normals(features, 'shift')];
  const tensors = () => [
    tf.tensor(inputs[0], [2, 2, features]),
    tf.tensor1d(inputs[1]),
    tf.tensor1d(inputs[2]),
  ];
  const loss = (...args: tf.Tensor[]) =>
    tf.sum(
      tf.mul(layerNorm(args[0], args[1], args[2], { epsilon }), tf.tensor(weights, [2, 2, features])),
    ) as tf.Scalar;

  test('layer normalisation has the value and the gradients of its definition', () => {
    leavesNothing(() =>
      tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads(loss)(tensors());
        expect(Math.abs(read(value)[0] - total(inputs[0], inputs[1], inputs[2]))).toBeLessThan(1e-5);
        for (const [which, gradient] of grads.entries()) {
          const expected = differences((moved) => {
            const [x, scale, shift] = inputs.with(which, moved as never);
            return total(x, scale, shift);
          }, inputs[which]);
          expect(gradient.shape).toEqual(tensors()[which].shape);
          expect(distance(read(gradient), expected)).toBeLessThan(2e-6);
        }
      }),
    );
  });

  test('and second derivatives', () => {
    tf.tidy(() => {
      const [x, scale, shift] = tensors();
      const direction = tf.tensor(normals(rows * features, 'direction'), x.shape);
      const slope = (at: tf.Tensor) =>
        tf.sum(tf.mul(tf.grad((input) => loss(input, scale, shift))(at), direction)) as tf.Scalar;
      const expected = differences((at) => {
        const step = 1e-4;
        const moved = (by: number) => at.map((value, i) => value + by * read(direction)[i]);
        return (
          (total(moved(step), inputs[1], inputs[2]) - total(moved(-step), inputs[1], inputs[2])) / (2 * step)
        );
      }, inputs[0]);
      // Differences of differences in doubles: 1e-6.
      expect(distance(read(tf.grad(slope)(x)), expected)).toBeLessThan(2e-5);
    });
  });

  test('a row of equal numbers becomes the shift', () => {
    tf.tidy(() => {
      const y = layerNorm(tf.fill([1, 3], 7), tf.ones([3]), tf.tensor1d([1, 2, 3]));
      expect(read(y)).toEqual([1, 2, 3]);
      expect(layerNorm(tf.zeros([0, 3]), tf.ones([3]), tf.zeros([3])).shape).toEqual([0, 3]);
    });
  });

  test('a dense layer multiplies the last axis, whatever is before it', () => {
    leavesNothing(() =>
      tf.tidy(() => {
        const [x, w, b] = [normals(12, 'x'), normals(6, 'w'), normals(3, 'b')];
        const [weight, bias] = [tf.tensor2d(w, [2, 3]), tf.tensor1d(b)];
        const expected = Array.from({ length: 18 }, (_, at) => {
          const [row, column] = [Math.floor(at / 3), at % 3];
          return x[2 * row] * w[column] + x[2 * row + 1] * w[3 + column] + b[column];
        });
        for (const batch of [[6], [3, 2], [1, 3, 2]]) {
          const input = tf.tensor(x, [...batch, 2]);
          const y = dense(input, weight, bias);
          expect(y.shape).toEqual([...batch, 3]);
          expect(distance(read(y), expected)).toBeLessThan(1e-6);
          const gradients = tf.grads((a, c, d) => tf.sum(tf.square(dense(a, c, d))))([input, weight, bias]);
          const flat = tf.grads((a, c, d) => tf.sum(tf.square(dense(a, c, d))))([
            tf.reshape(input, [6, 2]),
            weight,
            bias,
          ]);
          for (const [i, gradient] of gradients.entries()) expect(read(gradient)).toEqual(read(flat[i]));
        }
        expect(read(dense(tf.tensor1d([1, 2]), weight))).toEqual(read(dense(tf.tensor2d([[1, 2]]), weight)));
        expect(dense(tf.zeros([0, 2]), weight, bias).shape).toEqual([0, 3]);
        expect(dense(tf.zeros([2, 0, 2]), weight, bias).shape).toEqual([2, 0, 3]);
      }),
    );
  });
});

test('shapes that do not fit are named', () => {
  const [x, weight] = [tf.zeros([2, 3]), tf.zeros([3, 4])];
  expect(() => dense(weight, x)).toThrow('x: expected a last axis of 2, got [3, 4]');
  expect(() => dense(x, weight, tf.zeros([3]))).toThrow('bias: expected the shape [4], got [3]');
  expect(() => dense(x, tf.zeros([3]))).toThrow('weight: expected the shape [inputs, outputs], got [3]');
  expect(() => dense(tf.zeros([2, 3], 'int32'), weight)).toThrow('x: expected a tensor of float32');
  expect(() => layerNorm(x, tf.ones([2]), tf.zeros([3]))).toThrow('scale: expected the shape [3], got [2]');
  expect(() => layerNorm(x, tf.ones([3]), tf.zeros([1, 3]))).toThrow('shift: expected the shape [3]');
  expect(() => layerNorm(x, tf.ones([3]), tf.zeros([3]), { epsilon: -1 })).toThrow('epsilon');
  expect(() => layerNorm([1, 2] as never, tf.ones([3]), tf.zeros([3]))).toThrow('x: expected a tensor');
});
