import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../../ts/experiments/backend';
import { Parameters } from '../../../ts/experiments/parameters';
import { arrangeBatch, type Batch, BatchOrder } from '../../../ts/experiments/reviews/batches';
import { choiceOf } from '../../../ts/experiments/reviews/choice';
import type { ReviewsConfig } from '../../../ts/experiments/reviews/config';
import { packReviews, type ReviewSet } from '../../../ts/experiments/reviews/corpus/review-set';
import { vocabularyOf } from '../../../ts/experiments/reviews/corpus/vocabulary';
import { embed, modelParameters, scoresOf, trainingError } from '../../../ts/experiments/reviews/model';
import { type MethodName, modelNames, relaxationNames } from '../../../ts/experiments/reviews/names';
import { correlatedTopK, type TopKRelaxation, topK } from '../../../ts/index';
import { RandomStream } from '../../../ts/training/random';
import { tinyConfig } from './tiny';

const dimension = 3;
const words = 9;

/** Reviews of 1, 5 and 13 words: one of them is shorter than k. */
function someReviews(): ReviewSet {
  const random = new RandomStream(1, 'reviews');
  const reviews = [5, 1, 13].map((length) => ({
    tokens: Array.from({ length }, () => `w${random.below(words - 2)}`),
    ratings: Array.from({ length: 5 }, () => random.uniform()),
  }));
  return packReviews(reviews, vocabularyOf(Array.from({ length: words - 2 }, (_, i) => `w${i}`)));
}

/** Parameters that are far from 0 everywhere, with the vectors of the words among them. */
function someParameters(config: ReviewsConfig, pairs: boolean): Parameters {
  const parameters = new Parameters(
    {
      vectors: { shape: [words, dimension], draw: (random) => random.normal() },
      ...modelParameters(config, dimension, pairs),
    },
    3,
  );
  const random = new RandomStream(4, 'values');
  parameters.values.set(parameters.values.map(() => 0.5 * random.normal()));
  // The padding's.
  parameters.values.fill(0, 0, dimension);
  return parameters;
}

/** The objective in double precision, by loops, from the definition. */
function objective(
  config: ReviewsConfig,
  parameters: Parameters,
  values: Float64Array,
  batch: Batch,
  seed: bigint,
) {
  const array = arraysOf(parameters, values);
  const { lengths, width, tokens, ratings } = batch;
  const layers = config.model === 'simple' ? 1 : 3;
  let total = 0;
  const rectified = (input: number[][], name: string): number[][] => {
    const [weight, bias] = [array(`${name}.weight`), array(`${name}.bias`)];
    const [inputs, outputs] = [input[0].length, bias.length];
    return input.map((_, at) =>
      Array.from({ length: outputs }, (__, out) => {
        let sum = bias[out];
        for (let offset = 0; offset < 3; offset++) {
          const row = input[at + offset - 1];
          if (row === undefined) continue;
          for (let i = 0; i < inputs; i++) sum += row[i] * weight[(offset * inputs + i) * outputs + out];
        }
        return Math.max(0, sum);
      }),
    );
  };
  const dot = (a: readonly number[], b: ArrayLike<number>, from = 0) =>
    a.reduce((sum, x, i) => sum + x * b[from + i], 0);
  const pairs = config.method === 'correlated';
  for (let row = 0; row < lengths.length; row++) {
    const n = lengths[row];
    const embedded = Array.from({ length: n }, (_, i) => {
      const word = tokens[row * (width + 2) + 1 + i];
      return Array.from({ length: dimension }, (__, d) => array('vectors')[word * dimension + d]);
    });
    let features = embedded;
    for (let layer = 1; layer <= layers; layer++)
      features = rectified(features, `selector.convolution${layer}`);
    const scores = features.map(
      (x) => dot(x, array('selector.score.weight')) + array('selector.score.bias')[0],
    );
    if (pairs) {
      const weight = array('selector.pair.weight');
      for (let i = 0; i + 1 < n; i++) {
        const both = dot(features[i], weight) + dot(features[i + 1], weight, features[i].length);
        scores.push(both + array('selector.pair.bias')[0]);
      }
    }
    // Alone, so that what else is in the batch must not matter; the number of its row is its place in the batch.
    const k = Math.min(config.k, n);
    const trick = pairs
      ? correlatedTopK({ elements: n, k })
      : topK({ elements: n, k, relaxation: config.method as TopKRelaxation });
    const utility = trick.perturb(Float64Array.from(scores), { seed, firstRow: row });
    const chosen = trick.softmax(utility, { temperature: 0.7 }) as Float64Array;
    const masked = embedded.map((x, i) => x.map((value) => value * chosen[i]));
    const read = rectified(masked, 'predictor.convolution');
    const pooled = read[0].map((_, out) => {
      const column = read.map((x) => x[out]);
      return config.pooling === 'sum'
        ? column.reduce((sum, x) => sum + x, 0) / config.k
        : Math.max(...column);
    });
    const output = dot(pooled, array('predictor.output.weight')) + array('predictor.output.bias')[0];
    total += (1 / (1 + Math.exp(-output)) - ratings[row]) ** 2;
  }
  return total / lengths.length;
}

