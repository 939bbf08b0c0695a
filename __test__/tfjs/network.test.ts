import * as tf from '@tensorflow/tfjs';
import { type ExponentialFamilyTrick, oneHot, spanningTree, subset, topK } from '../../ts';
import { type ExponentialFamilyTensorTrick, tensorTrick } from '../../ts/tfjs';
import { backends, useBackend, wave } from './backends';

/**
 * A small network: two dense layers give theta, a structure is drawn from it, and a loss of the structure is joined by
 * the divergence and by the log-partition function. It is written twice, in tensors and in plain doubles through the
 * main entry; the gradients of the one, in single precision, must be the central differences of the other.
 */
const BATCH = 3;
const INPUTS = 4;
const HIDDEN = 5;
const SAMPLES = 2;
const SEED = 11;

/** The weights of both layers, one array after the other, by name and shape. */
const layers = (n: number) => ({
  hidden: [INPUTS, HIDDEN],
  hiddenBias: [HIDDEN],
  output: [HIDDEN, n],
  outputBias: [n],
});

type Weights = Record<keyof ReturnType<typeof layers>, Float64Array>;
type Method = 'softmax' | 'straightThrough';

const inputs = wave(BATCH * INPUTS, 0.5);
const target = 0.7;

function initial(n: number): Weights {
  const entries = Object.entries(layers(n)).map(([name, shape], i) => {
    // Exact in single precision, so that both networks have the same weights.
    return [name, Float64Array.from(wave(shape[0] * (shape[1] ?? 1), i))];
  });
  return Object.fromEntries(entries) as Weights;
}

function dense(x: Float64Array, weights: Float64Array, bias: Float64Array): Float64Array {
  const [rows, width, into] = [BATCH, x.length / BATCH, bias.length];
  const y = new Float64Array(rows * into);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < into; j++) {
      let sum = bias[j];
      for (let i = 0; i < width; i++) sum += x[row * width + i] * weights[i * into + j];
      y[row * into + j] = sum;
    }
  }
  return y;
}

/** The loss in doubles. For the straight-through estimator, the soft structure plus the fixed step to the hard one. */
function lossOf(trick: ExponentialFamilyTrick, weights: Weights, step: Float64Array | undefined): number {
  const hidden = dense(Float64Array.from(inputs), weights.hidden, weights.hiddenBias).map(Math.tanh);
  const theta = dense(hidden, weights.output, weights.outputBias);
  const utility = trick.perturb(theta, { seed: SEED, samples: SAMPLES });
  const soft = trick.softmax(utility);
  const chosen = step === undefined ? soft : soft.map((x, i) => x + step[i]);
  const n = trick.dimension;
  let loss = 0;
  for (let row = 0; row < BATCH * SAMPLES; row++) {
    let value = 0;
    for (let i = 0; i < n; i++) value += Math.cos(i) * chosen[row * n + i];
    loss += (value - target) ** 2;
  }
  const sum = (array: Float64Array) => array.reduce((a, b) => a + b, 0);
  return loss + 0.1 * sum(trick.kl(theta)) + 0.05 * sum(trick.logPartition(utility));
}

/** From the soft to the hard structures of the initial weights. */
function stepToHard(trick: ExponentialFamilyTrick, weights: Weights): Float64Array {
  const hidden = dense(Float64Array.from(inputs), weights.hidden, weights.hiddenBias).map(Math.tanh);
  const utility = trick.perturb(dense(hidden, weights.output, weights.outputBias), {
    seed: SEED,
    samples: SAMPLES,
  });
  const soft = trick.softmax(utility);
  return trick.argmax(utility).map((x, i) => x - soft[i]);
}

