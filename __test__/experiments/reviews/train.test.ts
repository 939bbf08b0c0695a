import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../../ts/experiments/backend';
import type { Trainer } from '../../../ts/experiments/harness/experiment';
import { code } from '../../../ts/experiments/reviews/code';
import type { ReviewsConfig } from '../../../ts/experiments/reviews/config';
import { aspects } from '../../../ts/experiments/reviews/corpus/aspects';
import { loadReviews, type ReviewsData } from '../../../ts/experiments/reviews/corpus/data';
import { ReviewSource } from '../../../ts/experiments/reviews/corpus/generator';
import type { ReviewSet } from '../../../ts/experiments/reviews/corpus/review-set';
import { wordVectors } from '../../../ts/experiments/reviews/corpus/word-vectors';
import type { ReviewsExample } from '../../../ts/experiments/reviews/examples';
import { relaxationNames } from '../../../ts/experiments/reviews/names';
import { tinyConfig } from './tiny';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sst-reviews-'));
  await useBackend('native');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function load(config: ReviewsConfig): Promise<ReviewsData> {
  return (await code.load(config, { cacheDirectory: folder })) as ReviewsData;
}

function train(trainer: Trainer, until: number): number[] {
  const losses: number[] = [];
  while (trainer.step < until) losses.push(trainer.trainStep().mse);
  return losses;
}

describe('data', () => {
  test('come from the cache as they were generated', async () => {
    const config = tinyConfig('correlated', { dataSeed: 5 });
    const seen: number[] = [];
    const fresh = await loadReviews(config, {
      cacheDirectory: folder,
      onProgress: (done) => seen.push(done),
    });
    const files = readdirSync(folder).filter((name) => name.startsWith('reviews-'));
    const cached = await loadReviews(config, { cacheDirectory: folder });
    expect(cached).toEqual(fresh);
    // A damaged cache is generated anew.
    for (const name of files) writeFileSync(join(folder, name), 'rubbish');
    expect(await loadReviews(config, { cacheDirectory: folder })).toEqual(fresh);
  });

  test('have the same test set whatever the size of the training set', async () => {
    const small = await load(tinyConfig('correlated'));
    const large = await load(tinyConfig('correlated', { trainSize: 90 }));
    const texts = ({ vocabulary, test }: ReviewsData) =>
      Array.from(test.tokens, (token) => vocabulary.words[token]);
    expect(texts(large)).toEqual(texts(small));
    expect(large.train.size).toBe(90);
    expect(large.annotated).toBe(large.test);
  });

  test('stop when they are told to', async () => {
    const stop = new AbortController();
    const config = tinyConfig('correlated', { trainSize: 2000, dataSeed: 9 });
    const onProgress = () => stop.abort();
    expect(
      await loadReviews(config, { cacheDirectory: folder, signal: stop.signal, onProgress }),
    ).toBeUndefined();
  });
});

describe('word vectors', () => {
  /** The words 2 and 3 stand among the same neighbours, 4 and 5 among others. */
  const texts = [
    [2, 6, 7],
    [3, 6, 7],
    [7, 2, 6],
    [7, 3, 6],
    [4, 8, 9],
    [5, 8, 9],
    [9, 4, 8],
    [9, 5, 8],
  ];
  const set: ReviewSet = {
    size: texts.length,
    offsets: Int32Array.from({ length: texts.length + 1 }, (_, i) => 3 * i),
    tokens: Int32Array.from(texts.flat()),
    ratings: new Float32Array(texts.length * aspects.length),
  };

  test('are alike for words of like company, of mean square 1, and 0 for words that do not occur', () => {
    const dimension = 4;
    const vectors = wordVectors(set, 10, dimension, 1);
    const row = (word: number) => vectors.subarray(word * dimension, (word + 1) * dimension);
    const dot = (a: number, b: number) => row(a).reduce((sum, x, i) => sum + x * row(b)[i], 0);
    const cosine = (a: number, b: number) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    expect(cosine(2, 3)).toBeGreaterThan(0.999);
    expect(cosine(4, 5)).toBeGreaterThan(0.999);
    expect(cosine(2, 4)).toBeLessThan(0.5);
    expect([...row(0), ...row(1)]).toEqual(Array(2 * dimension).fill(0));
    const square = vectors.reduce((sum, x) => sum + x * x, 0) / (8 * dimension);
    expect(Math.abs(square - 1)).toBeLessThan(1e-6);
    expect([...wordVectors(set, 10, dimension, 1)]).toEqual([...vectors]);
  });
});

