import * as tf from '@tensorflow/tfjs';
import { customStructure, subset, topK } from '../../ts';
import { tensorTrick } from '../../ts/tfjs';
import { backends, numbers, useBackend, wave } from './backends';

const coins = subset({ elements: 4, temperature: 0.5 });
const argmax = (utility: Float64Array) => coins.argmax(utility);
const relaxation = {
  softmax: (utility: Float64Array, _rows: number, temperature: number) =>
    coins.softmax(utility, { temperature }),
};
const gradient = { finiteDifference: 2 ** -10 };
const value = (x: tf.Tensor) => x.mul(tf.tensor1d([1, 2, 3, 4])).sum() as tf.Scalar;

describe.each(backends)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test('a structure of one’s own has tensors with gradients', () => {
    const trick = customStructure({ dimension: 4, argmax, temperature: 3 });
    const tensors = tensorTrick(trick);
    const u = wave(8, 1);
    expect(numbers(tensors.softmax(tf.tensor(u, [2, 4])))).toEqual(trick.softmax(u));
    const gradient = tf.grad((utility) => value(tensors.softmax(utility)))(tf.tensor(u, [2, 4]));
    expect(numbers(gradient)).toEqual(trick.softmaxVjp(u, new Float32Array([1, 2, 3, 4, 1, 2, 3, 4])));
    const ofTheta = tf.grad((theta) => value(tensors.sample(theta, { seed: 1 }).soft))(tf.zeros([4]));
    expect(numbers(ofTheta).some((g) => g !== 0)).toBe(true);
  });

  test('the gradient may be a finite difference', () => {
    const own = customStructure({ dimension: 4, argmax, relaxation, temperature: 0.5 });
    const u = wave(4, 2);
    for (const trick of [own, coins]) {
      const tensors = tensorTrick(trick);
      const expected = coins.softmaxVjp(u, new Float32Array([1, 2, 3, 4]), { gradient });
      for (const relax of [tensors.softmax, tensors.straightThrough]) {
        expect(numbers(tf.grad((x) => value(relax(x, { gradient })))(tf.tensor1d(u)))).toEqual(expected);
      }
      const theta = tf.tensor1d(u);
      const sampled = tf.grad((x) => value(tensors.sample(x, { seed: 4, gradient }).soft))(theta);
      const drawn = trick.perturb(u, { seed: 4 });
      const dLdU = trick.softmaxVjp(drawn, new Float32Array([1, 2, 3, 4]), { gradient });
      expect(numbers(sampled)).toEqual(trick.perturbVjp(u, drawn, dLdU));
    }
    // Without softmaxVjp there is no exact one, and the error says what to ask for.
    expect(() => tf.grad((x) => value(tensorTrick(own).softmax(x)))(tf.tensor1d(u))).toThrow(
      /^gradient: expected \{ finiteDifference: epsilon \}/,
    );
  });

  test('a temperature may be a tensor, with its own gradient', () => {
    const trick = topK({ elements: 4, k: 2, temperature: 3 });
    const tensors = tensorTrick(trick);
    const u = wave(8, 3);
    const cotangent = [1, 2, 3, 4, 1, 2, 3, 4];
    for (const shape of [[], [1]]) {
      const t = tf.fill(shape, 0.5);
      for (const relax of [tensors.softmax, tensors.straightThrough]) {
        const loss = (x: tf.Tensor, at: tf.Tensor) => value(relax(x, { temperature: at }));
        const [ofU, ofT] = tf.grads(loss)([tf.tensor2d(u, [2, 4]), t]);
        expect(numbers(ofU!)).toEqual(trick.softmaxVjp(u, cotangent, { temperature: 0.5 }));
        const [first, second] = trick.temperatureVjp([...u], cotangent, { temperature: 0.5 });
        expect(ofT!.shape).toEqual(shape);
        expect(numbers(ofT!)).toEqual(Float32Array.of(first! + second!));
        // A function of U / t: what is scaled together changes nothing.
        const along = numbers(ofU!).reduce((sum, g, i) => sum + g * u[i]!, 0);
        expect(Math.abs(along + 0.5 * numbers(ofT!)[0]!)).toBeLessThan(1e-5);
      }
      expect(numbers(tensors.softmax(tf.tensor2d(u, [2, 4]), { temperature: t }))).toEqual(
        trick.softmax(u, { temperature: 0.5 }),
      );
      const sampled = tf.grad((at) =>
        value(tensors.sample(tf.zeros([4]), { seed: 1, temperature: at }).soft),
      )(t);
      expect(numbers(sampled)[0]).not.toBe(0);
      expect(() =>
        tf.grad(tf.grad((at) => value(tensors.softmax(tf.tensor2d(u, [2, 4]), { temperature: at }))))(t),
      ).toThrow(/a derivative of one/);
    }
  });

  test('temperatures may be a tensor of the batch, or of its leading axes, each with its own gradient', () => {
    const trick = topK({ elements: 3, k: 2, temperature: 3 });
    const tensors = tensorTrick(trick);
    const u = wave(18, 3);
    const cotangent = wave(18, 5);
    const weights = tf.tensor3d(cotangent, [2, 3, 3]);
    const weigh = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(x, weights));
    for (const [given, shape] of [
      [
        [0.5, 0, 3, 0.5, 0.25, 1],
        [2, 3],
      ],
      [[0.5, 2], [2]],
    ] as [number[], number[]][]) {
      const t = tf.tensor(given, shape);
      const each = [0, 1, 2, 3, 4, 5].map((row) => given[shape.length === 2 ? row : Math.floor(row / 3)]!);
      for (const relax of [tensors.softmax, tensors.straightThrough]) {
        const loss = (x: tf.Tensor, temperature: tf.Tensor) => weigh(relax(x, { temperature }));
        const [ofU, ofT] = tf.grads(loss)([tf.tensor3d(u, [2, 3, 3]), t]);
        expect(numbers(ofU!)).toEqual(trick.softmaxVjp(u, cotangent, { temperature: each }));
        const rows = trick.temperatureVjp([...u], cotangent, { temperature: each });
        const sum = (i: number) => rows[3 * i]! + rows[3 * i + 1]! + rows[3 * i + 2]!;
        expect(ofT!.shape).toEqual(shape);
        expect(numbers(ofT!)).toEqual(Float32Array.from(shape.length === 2 ? rows : [sum(0), sum(1)]));
      }
    }
  });

  test('temperatures of the rows may be an array, of every method', () => {
    const trick = topK({ elements: 3, k: 2, temperature: 3 });
    const tensors = tensorTrick(trick);
    const [u, other, cotangent] = [wave(12, 3), wave(12, 4), wave(12, 5)];
    const [x, y, w] = [u, other, cotangent].map((cells) => tf.tensor3d(cells, [2, 2, 3]));
    const slope = (f: (at: tf.Tensor) => tf.Tensor, weights: tf.Tensor = tf.ones([2, 2])) =>
      numbers(tf.grad((at) => tf.sum(tf.mul(f(at), weights)) as tf.Scalar)(x!));
    const single = (cells: ArrayLike<number>) => Float32Array.from(cells);
    const ones = [1, 1, 1, 1];
    for (const temperature of [
      [0.5, 2, 1, 0.25],
      [2, 0.5],
    ]) {
      const each = { temperature: temperature.length === 4 ? temperature : [2, 2, 0.5, 0.5] };
      const given = { temperature };
      expect(numbers(tensors.softmax(x!, given))).toEqual(trick.softmax(u, each));
      expect(slope((at) => tensors.softmax(at, given), w)).toEqual(trick.softmaxVjp(u, cotangent, each));
      expect(numbers(tensors.logPartition(x!, given))).toEqual(trick.logPartition(u, each));
      const mean = trick.softmax([...u], each);
      const ofLog = single(mean.map((p, i) => p / each.temperature[Math.floor(i / 3)]!));
      const got = slope((at) => tensors.logPartition(at, given));
      got.forEach((g, i) => {
        expect(Math.abs(g - ofLog[i]!)).toBeLessThan(2e-7 * ofLog[i]!);
      });
      expect(numbers(tensors.entropy(x!, given))).toEqual(trick.entropy(u, each));
      expect(slope((at) => tensors.entropy(at, given))).toEqual(trick.entropyVjp(u, ones, each));
      expect(numbers(tensors.divergence(x!, y!, given))).toEqual(trick.divergence(u, other, each));
      const drawn = tensors.familySample(x!, { seed: 4, ...given });
      const embedding = trick.familySample(u, { seed: 4, ...each });
      expect(numbers(drawn)).toEqual(embedding);
      expect(numbers(tensors.logProbability(x!, drawn, given))).toEqual(
        trick.logProbability(u, embedding, each),
      );
      expect(slope((at) => tensors.logProbability(at, drawn, given))).toEqual(
        trick.logProbabilityVjp(u, embedding, ones, each),
      );
      const sample = tensors.sample(x!, { seed: 4, samples: 2, ...given });
      expect(sample.soft.shape).toEqual([2, 2, 2, 3]);
      const perturbed = trick.perturb(u, { seed: 4, samples: 2 });
      expect(numbers(sample.soft)).toEqual(trick.softmax(perturbed, { samples: 2, ...each }));
      // Of a tensor too.
      const t = tf.tensor(each.temperature, [2, 2]);
      expect(numbers(tensors.sample(x!, { seed: 4, samples: 2, temperature: t }).soft)).toEqual(
        numbers(sample.soft),
      );
    }
    expect(() => tensors.softmax(x!, { temperature: [1, 2, 3] })).toThrow(
      /^temperature: expected 4 numbers \(one for each row\), got 3$/,
    );
    expect(() => tensors.softmax(x!, { temperature: tf.ones([2, 1]) })).toThrow(
      /^temperature: expected a number, or .* shape \[2, 2\] of the batch, got shape \[2, 1\]$/,
    );
  });

  test('a temperature that is no number, or has no derivative, is refused at once', () => {
    const bad = { temperature: tf.tensor1d([1, 2]) };
    expect(() => tensorTrick(coins).softmax(tf.zeros([4]), bad)).toThrow(
      /^temperature: expected a number, or a tensor of one or of the shape \[\] of the batch, got shape \[2\]/,
    );
    expect(() => tensorTrick(coins).softmax(tf.zeros([4]), { temperature: tf.scalar(-1) })).toThrow(
      /^temperature: /,
    );
    const softsub = tensorTrick(topK({ elements: 4, k: 2, relaxation: 'softsub' }));
    const temperature = tf.scalar(0.5);
    expect(() => softsub.softmax(tf.zeros([4]), { temperature })).toThrow(/U \/ t alone/);
    // Of one's own that does not say that it is a function of U / t, by differences.
    const own = tensorTrick(customStructure({ dimension: 4, argmax, relaxation }));
    expect(() => own.softmax(tf.zeros([4]), { temperature })).toThrow(/U \/ t alone/);
    const u = wave(4, 2);
    const slope = tf.grad((at: tf.Tensor) =>
      value(own.softmax(tf.tensor1d(u), { temperature: at, gradient })),
    );
    const expected = coins.temperatureVjp([...u], [1, 2, 3, 4], { gradient });
    expect(numbers(slope(temperature))).toEqual(Float32Array.from(expected));
  });

  test('a finite difference is taken at the temperature of the call', () => {
    const u = wave(4, 3);
    const g = new Float32Array([1, 2, 3, 4]);
    const tensors = tensorTrick(coins);
    for (const temperature of [0.25, 2]) {
      const options = { gradient, temperature };
      const expected = coins.softmaxVjp(u, g, options);
      expect(expected).not.toEqual(coins.softmaxVjp(u, g, { gradient }));
      for (const relax of [tensors.softmax, tensors.straightThrough]) {
        expect(numbers(tf.grad((x) => value(relax(x, options)))(tf.tensor1d(u)))).toEqual(expected);
      }
      const sampled = tf.grad((x) => value(tensors.sample(x, { seed: 4, ...options }).soft))(tf.tensor1d(u));
      const drawn = coins.perturb(u, { seed: 4 });
      expect(numbers(sampled)).toEqual(coins.perturbVjp(u, drawn, coins.softmaxVjp(drawn, g, options)));
    }
  });

  test('the gradient is of the embeddings that were given, whatever becomes of their memory', () => {
    const tensors = tensorTrick(coins);
    const u = wave(4, 5);
    const given = [1, 0, 0, 1];
    const memory = Float32Array.from(given);
    const got = tf.grad((x) => {
      const embedding = tf.tensor1d(memory);
      const log = tensors.logProbability(x, embedding);
      embedding.dataSync().fill(0);
      memory.fill(0);
      return log.sum();
    })(tf.tensor1d(u));
    expect(numbers(got)).toEqual(coins.logProbabilityVjp(u, given, [1]));
  });

  test('a gradient that is none is refused at once', () => {
    const tensors = tensorTrick(topK({ elements: 4, k: 2, relaxation: 'sparsemap' }));
    const wrong = { gradient: 'fast' } as object;
    expect(() => tensors.softmax(tf.zeros([4]), wrong)).toThrow(/^gradient: expected 'exact' or/);
    expect(() => tensors.straightThrough(tf.zeros([4]), wrong)).toThrow(/^gradient: /);
    expect(() => tensors.sample(tf.zeros([4]), { seed: 1, ...wrong })).toThrow(/^gradient: /);
  });
});
