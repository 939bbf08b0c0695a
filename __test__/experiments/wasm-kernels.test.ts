import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../ts/experiments/backend';
import { RandomStream } from '../../ts/training/random';

function numbers(length: number, ...path: (string | number)[]): Float32Array {
  const random = new RandomStream(1, 'kernels', ...path);
  return Float32Array.from({ length }, () => random.normal());
}

/** The result of a computation on the wasm backend with the replaced kernels, and on the cpu backend. */
async function onBoth(compute: () => tf.Tensor): Promise<{ wasm: Float32Array; cpu: Float32Array }> {
  const run = async (backend: 'wasm' | 'cpu') => {
    await useBackend(backend);
    return tf.tidy(() => compute().dataSync() as Float32Array).slice();
  };
  return { wasm: await run('wasm'), cpu: await run('cpu') };
}

async function expectSame(compute: () => tf.Tensor): Promise<void> {
  const { wasm, cpu } = await onBoth(compute);
  expect(wasm.length).toBe(cpu.length);
  const size = Math.max(...cpu.map(Math.abs));
  for (const [index, value] of cpu.entries()) expect(Math.abs(wasm[index] - value)).toBeLessThan(1e-5 * size);
}

describe('the wasm backend with replaced kernels agrees with the cpu backend', () => {
  test.each([
    [5, 3, 4],
    [1, 4, 8],
    [127, 4, 8],
    [128, 20, 8],
    [129, 8, 24],
    [1000, 32, 32],
    [300, 12, 12],
  ])('in X^T Y of %i rows, %i and %i columns', async (rows, left, right) => {
    const [x, y] = [numbers(rows * left, 'x'), numbers(rows * right, 'y')];
    await expectSame(() =>
      tf.matMul(tf.tensor2d(x, [rows, left]), tf.tensor2d(y, [rows, right]), true, false),
    );
  });

  test.each([
    [false, false],
    [false, true],
    [true, true],
  ])('in products transposed %s and %s', async (transposeA, transposeB) => {
    const [a, b] = [numbers(60, 'a'), numbers(48, 'b')];
    await expectSame(() =>
      tf.matMul(
        tf.tensor2d(a, transposeA ? [6, 10] : [10, 6]),
        tf.tensor2d(b, transposeB ? [8, 6] : [6, 8]),
        transposeA,
        transposeB,
      ),
    );
  });

  test('in products of batches of matrices', async () => {
    const [a, b] = [numbers(120, 'a'), numbers(96, 'b')];
    await expectSame(() => tf.matMul(tf.tensor3d(a, [2, 6, 10]), tf.tensor3d(b, [2, 6, 8]), true, false));
  });

  test('in products by one array in two shapes', async () => {
    const [left, right] = [numbers(24, 'a'), numbers(96, 'b')];
    await expectSame(() => {
      const b = tf.tensor1d(right);
      const first = tf.matMul(tf.tensor2d(left, [2, 12]), tf.reshape(b, [12, 8]) as tf.Tensor2D);
      const second = tf.matMul(tf.tensor2d(left, [4, 6]), tf.reshape(b, [6, 16]) as tf.Tensor2D);
      return tf.concat([tf.reshape(first, [-1]), tf.reshape(second, [-1])]);
    });
  });

  test.each([
    [[64, 3], [0], false],
    [[7, 9, 5], [0], true],
    [[7, 9, 5], [1], false],
    [[7, 9, 5], [0, 1], false],
    [[7, 9, 5], [1, 2], false],
    [[7, 9, 5], [0, 2], true],
    [[2, 11, 4], [1], false],
    [[2, 26, 4], [1], true],
    [[1, 5], [0], false],
    [[4, 6], [-2], false],
    [[8, 40_000], [0], false],
  ])('in the sum of shape %j over axes %j, kept %s', async (shape, axes, keepDims) => {
    const x = numbers(
      shape.reduce((a, b) => a * b),
      'sum',
    );
    await expectSame(() => tf.sum(tf.tensor(x, shape), axes, keepDims));
    const outline = () => tf.tidy(() => tf.sum(tf.tensor(x, shape), axes, keepDims).shape);
    await useBackend('wasm');
    const onWasm = outline();
    await useBackend('cpu');
    expect(onWasm).toEqual(outline());
  });

  test('in copies and conversions', async () => {
    const x = numbers(12, 'copy');
    await expectSame(() => tf.clone(tf.tensor(x)));
    await expectSame(() => tf.cast(tf.tensor(x), 'float32'));
    await expectSame(() => tf.cast(tf.tensor(x), 'int32'));
  });

  test('and frees what it makes', async () => {
    await useBackend('wasm');
    const [x, y] = [tf.tensor2d(numbers(320, 'x'), [40, 8]), tf.tensor2d(numbers(320, 'y'), [40, 8])];
    const before = tf.memory().numDataBuffers;
    const results = tf.tidy(() => [
      tf.matMul(x, y, true, false),
      tf.matMul(tf.clone(x), y, false, true),
      tf.matMul(tf.reshape(x, [8, 40]) as tf.Tensor2D, y),
      tf.matMul(tf.reshape(x, [8, 40]) as tf.Tensor2D, tf.reshape(y, [40, 8]) as tf.Tensor2D),
      tf.sum(tf.reshape(x, [8, 5, 8]), 1),
    ]);
    expect(tf.memory().numDataBuffers - before).toBe(results.length);
    tf.dispose([...results, x, y]);
  });
});