describe('training', () => {
  test.each([...relaxationNames, 'correlated-from-zero'] as const)(
    'goes on with the same bits, %s',
    async (method) => {
      const config = tinyConfig(method, { dropout: 0.1, models: ['complex'] });
      const data = await load(config);
      const whole = code.trainer(config, data);
      const losses = train(whole, 12);
      const first = code.trainer(config, data);
      const begun = train(first, 5);
      const saved = structuredClone(first.save());
      // What is saved is a copy, and evaluations in between change nothing.
      train(first, 7);
      const second = code.trainer(config, data);
      second.restore(saved);
      await second.evaluate(second.weights(), 'validation', {});
      expect(second.step).toBe(5);
      expect([...begun, ...train(second, 12)]).toEqual(losses);
      expect(second.save()).toEqual(whole.save());
      expect(await second.evaluate(second.weights(), 'test', {})).toEqual(
        await whole.evaluate(whole.weights(), 'test', {}),
      );
    },
  );

  test('depends on the seed, and leaves no tensor behind', async () => {
    const config = tinyConfig('correlated');
    const data = await load(config);
    const trainer = code.trainer(config, data);
    const before = tf.memory().numTensors;
    const losses = train(trainer, 3);
    await trainer.evaluate(trainer.weights(), 'validation', {});
    trainer.examples?.(trainer.weights(), undefined);
    expect(tf.memory().numTensors).toBe(before);
    expect(train(code.trainer({ ...config, seed: 2 }, data), 3)).not.toEqual(losses);
  });

  test('keeps words that are not trained, and pair scores from 0', async () => {
    const config = tinyConfig('correlated-from-zero', { trainWords: false });
    const trainer = code.trainer(config, await load(config));
    const { parameters } = trainer.weights();
    expect(parameters.words.shape).toEqual([0, 6]);
    expect([...parameters['selector.pair.bias'].values]).toEqual([0]);
    const started = code.trainer(tinyConfig('correlated'), await load(config)).weights().parameters;
    expect([...started['selector.pair.bias'].values]).toEqual([6]);
    expect(started.words.shape[1]).toBe(6);
  });

  test('moves the selector by its share of the learning rate', async () => {
    const config = tinyConfig('exponential-family', {
      warmUp: 0,
      selectorRates: { 'exponential-family': 0.1 } as never,
    });
    const trainer = code.trainer(config, await load(config));
    const before = trainer.weights().parameters;
    train(trainer, 1);
    const after = trainer.weights().parameters;
    const farthest = (name: string) =>
      Math.max(...after[name].values.map((x, i) => Math.abs(x - before[name].values[i])));
    // The first step of Adam is the rate itself, wherever the gradient is not 0.
    expect(Math.abs(farthest('predictor.output.weight') - config.learningRate)).toBeLessThan(1e-5);
    expect(Math.abs(farthest('selector.score.weight') - 0.1 * config.learningRate)).toBeLessThan(1e-5);
  });

  test('learns: below the constant in error, above random words in precision', async () => {
    const options = {
      trainSize: 3000,
      validationSize: 200,
      testSize: 300,
      steps: 600,
      dimension: 16,
      selectorFilters: 16,
      predictorFilters: 16,
      batch: 20,
      ks: [10],
    };
    const config = tinyConfig('correlated', options);
    const data = await load(config);
    const trainer = code.trainer(config, data);
    train(trainer, config.steps);
    const found = await trainer.evaluate(trainer.weights(), 'test', {});
    const constant = await code
      .trainer(tinyConfig('constant', options), data)
      .evaluate({ parameters: {}, arrays: {} }, 'test', {});
    expect(constant?.metrics.mse).toBeGreaterThan(0.04);
    expect(found?.metrics.mse).toBeLessThan(0.85 * (constant?.metrics.mse as number));
    expect(found?.metrics.precision).toBeGreaterThan((constant?.metrics.precision as number) + 0.02);
    expect(found?.metrics.chosen).toBe(10);
    expect(found?.metrics.runs).toBeLessThan(7);
  });

  test('on published files tells ratings of what is held out, and precision by the annotations', async () => {
    const directory = mkdtempSync(join(folder, 'beer-'));
    const source = new ReviewSource(3);
    const rated = (set: string, size: number) =>
      Array.from({ length: size }, (_, i) => {
        const { ratings, tokens } = source.draw(set, i);
        return `${ratings.join(' ')}\t${tokens.join(' ')}\n`;
      }).join('');
    writeFileSync(join(directory, 'train.txt'), rated('train', 30));
    writeFileSync(join(directory, 'heldout.txt'), rated('held', 20));
    const config = tinyConfig('correlated', { data: directory });
    const plain = code.trainer(config, await load(config));
    train(plain, 3);
    const without = await plain.evaluate(plain.weights(), 'test', {});
    expect(Object.keys(without?.metrics ?? {})).toEqual(['mse']);

    // Sentences about the aroma that are the whole review: whatever is chosen is right.
    const annotated = Array.from({ length: 5 }, (_, i) => source.draw('annotated', i).tokens);
    const lines = annotated.map((x) => JSON.stringify({ x, 1: [[0, x.length]] }));
    writeFileSync(join(directory, 'annotations.json'), lines.join('\n'));
    writeFileSync(join(directory, 'vectors.txt'), 'the 1 0 .5\naroma 0 1 .5\ngood 1 1 -1\n');
    const data = await load(config);
    expect([data.train.size, data.validation.size, data.test.size, data.annotated?.size]).toEqual([
      30, 10, 10, 5,
    ]);
    const trainer = code.trainer(config, data);
    // Vectors of a file are where training starts from; the unknown word's are 0.
    expect([...trainer.weights().parameters.words.values].slice(0, 3)).toEqual([0, 0, 0]);
    train(trainer, 3);
    const validation = await trainer.evaluate(trainer.weights(), 'validation', {});
    expect(Object.keys(validation?.metrics ?? {})).toEqual(['mse']);
    const test = await trainer.evaluate(trainer.weights(), 'test', {});
    expect(test?.metrics.mse).toBeGreaterThan(0);
    expect(test?.metrics.precision).toBe(1);
    expect(trainer.examples?.(trainer.weights(), undefined)).toBeDefined();
  });

  test('stops evaluating when it is told to', async () => {
    const config = tinyConfig('l2x');
    const trainer = code.trainer(config, await load(config));
    const signal = AbortSignal.abort();
    expect(await trainer.evaluate(trainer.weights(), 'validation', { signal })).toBeUndefined();
  });
});