function tensorLoss(tensors: ExponentialFamilyTensorTrick, method: Method, weights: tf.Tensor[]): tf.Scalar {
  const [hidden, hiddenBias, output, outputBias] = weights;
  const x = tf.tensor2d(inputs, [BATCH, INPUTS]);
  const theta = tf.add(tf.matMul(tf.tanh(tf.add(tf.matMul(x, hidden), hiddenBias)), output), outputBias);
  const utility = tensors.perturb(theta, { seed: SEED, samples: SAMPLES });
  const n = tensors.trick.dimension;
  const costs = tf.tensor1d(Float32Array.from({ length: n }, (_, i) => Math.cos(i)));
  const values = tf.sum(tf.mul(tensors[method](utility), costs), -1);
  return tf.addN([
    tf.sum(tf.square(tf.sub(values, target))),
    tf.mul(tf.sum(tensors.kl(theta)), 0.1),
    tf.mul(tf.sum(tensors.logPartition(utility)), 0.05),
  ]) as tf.Scalar;
}

const tricks: [string, ExponentialFamilyTrick][] = [
  ['oneHot', oneHot({ categories: 5, temperature: 0.7 })],
  ['subset', subset({ elements: 5, temperature: 0.7 })],
  ['topK', topK({ elements: 5, k: 2, temperature: 0.7 })],
  ['spanningTree', spanningTree({ vertices: 4, temperature: 0.7 })],
  [
    'spanningTree, edges',
    spanningTree({
      vertices: 3,
      edges: [
        [0, 1],
        [2, 1],
        [0, 2],
      ],
      temperature: 0.7,
    }),
  ],
];

describe.each(backends)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  describe.each(tricks)('%s', (_, trick) => {
    test.each(['softmax', 'straightThrough'] as const)('gradients through %s', (method) => {
      const weights = initial(trick.dimension);
      const names = Object.keys(weights) as (keyof Weights)[];
      const step = method === 'softmax' ? undefined : stepToHard(trick, weights);
      const shapes = layers(trick.dimension);
      const tensors = names.map((name) => tf.tensor(Float32Array.from(weights[name]), shapes[name]));
      const { value, grads } = tf.valueAndGrads((...of: tf.Tensor[]) =>
        tensorLoss(tensorTrick(trick), method, of),
      )(tensors);

      // Single precision through a dozen operations on numbers of size 1 to 10.
      const loss = lossOf(trick, weights, step);
      expect(Math.abs(value.dataSync()[0] - loss)).toBeLessThan(1e-5 * Math.abs(loss));
      const got = grads.map((grad) => Array.from(grad.dataSync()));
      const expected = names.map((name) =>
        Array.from(weights[name], (_x, i) => difference(trick, weights, step, name, i)),
      );
      const scale = Math.max(...expected.flat().map(Math.abs));
      expect(scale).toBeGreaterThan(0.1);
      got.flat().forEach((x, i) => {
        expect(Math.abs(x - expected.flat()[i])).toBeLessThan(2e-5 * scale);
      });
    });
  });

  test('training lowers the loss and leaves no tensor behind', () => {
    const trick = spanningTree({ vertices: 4, temperature: 0.7 });
    const weights = initial(trick.dimension);
    const shapes = layers(trick.dimension);
    const variables = (Object.keys(weights) as (keyof Weights)[]).map((name) =>
      tf.variable(tf.tensor(Float32Array.from(weights[name]), shapes[name])),
    );
    const optimizer = tf.train.sgd(0.02);
    const train = () => {
      const cost = optimizer.minimize(() => tensorLoss(tensorTrick(trick), 'softmax', variables), true);
      const loss = cost?.dataSync()[0];
      cost?.dispose();
      return loss as number;
    };
    const first = train();
    const before = tf.memory().numTensors;
    let last = first;
    for (let i = 0; i < 30; i++) last = train();
    expect(last).toBeLessThan(0.8 * first);
    expect(tf.memory().numTensors).toBe(before);
    for (const variable of variables) variable.dispose();
  });
});

/** The central difference in one weight: truncation 1e-8 of third derivatives, rounding 1e-16 / 1e-4. */
function difference(
  trick: ExponentialFamilyTrick,
  weights: Weights,
  step: Float64Array | undefined,
  name: keyof Weights,
  index: number,
): number {
  const h = 1e-4;
  const moved = (by: number) => {
    const array = weights[name].slice();
    array[index] += by;
    return lossOf(trick, { ...weights, [name]: array }, step);
  };
  return (moved(h) - moved(-h)) / (2 * h);
}