function arraysOf(parameters: Parameters, values: Float64Array): (name: string) => Float64Array {
  let at = 0;
  const found = new Map<string, Float64Array>();
  for (const [i, { values: part }] of parameters.layout.split(parameters.values).entries()) {
    found.set(parameters.layout.names[i], values.subarray(at, at + part.length));
    at += part.length;
  }
  return (name) => found.get(name) as Float64Array;
}

const cases = [
  ...relaxationNames.map((method) => [method, 'simple', 'sum'] as const),
  ['correlated', 'complex', 'sum'] as const,
  ['exponential-family', 'complex', 'max'] as const,
];

describe('the model', () => {
  beforeAll(() => useBackend('native'));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  test.each(cases)(
    'has the value and the gradient of its definition: %s, %s, %s',
    (method, model, pooling) => {
      const config = { ...tinyConfig(method, { models: [model], pooling }), scoreScale: 1 };
      const choice = choiceOf(method, config.k);
      const parameters = someParameters(config, choice.pairs);
      const batch = arrangeBatch(someReviews(), [0, 1, 2], 1);
      const loss = (...tensors: tf.Tensor[]) => {
        const weights = parameters.named(tensors);
        const vectors = weights.vectors as tf.Tensor2D;
        return trainingError({ config, choice, vectors, weights }, batch, { seed: 5n, temperature: 0.7 });
      };
      const { value, grads } = tf.valueAndGrads(loss)(parameters.tensors());
      const found = parameters.flatten(grads);
      const at = Float64Array.from(parameters.values);
      const exact = (values: Float64Array) => objective(config, parameters, values, batch, 5n);
      // Single precision has 6e-8; scores and sums are of a few terms near 1.
      expect(Math.abs(value.dataSync()[0] - exact(at))).toBeLessThan(1e-6);
      // Central differences in double precision, good to about 1e-9 (of 'max' and rectifiers almost surely).
      const step = 1e-5;
      const differences = Array.from(at, (_, i) => {
        if (i < dimension) return 0;
        const moved = (by: number) => exact(at.map((x, j) => (j === i ? x + by : x)));
        return (moved(step) - moved(-step)) / (2 * step);
      });
      const size = Math.max(...differences.map(Math.abs));
      expect(size).toBeGreaterThan(0.01);
      // The gradient at the padding's vector is never used.
      const worst = Math.max(...differences.map((d, i) => (i < dimension ? 0 : Math.abs(found[i] - d))));
      expect(worst).toBeLessThan(3e-6);
    },
  );

  test.each(modelNames)('scores a review alone as in a batch with longer ones, %s', (model) => {
    const config = tinyConfig('correlated', { models: [model] });
    const choice = choiceOf('correlated', config.k);
    const parameters = someParameters(config, true);
    const set = someReviews();
    const weights = parameters.named(parameters.tensors());
    const read = (reviews: number[], width: number) => {
      const batch = arrangeBatch(set, reviews, 1, width);
      const scores = scoresOf(config, weights, embed(weights.vectors as tf.Tensor2D, batch));
      const hard = choice.hard(scores, { lengths: batch.lengths, seed: 2n, firstRow: 0 });
      const soft = choice.soft(scores, { lengths: batch.lengths, seed: 2n, temperature: 1 });
      const row = (x: tf.Tensor2D) => Array.from(x.dataSync().slice(0, width));
      return { scores: row(scores), hard: row(hard), soft: row(soft) };
    };
    const alone = read([0], 16);
    const beside = read([0, 2, 1], 48);
    for (const part of ['scores', 'hard', 'soft'] as const) {
      const [a, b] = [alone[part].slice(0, 5), beside[part].slice(0, 5)];
      for (let i = 0; i < 5; i++) expect(Math.abs(a[i] - b[i])).toBeLessThan(1e-6);
      if (part !== 'scores') {
        expect(alone[part].slice(5).every((x) => x === 0)).toBe(true);
        expect(beside[part].slice(5).every((x) => x === 0)).toBe(true);
      }
    }
    expect(alone.hard.reduce((sum, x) => sum + x, 0)).toBe(config.k);
  });

  test.each(relaxationNames)('chooses all words of a review of fewer than k, %s', (method: MethodName) => {
    const batch = arrangeBatch(someReviews(), [1], 1);
    const choice = choiceOf(method, 3);
    const scores = tf.zeros([1, choice.pairs ? 31 : 16]) as tf.Tensor2D;
    const { lengths } = batch;
    for (const chosen of [choice.hard(scores, { lengths, seed: 1n }), choice.best(scores, { lengths })]) {
      expect(Array.from(chosen.dataSync())).toEqual([1, ...Array(15).fill(0)]);
    }
  });

  test('without noise L2X chooses the k best, and correlated pairs stay together', () => {
    const lengths = Uint32Array.of(4);
    const best = choiceOf('l2x', 2).best(tf.tensor2d([[0, 3, 1, 2]]), { lengths });
    expect(Array.from(best.dataSync())).toEqual([0, 1, 0, 1]);
    const { best: together } = choiceOf('correlated', 2);
    const pairs = tf.tensor2d([[0, 3, 1, 2, 0, 5, 0]]);
    expect(Array.from(together(pairs, { lengths }).dataSync())).toEqual([0, 1, 1, 0]);
  });
});

