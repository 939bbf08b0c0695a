import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { numbers } from './laws/law';
import { expectSame, on, outcome, startBackends } from './oracle';

type FromArbitrary<A> = A extends fc.Arbitrary<infer T> ? T : never;

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

describe('products whose batches broadcast', () => {
  /** A common batch, and for each operand which of its axes are 1, and how many are left out at the front. */
  const operand = (batch: number[]) =>
    fc
      .tuple(
        fc.array(fc.boolean(), { minLength: batch.length, maxLength: batch.length }),
        fc.nat(batch.length),
      )
      .map(([ones, dropped]) => batch.map((size, axis) => (ones[axis] ? 1 : size)).slice(dropped));
  const products = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }).chain((batch) =>
    fc.record({
      left: operand(batch),
      right: operand(batch),
      rows: fc.integer({ min: 1, max: 4 }),
      inner: fc.integer({ min: 1, max: 4 }),
      columns: fc.integer({ min: 1, max: 4 }),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      seed: fc.nat(1000),
    }),
  );

  /** Gradients of a weighted sum of the product, whose operands may be repeated by hand first. */
  function gradients(
    { left, right, rows, inner, columns, transposeA, transposeB, seed }: FromArbitrary<typeof products>,
    repeated: boolean,
  ) {
    const shapes = [
      [...left, ...(transposeA ? [inner, rows] : [rows, inner])],
      [...right, ...(transposeB ? [columns, inner] : [inner, columns])],
    ];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
    const whole = (x: tf.Tensor) =>
      repeated ? tf.broadcastTo(x, [...batch, ...x.shape.slice(x.rank - 2)]) : x;
    const weights = tf.tensor(numbers([...batch, rows, columns], seed, false), [...batch, rows, columns]);
    const loss = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(tf.mul(weights, tf.matMul(whole(a), whole(b), transposeA, transposeB))) as tf.Scalar;
    const operands = shapes.map((shape, index) => tf.tensor(numbers(shape, seed + 1 + index, false), shape));
    return tf
      .grads(loss as (...tensors: tf.Tensor[]) => tf.Scalar)(operands)
      .map(outcome);
  }

  test('have the gradients of the repeated operands, summed', () => {
    fc.assert(
      fc.property(products, (product) => {
        const expected = on('cpu', () => gradients(product, true));
        const got = on('native', () => gradients(product, false));
        for (const [index, each] of got.entries()) expectSame(each, expected[index], 0, 2e-6);
      }),
      { seed: 0x5eed, numRuns: 100 },
    );
  });

  test('have a gradient of their gradient', () => {
    const hessian = () =>
      tf
        .grad((x) =>
          tf.sum(tf.square(tf.grad((y) => tf.sum(tf.square(tf.matMul(y, tf.ones([3, 1, 1])))))(x))),
        )(tf.tensor3d([[[1], [2]]]))
        .dataSync();
    // y (2 rows) times 1, three times: the gradient is 6 y, that of its square 72 y.
    expect(Array.from(on('native', hessian))).toEqual([72, 144]);
  });

  test('are left to TensorFlow.js on other backends, which refuses', () => {
    const gradient = () => tf.grad((x) => tf.sum(tf.matMul(x, tf.ones([3, 1, 1]))))(tf.ones([1, 2, 1]));
    expect(() => on('cpu', gradient)).toThrow('does not match the shape of the input');
  });
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
