import * as tf from '@tensorflow/tfjs';
import { BufferPool } from '../../ts/tfjs-backend/pool';
import { Adam, on, poolStatistics, startBackends } from './oracle';

beforeAll(startBackends);
beforeEach(() => on('native', () => undefined));

/** Takes up as many numbers as were disposed: whatever was free for use again is overwritten. */
function overwrite(length: number): void {
  tf.tidy(() => {
    for (let i = 0; i < 8; i++) tf.fill([length], -7);
  });
}

const numbersOf = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('memory', () => {
  test('is flat over a long training', () => {
    const weights = [
      tf.randomNormal([8, 16]),
      tf.zeros([16]),
      tf.randomNormal([16, 4]),
      tf.randomNormal([20, 8]),
    ];
    const [first, bias, second, table] = weights.map((weight) => tf.variable(weight));
    tf.dispose(weights);
    const optimizer = new Adam(0.01);
    const step = () =>
      optimizer.minimize(() => {
        const rows = tf.gather(table, tf.tensor1d([3, 1, 3, 19, 7], 'int32'));
        const hidden = tf.elu(tf.add(tf.matMul(rows as tf.Tensor2D, first), bias));
        const [left, right] = tf.split(hidden, 2, 1);
        const joined = tf.concat([tf.reverse(left, 1), tf.tanh(right)], 1);
        const output = tf.softmax(tf.matMul(joined as tf.Tensor2D, second as tf.Tensor2D));
        return tf.mean(tf.square(tf.sub(output, tf.transpose(tf.transpose(output))))) as tf.Scalar;
      });
    for (let i = 0; i < 3; i++) step();
    const [tensors, pool] = [tf.memory(), poolStatistics()];
    for (let i = 0; i < 300; i++) step();
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    expect({ numTensors, numDataBuffers, numBytes }).toEqual({
      numTensors: tensors.numTensors,
      numDataBuffers: tensors.numDataBuffers,
      numBytes: tensors.numBytes,
    });
    expect(poolStatistics()).toEqual(pool);
    optimizer.dispose();
    tf.dispose([first, bias, second, table]);
  });

  test('is lent while a tensor lives and free afterwards', () => {
    const before = poolStatistics();
    const x = tf.exp(tf.zeros([1234]));
    expect(poolStatistics().lent - before.lent).toBe(4 * 1234);
    x.dispose();
    expect(poolStatistics().lent).toBe(before.lent);
    expect(poolStatistics().free).toBeGreaterThanOrEqual(4 * 1234);
  });

  test('of a training on batches of many sizes stays bounded', () => {
    const pool = new BufferPool((length) => new Float32Array(length));
    const largest = 2 ** 20;
    for (let length = 1; length <= 3000; length++) {
      pool.give(pool.take(largest));
      pool.give(pool.take(length * 100));
      const { lent, free } = pool.statistics();
      expect(lent).toBe(0);
      expect(free).toBeLessThanOrEqual(2 ** 26 + 4 * largest);
    }
  });

  test('is not handed out again when it is not the pool’s, or no more', () => {
    const pool = new BufferPool((length) => new Float32Array(length));
    pool.give(new Float32Array(100));
    expect(pool.statistics()).toEqual({ lent: 0, free: 0 });
    const taken = pool.take(100);
    pool.release(taken.subarray(2, 4));
    pool.give(taken);
    expect(pool.take(100)).not.toBe(taken);
  });
});

describe('tensors that share memory', () => {
  const values = Array.from({ length: 24 }, (_, i) => i + 1);
  const source = () => tf.add(tf.tensor(values, [4, 6]), 0);

  const sharers: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    'a reshape': (x) => tf.reshape(x, [24]),
    'a clone': (x) => tf.clone(x),
    'a cast to the same type': (x) => tf.cast(x, 'float32'),
    'an expansion': (x) => tf.expandDims(x, 0),
    'a slice of the inherited strided slice': (x) => tf.stridedSlice(x, [0], [4], [1]),
    'a concatenation with nothing': (x) => tf.concat([x, tf.zeros([0, 6])]),
    'the real part of a complex tensor': (x) => tf.real(tf.complex(x, x)),
  };

  test.each(Object.entries(sharers))('%s survives the disposal of its source', (_, share) => {
    const x = source();
    const shared = tf.tidy(() => share(x));
    x.dispose();
    overwrite(24);
    expect(numbersOf(shared)).toEqual(values);
    shared.dispose();
  });

  test.each(Object.entries(sharers))('the source survives the disposal of %s', (_, share) => {
    const x = source();
    tf.tidy(() => void share(x));
    overwrite(24);
    expect(numbersOf(x)).toEqual(values);
    x.dispose();
  });

  test('parts of a split are independent', () => {
    const x = source();
    const [left, right] = tf.split(x, 2, 1);
    x.dispose();
    left.dispose();
    overwrite(24);
    overwrite(12);
    expect(numbersOf(right)).toEqual(values.filter((value) => (value - 1) % 6 >= 3));
    right.dispose();
  });
});

describe('what is read', () => {
  test('is a copy', () => {
    const x = tf.add(tf.tensor([1, 2, 3]), 0);
    const first = x.dataSync();
    first.fill(0);
    expect(numbersOf(x)).toEqual([1, 2, 3]);
    const second = x.dataSync();
    x.dispose();
    overwrite(3);
    expect(Array.from(second)).toEqual([1, 2, 3]);
  });

  test('asynchronously is a copy too', async () => {
    const x = tf.add(tf.tensor([1, 2, 3]), 0);
    const numbers = await x.data();
    const buffer = await x.buffer();
    buffer.set(9, 0);
    x.dispose();
    overwrite(3);
    expect(Array.from(numbers)).toEqual([1, 2, 3]);
    expect(Array.from(buffer.values)).toEqual([9, 2, 3]);
  });
});

describe('arrays of the caller', () => {
  test('are never lent to others', () => {
    const array = Float32Array.of(1, 2, 3);
    tf.tensor(array).dispose();
    overwrite(3);
    expect(Array.from(array)).toEqual([1, 2, 3]);
  });

  test('of shared memory are copied', () => {
    const array = new Float32Array(new SharedArrayBuffer(8)).fill(2);
    const x = tf.tensor(array);
    array.fill(5);
    expect(numbersOf(tf.add(x, 1))).toEqual([3, 3]);
  });
});

test('a tensor whose array was transferred away is refused', () => {
  const array = new Float32Array(100);
  const x = tf.tensor(array);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  expect(array).toHaveLength(0);
  for (const use of [() => tf.exp(x), () => tf.add(x, 1), () => tf.add(x, x), () => tf.sum(x)]) {
    expect(use).toThrow('expected');
  }
  for (const use of [() => tf.reverse(x), () => tf.matMul(tf.reshape(x, [10, 10]), tf.ones([10, 1]))]) {
    expect(use).toThrow('expected the elements that the shape says');
  }
});

test('tensors move between backends, and both stay right', () => {
  const x = tf.add(tf.tensor([1, 2, 3]), 0);
  const doubled = on('cpu', () => numbersOf(tf.mul(x, 2)));
  overwrite(3);
  expect(doubled).toEqual([2, 4, 6]);
  expect(on('native', () => numbersOf(tf.mul(x, 3)))).toEqual([3, 6, 9]);
  x.dispose();
});
