import * as tf from '@tensorflow/tfjs';
import { SstError, spanningTree, subset, topK } from '../../ts';
import { tensorTrick } from '../../ts/tfjs';
import { backends, numbers, useBackend, wave } from './backends';

const trick = spanningTree({ vertices: 4, temperature: 0.5 });
const tensors = tensorTrick(trick);
const n = trick.dimension;
const shapes = [[n], [1, n], [3, n], [2, 3, n], [2, 1, 3, n], [2, 0, n]];
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe.each(backends)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(shapes.map((shape) => [shape]))('values and shapes of a batch of shape %j', (shape) => {
    const u = wave(size(shape), 1);
    const utility = tf.tensor(u, shape);
    const batch = shape.slice(0, -1);
    const expected: [tf.Tensor, Float32Array, number[]][] = [
      [tensors.argmax(utility), trick.argmax(u), shape],
      [tensors.softmax(utility), trick.softmax(u), shape],
      [tensors.softmax(utility, { temperature: 2 }), trick.softmax(u, { temperature: 2 }), shape],
      [tensors.straightThrough(utility), trick.argmax(u), shape],
      [tensors.perturb(utility, { seed: 3 }), trick.perturb(u, { seed: 3 }), shape],
      [
        tensors.perturb(utility, { seed: 3, samples: 2, firstRow: 5 }),
        trick.perturb(u, { seed: 3, samples: 2, firstRow: 5 }),
        [...batch, 2, n],
      ],
      [tensors.kl(utility), trick.kl(u), batch],
      [tensors.logPartition(utility), trick.logPartition(u), batch],
    ];
    for (const [tensor, array, itsShape] of expected) {
      expect(tensor.shape).toEqual(itsShape);
      expect(tensor.dtype).toBe('float32');
      expect(numbers(tensor)).toEqual(array);
    }
  });

  test('sample draws once, with an axis of samples before the last', () => {
    const theta = wave(2 * 3 * n, 2);
    const options = { seed: 7n, samples: 4, temperature: 0.3 };
    const drawn = tensors.sample(tf.tensor(theta, [2, 3, n]), options);
    const expected = trick.sample(theta, options);
    for (const key of ['utility', 'hard', 'soft'] as const) {
      expect(drawn[key].shape).toEqual([2, 3, 4, n]);
      expect(numbers(drawn[key])).toEqual(expected[key]);
    }
  });

  test('forbidden edges and whole numbers pass through tensors', () => {
    const u = [1, -Infinity, 2, 0, 3, 1];
    expect(numbers(tensors.softmax(tf.tensor1d(u)))).toEqual(Float32Array.from(trick.softmax(u)));
    const whole = tf.tensor1d([1, 0, 2, 0, 3, 1], 'int32');
    expect(numbers(tensors.argmax(whole))).toEqual(Float32Array.from(trick.argmax([1, 0, 2, 0, 3, 1])));
  });

  test('results do not share memory with inputs', () => {
    const utility = tf.tensor1d(wave(n, 3));
    const before = numbers(utility);
    const { values, gradients } = gradientsOf(utility);
    values.dataSync().fill(9);
    gradients.dataSync().fill(9);
    expect(numbers(utility)).toEqual(before);
    expect(numbers(gradientsOf(utility).values)).not.toContain(9);
  });

  test('first derivatives of every method', () => {
    const u = wave(2 * n, 4);
    const g = wave(2 * n, 5);
    const [utility, weights] = [tf.tensor2d(u, [2, n]), tf.tensor2d(g, [2, n])];
    const gradientOf = (f: (x: tf.Tensor) => tf.Tensor) =>
      numbers(tf.grad((x) => tf.sum(tf.mul(f(x), weights)))(utility));
    expect(gradientOf((x) => tensors.softmax(x))).toEqual(trick.softmaxVjp(u, g));
    expect(gradientOf((x) => tensors.softmax(x, { temperature: 3 }))).toEqual(
      trick.softmaxVjp(u, g, { temperature: 3 }),
    );
    expect(gradientOf((x) => tensors.straightThrough(x))).toEqual(trick.softmaxVjp(u, g));
    expect(gradientOf((x) => tensors.perturb(x, { seed: 1 }))).toEqual(g);

    const rowWeights = tf.tensor1d([2, -0.5]);
    const gradientOfRows = (f: (x: tf.Tensor) => tf.Tensor) =>
      numbers(tf.grad((x) => tf.sum(tf.mul(f(x), rowWeights)))(utility));
    expect(gradientOfRows((x) => tensors.kl(x))).toEqual(trick.klVjp(u, [2, -0.5]));
    const ofLog = gradientOfRows((x) => tensors.logPartition(x));
    const soft = trick.softmax(u);
    ofLog.forEach((x, i) => {
      expect(x).toBeCloseTo(((i < n ? 2 : -0.5) * soft[i]) / 0.5, 5);
    });
  });

  test('the gradients of samples add up', () => {
    const g = wave(2 * 3 * n, 6);
    const gradient = tf.grad((theta) =>
      tf.sum(tf.mul(tensors.perturb(theta, { seed: 1, samples: 3 }), tf.tensor(g, [2, 3, n]))),
    )(tf.tensor2d(wave(2 * n, 1), [2, n]));
    expect(gradient.shape).toEqual([2, n]);
    numbers(gradient).forEach((x, cell) => {
      const [row, i] = [Math.floor(cell / n), cell % n];
      const sum = [0, 1, 2].reduce((total, sample) => total + g[(row * 3 + sample) * n + i], 0);
      expect(x).toBeCloseTo(sum, 6);
    });
  });

  test('of an embedding nothing is needed once its log-probability is known', () => {
    const [u, x] = [wave(n, 4), trick.argmax(wave(n, 5))];
    const gradient = tf.grad((utility: tf.Tensor) => {
      const embedding = tf.tensor1d(x.slice());
      const log = tensors.logProbability(utility, embedding);
      // On some backends this is the tensor's own memory, which another tensor may get next.
      embedding.dataSync().fill(0.5);
      embedding.dispose();
      tf.fill([n], 0.5).dataSync();
      return log;
    })(tf.tensor1d(u));
    expect(numbers(gradient)).toEqual(Float32Array.from(trick.logProbabilityVjp(u, x, [1])));
  });

  test('argmax has no gradient', () => {
    const f = (x: tf.Tensor) => tf.sum(tensors.argmax(x));
    expect(() => tf.grad(f)(tf.tensor1d(wave(n, 1)))).toThrow(/gradient/);
  });

  test('a derivative of a derivative is refused', () => {
    const weights = tf.tensor1d(wave(n, 5));
    const x = tf.tensor1d(wave(n, 1));
    const twice = (f: (x: tf.Tensor) => tf.Tensor) => {
      const first = tf.grad((at) => tf.sum(tf.mul(f(at), weights)));
      // Of a linear and of a quadratic function of the method's result.
      const second = [tf.grad((at) => tf.sum(first(at))), tf.grad(tf.grad((at) => tf.sum(tf.square(f(at)))))];
      for (const derivative of second) expect(() => derivative(x)).toThrow(SstError);
    };
    twice((at) => tensors.softmax(at));
    twice((at) => tensors.straightThrough(at));
    twice((at) => tensors.perturb(at, { seed: 1 }));
    twice((at) => tensors.kl(at));
  });

  test('logPartition has a second derivative, the Jacobian of softmax over the temperature, and no third', () => {
    const u = wave(n, 1);
    const weights = wave(n, 5);
    const first = tf.grad((at: tf.Tensor) => tensors.logPartition(at));
    const second = tf.grad((at: tf.Tensor) => tf.sum(tf.mul(first(at), tf.tensor1d(weights))));
    const expected = trick.softmaxVjp(u, weights).map((x) => x / 0.5);
    numbers(second(tf.tensor1d(u))).forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i], 5);
    });
    const third = tf.grad((at: tf.Tensor) => tf.sum(second(at)));
    expect(() => third(tf.tensor1d(u))).toThrow(SstError);
  });

  test('temperature 0 is the hard operator, without a gradient', () => {
    const u = wave(n, 1);
    const soft = (x: tf.Tensor) => tensors.softmax(x, { temperature: 0 });
    expect(numbers(soft(tf.tensor1d(u)))).toEqual(trick.argmax(u));
    expect(numbers(tf.grad((x) => tf.sum(soft(x)))(tf.tensor1d(u)))).toEqual(new Float32Array(n));
  });

  test('memory is flat', () => {
    const u = tf.tensor2d(wave(4 * n, 1), [4, n]);
    const step = () =>
      tf.tidy(() => {
        const { soft } = tensors.sample(u, { seed: 1, samples: 2 });
        soft.dataSync();
        return numbers(
          tf.grad((x) =>
            tf.addN([
              tf.sum(tensors.softmax(tensors.perturb(x, { seed: 1 }))),
              tf.sum(tf.square(tensors.straightThrough(x))),
              tf.sum(tensors.kl(x)),
              tf.sum(tensors.logPartition(x)),
            ]),
          )(u),
        );
      });
    step();
    const before = tf.memory();
    for (let i = 0; i < 20; i++) step();
    const after = tf.memory();
    expect([after.numTensors, after.numBytes]).toEqual([before.numTensors, before.numBytes]);
  });
});

function gradientsOf(utility: tf.Tensor): { values: tf.Tensor; gradients: tf.Tensor } {
  const { value, grad } = tf.valueAndGrad((x) => tf.sum(tf.square(tensors.softmax(x))))(utility);
  return { values: tensors.softmax(utility), gradients: tf.add(grad, tf.mul(value, 0)) };
}

test('every structure has its tensors', () => {
  for (const each of [subset({ elements: n }), topK({ elements: n, k: 2 })]) {
    const u = wave(n, 1);
    expect(tensorTrick(each).trick).toBe(each);
    expect(numbers(tensorTrick(each).softmax(tf.tensor1d(u)))).toEqual(each.softmax(u));
  }
});
