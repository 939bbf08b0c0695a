import * as tf from '@tensorflow/tfjs';
import { BufferPool, classBytes } from '../../ts/tfjs-backend/pool';
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
    const { lent, free, misses, requests } = poolStatistics();
    expect({ lent, free, misses }).toEqual({ lent: pool.lent, free: pool.free, misses: pool.misses });
    expect(requests).toBeGreaterThan(pool.requests + 300 * 20);
    optimizer.dispose();
    tf.dispose([first, bias, second, table]);
  });

  test('is lent while a tensor lives and free afterwards', () => {
    const before = poolStatistics();
    const x = tf.exp(tf.zeros([1234]));
    // 4936 bytes, in a buffer of at most a quarter more.
    expect(poolStatistics().lent - before.lent).toBe(5120);
    x.dispose();
    expect(poolStatistics().lent).toBe(before.lent);
    expect(poolStatistics().free).toBeGreaterThanOrEqual(5120);
  });

  test('comes in buffers of at most a quarter more than asked for, or 63 bytes', () => {
    let previous = 0;
    for (let bytes = 1; bytes < 2 ** 36; bytes += Math.ceil(bytes / 50)) {
      const size = classBytes(bytes);
      expect(size).toBeGreaterThanOrEqual(Math.max(bytes, previous));
      expect(size % 64).toBe(0);
      expect(size - bytes).toBeLessThan(Math.max(64, bytes / 4));
      expect(classBytes(size)).toBe(size);
      previous = size;
    }
  });

  test('of batches of many sizes stays bounded, and at its bound the sizes in use stay', () => {
    const allowance = 2 ** 22;
    const pool = new BufferPool(Float32Array, allowance);
    const largest = 2 ** 18;
    const peak = 4 * largest;
    for (let length = 100; length <= largest; length += 100) {
      for (const size of [largest, length]) pool.give(pool.take(size));
      const { lent, free } = pool.statistics();
      expect(lent).toBe(0);
      expect(free).toBeLessThanOrEqual(2 * peak + allowance);
    }
    // The largest is asked for every time, so it is never given up.
    expect(pool.statistics().misses).toBeLessThan(4 * Math.log2(largest) + 1);
  });

  test('that is more than the bound is given up, what was not asked for for longest first', () => {
    const pool = new BufferPool(Float32Array, 0);
    const take = (...lengths: number[]) => {
      for (const array of lengths.map((length) => pool.take(length))) pool.give(array);
    };
    take(1024, 1024); // the peak is 8 KB, the bound 16 KB
    take(2560); // 10 KB: the bound is 20 KB
    expect(pool.statistics()).toEqual({ lent: 0, free: 18432, requests: 3, misses: 3 });
    take(256, 256, 256, 256); // 4 KB more than 18 KB: 8 KB in two buffers are too many by one
    expect(pool.statistics()).toEqual({ lent: 0, free: 18432, requests: 7, misses: 7 });
    take(2560);
    expect(pool.statistics().misses).toBe(7);
    take(1024, 1024);
    expect(pool.statistics().misses).toBe(8);
  });

  test('serves a size whose buffers are in use from larger ones, below twice the size', () => {
    const pool = new BufferPool(Float32Array, 2 ** 20);
    for (const length of [1024, 2048]) pool.give(pool.take(length));
    const taken = pool.take(1100); // 4400 bytes: those of 8192 are less than twice 5120
    expect([taken.length, taken.buffer.byteLength]).toEqual([1100, 8192]);
    expect(pool.take(1024).buffer.byteLength).toBe(4096);
    expect(pool.statistics().misses).toBe(2);
    pool.give(taken);
    pool.take(1000);
    expect(pool.statistics().misses).toBe(3);
  });

  test('is not handed out again when it is not the pool’s, or no more', () => {
    const pool = new BufferPool(Float32Array, 2 ** 20);
    pool.give(new Float32Array(100));
    expect(pool.statistics()).toEqual({ lent: 0, free: 0, requests: 0, misses: 0 });
    const taken = pool.take(100);
    pool.release(taken.subarray(2, 4));
    pool.give(taken);
    expect(pool.statistics()).toMatchObject({ lent: 0, free: 0 });
    expect(pool.take(100).buffer).not.toBe(taken.buffer);
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
