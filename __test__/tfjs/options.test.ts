import * as tf from '@tensorflow/tfjs';
import { topK } from '../../ts';
import { tensorTrick } from '../../ts/tfjs';
import { backends, numbers, useBackend, wave } from './backends';

const trick = topK({ elements: 5, k: 2, temperature: 0.5 });
const tensors = tensorTrick(trick);
/** Rows of unlike lengths, and another temperature than the trick's. */
const lengths = [3, 5];
const temperature = 1.75;
const relaxed = { lengths, temperature };
const draws = { seed: 5, samples: 3, firstRow: 2, lengths };
const gradient = { finiteDifference: 2 ** -4 };

const cells = wave(10, 1);
const other = wave(10, 2);
const utilities = trick.perturb(cells, draws);
const embeddings = trick.familySample(cells, { ...draws, temperature });
const tensor = (array: ArrayLike<number>, shape: number[]) => tf.tensor(Float32Array.from(array), shape);
const perRow = (c: Float32Array) => (_: number, i: number) => c[Math.floor(i / 5)]! / temperature;

interface Case {
  shape: number[];
  /** The method. */
  of: (x: tf.Tensor) => tf.Tensor;
  /** What the trick gives. */
  value: ArrayLike<number>;
  /** The product of its derivative with a cotangent; none if there is no derivative. */
  product?: (c: Float32Array) => ArrayLike<number>;
}

const through = (c: Float32Array, more: object = {}) =>
  trick.perturbVjp(
    cells,
    utilities,
    trick.softmaxVjp(Float32Array.from(utilities), c, { ...relaxed, samples: 3, ...more }),
    { lengths },
  );

const cases: Record<string, Case> = {
  perturb: {
    shape: [2, 3, 5],
    of: (x) => tensors.perturb(x, draws),
    value: utilities,
    product: (c) => trick.perturbVjp(cells, utilities, c, { lengths }),
  },
  argmax: {
    shape: [2, 5],
    of: (x) => tensors.argmax(x, { lengths }),
    value: trick.argmax(cells, { lengths }),
  },
  softmax: {
    shape: [2, 5],
    of: (x) => tensors.softmax(x, relaxed),
    value: trick.softmax(cells, relaxed),
    product: (c) => trick.softmaxVjp(cells, c, relaxed),
  },
  straightThrough: {
    shape: [2, 5],
    of: (x) => tensors.straightThrough(x, relaxed),
    value: trick.argmax(cells, { lengths }),
    product: (c) => trick.softmaxVjp(cells, c, relaxed),
  },
  'straightThrough, by differences': {
    shape: [2, 5],
    of: (x) => tensors.straightThrough(x, { ...relaxed, gradient }),
    value: trick.argmax(cells, { lengths }),
    product: (c) => trick.softmaxVjp(cells, c, { ...relaxed, gradient }),
  },
  'utilities of a sample': {
    shape: [2, 3, 5],
    of: (x) => tensors.sample(x, { ...draws, temperature }).utility,
    value: utilities,
    product: (c) => trick.perturbVjp(cells, utilities, c, { lengths }),
  },
  'hard structures of a sample': {
    shape: [2, 3, 5],
    of: (x) => tensors.sample(x, { ...draws, temperature }).hard,
    value: trick.argmax(utilities, { lengths, samples: 3 }),
  },
  'soft structures of a sample': {
    shape: [2, 3, 5],
    of: (x) => tensors.sample(x, { ...draws, temperature }).soft,
    value: trick.softmax(Float32Array.from(utilities), { ...relaxed, samples: 3 }),
    product: through,
  },
  'soft structures of a sample, by differences': {
    shape: [2, 3, 5],
    of: (x) => tensors.sample(x, { ...draws, temperature, gradient }).soft,
    value: trick.softmax(Float32Array.from(utilities), { ...relaxed, samples: 3 }),
    product: (c) => through(c, { gradient }),
  },
  kl: {
    shape: [2],
    of: (x) => tensors.kl(x, { lengths }),
    value: trick.kl(cells, { lengths }),
    product: (c) => trick.klVjp(cells, c, { lengths }),
  },
  logPartition: {
    shape: [2],
    of: (x) => tensors.logPartition(x, relaxed),
    value: trick.logPartition(cells, relaxed),
    product: (c) => {
      const weights = perRow(c);
      return trick.softmax(cells, relaxed).map((mean, i) => mean * weights(mean, i));
    },
  },
  entropy: {
    shape: [2],
    of: (x) => tensors.entropy(x, relaxed),
    value: trick.entropy(cells, relaxed),
    product: (c) => trick.entropyVjp(cells, c, relaxed),
  },
  logProbability: {
    shape: [2, 3],
    of: (x) => {
      const embedding = tensor(embeddings, [2, 3, 5]);
      const logs = tensors.logProbability(x, embedding, relaxed);
      // Before the gradient is asked for: its memory may serve others.
      embedding.dispose();
      tf.fill([2, 3, 5], 0.5);
      return logs;
    },
    value: trick.logProbability(cells, embeddings, relaxed),
    product: (c) => trick.logProbabilityVjp(cells, embeddings, c, relaxed),
  },
  'divergence from another': {
    shape: [2],
    of: (x) => tensors.divergence(x, tensor(other, [2, 5]), relaxed),
    value: trick.divergence(cells, other, relaxed),
    product: (c) => trick.divergenceVjp(cells, other, c, relaxed).utility,
  },
  'divergence of another': {
    shape: [2],
    of: (x) => tensors.divergence(tensor(other, [2, 5]), x, relaxed),
    value: trick.divergence(other, cells, relaxed),
    product: (c) => trick.divergenceVjp(other, cells, c, relaxed).other,
  },
  familySample: {
    shape: [2, 3, 5],
    of: (x) => tensors.familySample(x, { ...draws, temperature }),
    value: embeddings,
  },
};

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const close = (got: Float32Array, expected: ArrayLike<number>) => {
  expect(got).toHaveLength(expected.length);
  // Single precision through a product.
  got.forEach((x, i) => {
    expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(expected[i]!)));
  });
};

describe.each(backends)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(Object.entries(cases))('%s has its options on both ways', (_, { shape, of, value, product }) => {
    const x = tensor(cells, [2, 5]);
    const found = of(x);
    expect(found.shape).toEqual(shape);
    close(numbers(found), value);
    if (product === undefined) return;
    const c = wave(size(shape), 7);
    const slope = tf.grad((u) => tf.sum(tf.mul(of(u), tensor(c, shape))) as tf.Scalar)(x);
    close(numbers(slope), product(c));
  });
});