describe('batches', () => {
  const random = new RandomStream(1, 'lengths');
  const reviews = Array.from({ length: 203 }, () => ({
    tokens: Array.from({ length: 1 + random.below(60) }, () => 'a'),
    ratings: [0, 0, 0, 0, 0],
  }));
  const set = packReviews(reviews, vocabularyOf(['a']));

  test('depend on seed and step alone, and show no review twice in a pass', () => {
    const order = new BatchOrder(set, 4, 1);
    const all = Array.from({ length: 50 }, (_, i) => [...order.at(i + 1)]);
    expect(new Set(all.flat()).size).toBe(200);
    expect([...new BatchOrder(set, 4, 1).at(37)]).toEqual(all[36]);
    expect([...order.at(51)]).not.toEqual(all[0]);
    expect([...order.at(3)]).toEqual(all[2]);
    expect([...new BatchOrder(set, 4, 2).at(1)]).not.toEqual(all[0]);
  });

  test('have reviews of like lengths, in random order', () => {
    const order = new BatchOrder(set, 4, 1);
    const longest = Array.from({ length: 20 }, (_, i) =>
      Math.max(...Array.from(order.at(i + 1), (review) => reviews[review].tokens.length)),
    );
    const spread = Array.from({ length: 20 }, (_, i) => {
      const lengths = Array.from(order.at(i + 1), (review) => reviews[review].tokens.length);
      return Math.max(...lengths) - Math.min(...lengths);
    });
    // Four of 60 lengths at random would be 36 apart on average.
    expect(spread.reduce((sum, x) => sum + x, 0) / 20).toBeLessThan(8);
    expect(longest).not.toEqual([...longest].sort((a, b) => a - b));
  });

  test('are cut to what there is', () => {
    const few = packReviews(reviews.slice(0, 3), vocabularyOf(['a']));
    expect([...new BatchOrder(few, 40, 1).at(9)].sort()).toEqual([0, 1, 2]);
  });
});
