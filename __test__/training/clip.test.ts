import * as tf from '@tensorflow/tfjs';
import { clipByGlobalNorm, globalNorm } from '../../ts/training';
import { backends, useBackend } from '../tfjs/backends';
import { distance, leavesNothing, normals, read } from './numbers';

describe.each(backends)('clipping on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  test('brings the norm of all gradients down to a bound, in their direction', () => {
    const values = [normals(6, 'a'), normals(2, 'b')];
    const gradients = { a: tf.tensor2d(values[0], [2, 3]), b: tf.tensor1d(values[1]) };
    const norm = Math.hypot(...values[0], ...values[1]);
    leavesNothing(() => {
      expect(Math.abs(globalNorm(gradients) - norm)).toBeLessThan(1e-14 * norm);
      const clipped = clipByGlobalNorm(gradients, norm / 4);
      expect(clipped.norm).toBe(globalNorm(gradients));
      expect(clipped.gradients.a.shape).toEqual([2, 3]);
      expect(
        distance(
          read(clipped.gradients.a),
          values[0].map((x) => x / 4),
        ),
      ).toBeLessThan(1e-7);
      expect(Math.abs(globalNorm(clipped.gradients) - norm / 4)).toBeLessThan(1e-7);
      tf.dispose(clipped.gradients);
    });
  });

  test('leaves what is within the bound as it is, in tensors of its own', () => {
    const list = [tf.tensor1d([3]), tf.tensor1d([4])];
    for (const bound of [5, 6, Number.POSITIVE_INFINITY]) {
      const { gradients, norm } = clipByGlobalNorm(list, bound);
      expect([norm, Array.isArray(gradients), ...gradients.map((g) => read(g)[0])]).toEqual([5, true, 3, 4]);
      tf.dispose(gradients);
    }
    expect(read(list[0])).toEqual([3]);
    expect(clipByGlobalNorm([], 1)).toEqual({ gradients: [], norm: 0 });
    expect(clipByGlobalNorm({ a: tf.zeros([2]) }, 1).norm).toBe(0);
  });

  test('takes numbers whose squares single precision cannot hold', () => {
    const huge = [tf.tensor1d([3e30]), tf.tensor1d([4e30])];
    const { gradients, norm } = clipByGlobalNorm(huge, 1);
    expect(Math.abs(norm / 5e30 - 1)).toBeLessThan(1e-6);
    expect(
      distance(
        gradients.map((g) => read(g)[0]),
        [0.6, 0.8],
      ),
    ).toBeLessThan(1e-6);
  });

  test('names what is not finite', () => {
    const gradients = { a: tf.tensor1d([1]), b: tf.tensor1d([1, Number.POSITIVE_INFINITY]) };
    const message = "gradient of 'b': expected finite numbers, got Infinity at 1";
    expect(() => globalNorm(gradients)).toThrow(message);
    leavesNothing(() => expect(() => clipByGlobalNorm(gradients, 1)).toThrow(message));
    expect(() => clipByGlobalNorm(gradients, 0)).toThrow('norm: expected a number');
    expect(() => clipByGlobalNorm({ a: 1 } as never, 1)).toThrow("gradients['a']: expected a tensor, got 1");
  });
});