test('examples have the words of their reviews, and as many chosen as there are to choose', async () => {
  const config = tinyConfig('correlated', { testSize: 60 });
  const trainer = code.trainer(config, await load(config));
  const examples = trainer.examples?.(trainer.weights(), undefined) as ReviewsExample[];
  expect(examples).toHaveLength(4);
  for (const { tokens, gold, chosen, rating, prediction } of examples) {
    expect(tokens.length).toBeGreaterThanOrEqual(45);
    expect(tokens.length).toBeLessThanOrEqual(75);
    expect(tokens[gold[gold.length - 1]]).toBe('.');
    expect(chosen).toHaveLength(config.k);
    expect(Math.max(...chosen)).toBeLessThan(tokens.length);
    expect(rating).toBeLessThanOrEqual(1);
    expect(prediction).toBeGreaterThan(0);
    expect(prediction).toBeLessThan(1);
  }
  expect(JSON.parse(JSON.stringify(examples))).toEqual(examples);
});

describe('a file', () => {
  const config = tinyConfig('exponential-family');

  /** The numbers of an untrained model on a file of these lines. */
  async function evaluateLines(...lines: unknown[]) {
    const path = join(folder, 'file');
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    writeFileSync(path, text.join('\n'));
    const { parameters } = code.trainer(config, await load(config)).weights();
    return code.evaluateFile?.(config, { parameters, arrays: {} }, path, { cacheDirectory: folder });
  }

  test('of annotated reviews has the precision of its spans', async () => {
    // Of k words or fewer all are chosen, whatever the noise.
    const all = { x: ['it', 'smells', 'good'], y: [0, 0.5, 0, 0, 0], 1: [[0, 3]] };
    const third = { x: ['it', 'smells', 'good'], y: [0, 0.5, 0, 0, 0], 1: [[1, 2]] };
    const none = { x: ['it', 'smells', 'good'], y: [0, 0.5, 0, 0, 0], 0: [[0, 3]], 1: [] };
    const long = { x: Array(40).fill('good'), y: [0, 0.5, 0, 0, 0], 1: [[0, 40]] };
    const found = await evaluateLines(all, third, none, long);
    expect(Object.keys(found ?? {})).toEqual(['examples', 'mse', 'precision']);
    expect(found?.examples).toBe(4);
    expect(found?.precision).toBeCloseTo((1 + 1 / 3 + 1) / 3, 14);
    expect(await evaluateLines(all, third, none, long)).toEqual(found);
  });

  test('of ratings and tokens has the squared error of one prediction', async () => {
    const rated = (rating: number) => `0 ${rating} 0 0 0\tnever seen words and good ones`;
    const [low, high] = [await evaluateLines(rated(0)), await evaluateLines(rated(1))];
    expect(Object.keys(low ?? {})).toEqual(['examples', 'mse']);
    // The same prediction p: its errors are p and 1 - p.
    expect(Math.sqrt(low?.mse ?? 0) + Math.sqrt(high?.mse ?? 0)).toBeCloseTo(1, 6);
    const p = Math.sqrt(low?.mse ?? 0);
    const third = await evaluateLines(rated(0.3));
    expect(third?.mse).toBeCloseTo((p - 0.3) ** 2, 6);
  });

  test('is told the mean rating by the row that needs no training', async () => {
    const path = join(folder, 'constant');
    writeFileSync(path, JSON.stringify({ x: ['a', 'b', 'c', 'd'], 1: [[0, 1]] }));
    const weights = { parameters: {}, arrays: {} };
    const options = { cacheDirectory: folder };
    const found = await code.evaluateFile?.({ ...config, method: 'constant' }, weights, path, options);
    expect(found).toEqual({ examples: 1, precision: 0.25 });
  });

  test('without ratings has precision alone', async () => {
    const found = await evaluateLines({ x: ['a', 'b'], 1: [[0, 1]] });
    expect(found).toEqual({ examples: 1, precision: 0.5 });
  });

  test('that cannot be read is named', async () => {
    const path = join(folder, 'none');
    const { parameters } = code.trainer(config, await load(config)).weights();
    const weights = { parameters, arrays: {} };
    await expect(code.evaluateFile?.(config, weights, path, {})).rejects.toThrow(path);
    await expect(evaluateLines('rubbish')).rejects.toThrow('line 1');
  });
});
