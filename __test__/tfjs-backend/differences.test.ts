import * as tf from '@tensorflow/tfjs';
import { on, startBackends } from './oracle';

// Where the native backend is right and the cpu backend, which is the oracle of the laws, is not.

beforeAll(startBackends);

test('batches that broadcast in both operands give all products', () => {
  const product = () => {
    const a = tf.reshape(tf.range(1, 5), [2, 1, 1, 2]);
    const b = tf.reshape(tf.range(1, 7), [1, 3, 2, 1]);
    const result = tf.matMul(a, b);
    return { shape: result.shape, numbers: Array.from(result.dataSync()) };
  };
  const { shape, numbers } = on('native', product);
  expect(shape).toEqual([2, 3, 1, 1]);
  expect(numbers).toEqual([
    ...[1 * 1 + 2 * 2, 1 * 3 + 2 * 4, 1 * 5 + 2 * 6],
    ...[3 * 1 + 4 * 2, 3 * 3 + 4 * 4, 3 * 5 + 4 * 6],
  ]);
  expect(on('cpu', product).numbers).toHaveLength(3);
});

test('a NaN stays in its segment', () => {
  const sums = () => {
    const x = tf.tensor2d([1, 2, Number.NaN, 4, 5, 6], [3, 2]);
    return Array.from(tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 0], 'int32'), 2).dataSync());
  };
  expect(on('native', sums)).toEqual([6, 8, Number.NaN, 4]);
  expect(on('cpu', sums)).toEqual([Number.NaN, 8, Number.NaN, 4]);
});

test('an index out of range is refused as on the cpu backend', () => {
  const gather = () => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([0, 2], 'int32')).dataSync();
  expect(() => on('native', gather)).toThrow('GatherV2: the index value 2 is not in [0, 1]');
});
