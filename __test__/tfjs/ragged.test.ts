import * as tf from '@tensorflow/tfjs';
import {
  arborescence,
  correlatedTopK,
  independentEdges,
  matching,
  projectiveTree,
  SstError,
  spanningTree,
  topK,
} from '../../ts';
import { elementsOf, tensorTrick } from '../../ts/tfjs';
import { backends, numbers, useBackend, wave } from './backends';

const single = (values: ArrayLike<number>) => Float32Array.from(values);

describe.each(backends)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test('every method takes lengths, as an array or a tensor, and so does its gradient', () => {
    const trick = topK({ elements: 5, k: 2, temperature: 0.5 });
    const tensors = tensorTrick(trick);
    const lengths = [3, 5];
    const cells = wave(10, 1);
    const [theta, w] = [tf.tensor2d(cells, [2, 5]), wave(10, 2)];
    for (const given of [lengths, Int32Array.from(lengths), tf.tensor1d(lengths, 'int32')]) {
      const u = trick.perturb(cells, { seed: 3, lengths });
      expect(numbers(tensors.perturb(theta, { seed: 3, lengths: given }))).toEqual(single(u));
      expect(numbers(tensors.argmax(theta, { lengths: given }))).toEqual(
        single(trick.argmax(cells, { lengths })),
      );
      expect(numbers(tensors.kl(theta, { lengths: given }))).toEqual(single(trick.kl(cells, { lengths })));
      expect(numbers(tensors.entropy(theta, { lengths: given }))).toEqual(
        single(trick.entropy(cells, { lengths })),
      );
      const slope = (f: (x: tf.Tensor) => tf.Tensor) =>
        numbers(tf.grad((x) => tf.sum(tf.mul(f(x), tf.tensor2d(w, [2, 5]))) as tf.Scalar)(theta));
      expect(slope((x) => tensors.softmax(x, { lengths: given }))).toEqual(
        single(trick.softmaxVjp(cells, w, { lengths })),
      );
      expect(slope((x) => tensors.straightThrough(x, { lengths: given, temperature: 2 }))).toEqual(
        single(trick.softmaxVjp(cells, w, { lengths, temperature: 2 })),
      );
      const ofLogs = numbers(
        tf.grad((x) => tf.sum(tensors.logPartition(x, { lengths: given, temperature: 2 })) as tf.Scalar)(
          theta,
        ),
      );
      const mean = trick.softmax(cells, { lengths, temperature: 2 });
      ofLogs.forEach((g, i) => {
        expect(Math.abs(g - mean[i]! / 2)).toBeLessThan(1e-7);
      });
    }
  });

  test('draws of a row share its length', () => {
    const trick = topK({ elements: 4, k: 1 });
    const cells = wave(8, 3);
    const drawn = tensorTrick(trick).sample(tf.tensor2d(cells, [2, 4]), {
      seed: 1,
      samples: 3,
      lengths: [2, 3],
    });
    const expected = trick.sample(cells, { seed: 1, samples: 3, lengths: [2, 3] });
    expect(drawn.soft.shape).toEqual([2, 3, 4]);
    expect(numbers(drawn.soft)).toEqual(single(expected.soft));
    const again = tensorTrick(trick).softmax(drawn.utility, { lengths: [2, 3] });
    expect(numbers(again)).toEqual(single(expected.soft));
  });

  test('rows that are matrices may stand over two axes', () => {
    const tricks = [
      arborescence({ vertices: 4 }),
      projectiveTree({ words: 3 }),
      matching({ size: 4 }),
      independentEdges({ vertices: 4, directed: true }),
    ];
    for (const trick of tricks) {
      const tensors = tensorTrick(trick);
      const cells = wave(2 * 16, 4);
      const [flat, square] = [tf.tensor2d(cells, [2, 16]), tf.tensor3d(cells, [2, 4, 4])];
      const options = { seed: 5, samples: 3 };
      const [a, b] = [tensors.sample(flat, options), tensors.sample(square, options)];
      expect(a.soft.shape).toEqual([2, 3, 16]);
      expect(b.soft.shape).toEqual([2, 3, 4, 4]);
      for (const key of ['utility', 'hard', 'soft'] as const)
        expect(numbers(b[key])).toEqual(numbers(a[key]));
      const slope = (x: tf.Tensor) => tf.grad((u) => tf.sum(tf.square(tensors.softmax(u))) as tf.Scalar)(x);
      expect(slope(square).shape).toEqual([2, 4, 4]);
      expect(numbers(slope(square))).toEqual(numbers(slope(flat)));
      expect(tensors.kl(square).shape).toEqual([2]);
    }
  });

  test('edges become a matrix, and a matrix edges, with their gradients', () => {
    const trees = spanningTree({ vertices: 4 });
    const tensors = tensorTrick(trees);
    const x = wave(2 * 6, 5);
    const rows = tf.tensor2d(x, [2, 6]);
    const matrix = tensors.toAdjacency(rows);
    expect(matrix.shape).toEqual([2, 4, 4]);
    const cells = numbers(matrix);
    trees.edges.forEach(([i, j], edge) => {
      for (const row of [0, 1]) {
        expect(cells[row * 16 + i * 4 + j]).toBe(single(x)[row * 6 + edge]);
        expect(cells[row * 16 + j * 4 + i]).toBe(single(x)[row * 6 + edge]);
      }
    });
    expect(numbers(tensors.fromAdjacency(matrix))).toEqual(single(x));
    const lengths = tf.tensor1d([3, 2], 'int32');
    const padded = tf.tensor2d(
      [1, 2, Number.NaN, 3, Number.NaN, Number.NaN, 4, ...new Array(5).fill(Number.NaN)],
      [2, 6],
    );
    const short = tensors.toAdjacency(padded, { lengths });
    expect(numbers(short).filter((value) => value !== 0)).toEqual(Float32Array.of(1, 2, 1, 3, 2, 3, 4, 4));
    expect(
      tf
        .grad((r) => tf.sum(tensors.toAdjacency(r, { lengths })) as tf.Scalar)(padded)
        .arraySync(),
    ).toEqual([
      [2, 2, 0, 2, 0, 0],
      [2, 0, 0, 0, 0, 0],
    ]);
    const w = tf.tensor3d(wave(32, 6), [2, 4, 4]);
    const forth = tf.grad((r) => tf.sum(tf.mul(tensors.toAdjacency(r), w)) as tf.Scalar)(rows);
    expect(numbers(forth)).toEqual(single(trees.toAdjacencyVjp(single(wave(32, 6)))));
    const v = tf.tensor2d(wave(12, 7), [2, 6]);
    const back = tf.grad((m) => tf.sum(tf.mul(tensors.fromAdjacency(m), v)) as tf.Scalar)(matrix);
    expect(numbers(back)).toEqual(single(trees.fromAdjacencyVjp(single(wave(12, 7)))));
    // <A v, w> = <v, A^T w> of both maps.
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, y, i) => sum + y * b[i]!, 0);
    const [p, q] = [wave(6, 8), wave(16, 9)].map((array) => Float64Array.from(array));
    expect(dot(trees.toAdjacency(p!), q!)).toBeCloseTo(dot(p!, trees.toAdjacencyVjp(q!)), 12);
    expect(dot(trees.fromAdjacency(q!), p!)).toBeCloseTo(dot(q!, trees.fromAdjacencyVjp(p!)), 12);
  });

  test('the elements of a chain', () => {
    const chain = tensorTrick(correlatedTopK({ elements: 3, k: 1 }));
    const x = chain.argmax(tf.tensor2d(wave(10, 1), [2, 5]));
    expect(elementsOf(x).shape).toEqual([2, 3]);
    expect(numbers(tf.sum(elementsOf(x), 1))).toEqual(Float32Array.of(1, 1));
  });

  test('options are read when a method is called', () => {
    const tensors = tensorTrick(topK({ elements: 4, k: 1 }));
    const [u, w] = [tf.tensor2d([[1, 2, 3, 4]]), tf.tensor1d([1, -2, 3, 5])];
    const options = { temperature: 0.3, lengths: Int32Array.of(3) };
    const of = (later: () => void) =>
      numbers(
        tf.grad((x) => {
          const soft = tensors.softmax(x, options);
          later();
          return tf.sum(tf.mul(soft, w)) as tf.Scalar;
        })(u),
      );
    const expected = of(() => {});
    const got = of(() => {
      options.temperature = 3;
      options.lengths[0] = 4;
    });
    expect(got).toEqual(expected);
  });

  test('a structure without coordinates has rows all the same', () => {
    const tensors = tensorTrick(spanningTree({ vertices: 1 }));
    expect(tensors.softmax(tf.zeros([3, 0])).shape).toEqual([3, 0]);
    expect(numbers(tensors.logPartition(tf.zeros([3, 0])))).toEqual(Float32Array.of(0, 0, 0));
    expect(numbers(tensors.kl(tf.zeros([2, 3, 0])))).toEqual(new Float32Array(6));
    const drawn = tensors.sample(tf.zeros([0]), { seed: 1, lengths: [1] });
    expect(drawn.hard.shape).toEqual([0]);
    expect(tensors.toAdjacency(tf.zeros([2, 0])).shape).toEqual([2, 1, 1]);
    expect(tensors.fromAdjacency(tf.ones([2, 1, 1])).shape).toEqual([2, 0]);
    const logs = tensors.logProbability(tf.zeros([2, 0]), tf.zeros([2, 3, 0]), { lengths: [1, 1] });
    expect(logs.arraySync()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test('bad lengths are refused', () => {
    const tensors = tensorTrick(topK({ elements: 4, k: 1 }));
    const u = tf.zeros([2, 4]);
    for (const lengths of [[1], [1, 2, 3], [1, 5], tf.tensor1d([1, 2]), tf.tensor1d([1], 'int32'), 'x']) {
      expect(() => tensors.softmax(u, { lengths: lengths as number[] })).toThrow(SstError);
    }
  });
});
