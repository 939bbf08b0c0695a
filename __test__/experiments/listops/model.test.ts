import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../../ts/experiments/backend';
import { arrangeBatch, type Batch } from '../../../ts/experiments/listops/batches';
import type { ListopsConfig } from '../../../ts/experiments/listops/config';
import { packExpressions } from '../../../ts/experiments/listops/corpus/expression-set';
import { tokenNumber } from '../../../ts/experiments/listops/corpus/tokens';
import {
  hardLogits,
  listopsModel,
  modelParameters,
  trainingLoss,
} from '../../../ts/experiments/listops/model';
import { latentNames, type StructureName, temperedNames } from '../../../ts/experiments/listops/names';
import {
  arborescence,
  gaussian,
  gumbel,
  independentEdges,
  negativeExponential,
  projectiveTree,
  spanningTree,
  type Trick,
} from '../../../ts/index';
import { initialValues } from '../../../ts/training/layout';
import { RandomStream } from '../../../ts/training/random';
import { type Arrays, crossEntropy, ReferenceModel, rowTokens } from './loss';
import { tinyConfig } from './tiny';

beforeAll(() => useBackend('native'));

const texts = ['[MED [MIN 9 8 ] 0 [MAX 6 1 2 ] ]', '[MAX 2 3 ]', '[MIN 1 [MIN 3 4 ] 2 ]'];
const set = packExpressions(
  texts.map((text) => ({ tokens: text.split(' ').map((word) => tokenNumber(word) as number) })),
);
const [seed, temperature] = [11n, 1.3];

/** Parameters that are far from 0 everywhere. */
function someArrays(config: ListopsConfig): Arrays {
  const { layout } = initialValues(modelParameters(config), 1);
  const random = new RandomStream(3, 'values');
  const values = Float32Array.from({ length: layout.size }, () => 0.6 * random.normal());
  const parts = layout.split(values);
  return Object.fromEntries(
    layout.names.map((name, i) => [
      name,
      { shape: parts[i].shape, values: Float64Array.from(parts[i].values) },
    ]),
  );
}

function tensorsOf(arrays: Arrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [
      name,
      tf.tensor(Float32Array.from(values), [...shape]),
    ]),
  );
}

/** The distribution of a structure over the graphs of n tokens, undirected pairs in row-major order. */
function trickOf(structure: StructureName, n: number): Trick {
  switch (structure) {
    case 'independent-undirected':
      return independentEdges({ vertices: n });
    case 'independent-directed':
      return independentEdges({ vertices: n, directed: true });
    case 'spanning-tree':
      return spanningTree({ vertices: n });
    case 'projective-tree':
      return projectiveTree({ words: n - 1 });
    case 'arborescence-gaussian':
      return arborescence({ vertices: n, utility: gaussian() });
    case 'arborescence-negative-exponential':
    case 'arborescence-trace':
      return arborescence({ vertices: n, utility: negativeExponential() });
    default:
      return arborescence({ vertices: n, utility: gumbel() });
  }
}

const isUndirected = (structure: StructureName) =>
  structure === 'independent-undirected' || structure === 'spanning-tree';

/** A graph [head][modifier] of one expression by itself, drawn as a row of the batch. */
function graphOf(structure: StructureName, scores: number[][], row: number, relaxed: boolean): number[][] {
  const n = scores.length;
  const trick = trickOf(structure, n);
  const pairs = scores.flatMap((_, i) => scores.flatMap((__, j) => (i < j ? [[i, j] as const] : [])));
  const theta = isUndirected(structure)
    ? pairs.map(([i, j]) => (scores[i][j] + scores[j][i]) / 2)
    : scores.flat();
  const utility = trick.perturb(Float64Array.from(theta), { seed, firstRow: row });
  const x = relaxed ? trick.softmax(utility, { temperature }) : trick.argmax(utility);
  const graph = scores.map((line) => line.map(() => 0));
  if (isUndirected(structure)) {
    for (const [index, [i, j]] of pairs.entries()) graph[i][j] = graph[j][i] = x[index];
    return graph;
  }
  return graph.map((line, i) => line.map((_, j) => x[i * n + j]));
}

/** Logits of each row by the reference. */
function referenceLogits(config: ListopsConfig, arrays: Arrays, batch: Batch, relaxed: boolean): number[][] {
  const model = new ReferenceModel(config, arrays);
  return Array.from(batch.lengths, (_, row) => {
    const tokens = rowTokens(batch, row);
    const { structure } = config;
    if (structure === 'lstm') return model.sequenceLogits(tokens);
    const head = (j: number) => (structure === 'gold' ? batch.heads[row * batch.width + j] : 0);
    const given = structure === 'gold' || structure === 'trivial';
    const graph = given
      ? tokens.map((_, i) => tokens.map((__, j) => (j > 0 && head(j) === i ? 1 : 0)))
      : graphOf(structure, model.scores(tokens), row, relaxed);
    return model.graphLogits(tokens, graph);
  });
}

function meanLoss(logits: number[][], { labels }: Batch): number {
  return logits.reduce((sum, own, row) => sum + crossEntropy(own, labels[row]), 0) / logits.length;
}

const batch = arrangeBatch(set, [0, 1, 2]);
const trained: StructureName[] = ['lstm', 'gold', 'trivial', ...temperedNames];

test.each(trained)('%s: loss and gradient are those of the equations in double precision', (structure) => {
  const config = tinyConfig(structure);
  const arrays = someArrays(config);
  const loss = (given: Arrays) => meanLoss(referenceLogits(config, given, batch, true), batch);
  const model = listopsModel(config);
  const names = Object.keys(arrays);
  const tensors = tensorsOf(arrays);
  const { value, grads } = tf.valueAndGrads((...list: tf.Tensor[]) =>
    trainingLoss(model, Object.fromEntries(names.map((name, i) => [name, list[i]])), batch, {
      seed,
      temperature,
    }),
  )(names.map((name) => tensors[name]));
  expect(Math.abs(value.dataSync()[0] - loss(arrays))).toBeLessThan(2e-6);
  const random = new RandomStream(5, 'directions');
  for (const [index, name] of names.entries()) {
    // One direction in each array of parameters.
    const direction = Float64Array.from(arrays[name].values, () => random.normal());
    const moved = (by: number): Arrays => ({
      ...arrays,
      [name]: { ...arrays[name], values: arrays[name].values.map((x, i) => x + by * direction[i]) },
    });
    const step = 1e-5;
    const expected = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
    const gradient = grads[index].dataSync();
    const found = direction.reduce((sum, d, i) => sum + d * gradient[i], 0);
    expect({ name, error: Math.abs(found - expected) / (1 + Math.abs(expected)) < 2e-5 }).toEqual({
      name,
      error: true,
    });
  }
});

test.each([...trained, 'arborescence-trace' as const])(
  '%s: drawn graphs and answers are those of an expression alone',
  (structure) => {
    const config = tinyConfig(structure);
    const arrays = someArrays(config);
    const { logits, graphs } = hardLogits(listopsModel(config), tensorsOf(arrays), batch, { seed });
    const expected = referenceLogits(config, arrays, batch, false);
    for (const [i, logit] of logits.dataSync().entries()) {
      expect(Math.abs(logit - expected[Math.floor(i / 10)][i % 10])).toBeLessThan(5e-6);
    }
    if (graphs === undefined) return;
    const numbers = graphs.dataSync();
    for (let row = 0; row < batch.size; row++) {
      for (let cell = 0; cell < batch.width ** 2; cell++) {
        const outside = Math.max(Math.floor(cell / batch.width), cell % batch.width) >= batch.lengths[row];
        if (outside) expect(numbers[row * batch.width ** 2 + cell]).toBe(0);
      }
    }
  },
);

test.each(['lstm', 'gold', ...latentNames] as const)(
  '%s: padding changes neither loss nor gradient',
  (structure) => {
    const config = tinyConfig(structure, { samples: 3 });
    const arrays = someArrays(config);
    const names = Object.keys(arrays);
    const tensors = names.map((name) => tensorsOf(arrays)[name]);
    const model = listopsModel(config);
    const run = (width: number) => {
      const padded = arrangeBatch(set, [0, 1, 2], width);
      // What stands in the padding is of no account.
      for (let row = 0; row < 3; row++)
        padded.tokens.fill(7, row * width + padded.lengths[row], (row + 1) * width);
      const { value, grads } = tf.valueAndGrads((...list: tf.Tensor[]) =>
        trainingLoss(model, Object.fromEntries(names.map((name, i) => [name, list[i]])), padded, {
          seed,
          temperature,
        }),
      )(tensors);
      return [value, ...grads].map((tensor) => [...tensor.dataSync()]);
    };
    const [narrow, wide] = [run(13), run(20)];
    for (const [i, numbers] of narrow.entries()) {
      const error = Math.max(...numbers.map((x, k) => Math.abs(x - wide[i][k])));
      expect({ of: i === 0 ? 'loss' : names[i - 1], small: error < 1e-6 }).toEqual({
        of: i === 0 ? 'loss' : names[i - 1],
        small: true,
      });
    }
  },
);

test('the score function of the trace has the mean loss of its draws, and its gradient in the graph network', () => {
  const samples = 4;
  const config = tinyConfig('arborescence-trace', { samples });
  const arrays = someArrays(config);
  const names = Object.keys(arrays);
  const tensors = tensorsOf(arrays);
  const model = listopsModel(config);
  const { value, grads } = tf.valueAndGrads((...list: tf.Tensor[]) =>
    trainingLoss(model, Object.fromEntries(names.map((name, i) => [name, list[i]])), batch, {
      seed,
      temperature: undefined,
    }),
  )(names.map((name) => tensors[name]));
  const loss = (given: Arrays) => {
    const reference = new ReferenceModel(config, given);
    let sum = 0;
    for (let row = 0; row < batch.size; row++) {
      const tokens = rowTokens(batch, row);
      const n = tokens.length;
      // The graphs stay as they were drawn.
      const theta = new ReferenceModel(config, arrays).scores(tokens).flat();
      const trick = arborescence({ vertices: n, utility: negativeExponential() });
      const x = trick.argmax(trick.perturb(Float64Array.from(theta), { seed, samples, firstRow: row }));
      for (let draw = 0; draw < samples; draw++) {
        const graph = tokens.map((_, i) => tokens.map((__, j) => x[(draw * n + i) * n + j]));
        sum += crossEntropy(reference.graphLogits(tokens, graph), batch.labels[row]) / samples / batch.size;
      }
    }
    return sum;
  };
  expect(Math.abs(value.dataSync()[0] - loss(arrays))).toBeLessThan(2e-6);
  for (const name of names.filter((each) => each.startsWith('graph.'))) {
    const moved = (by: number): Arrays => ({
      ...arrays,
      [name]: { ...arrays[name], values: arrays[name].values.map((x) => x + by) },
    });
    const expected = (loss(moved(1e-5)) - loss(moved(-1e-5))) / 2e-5;
    const found = [...grads[names.indexOf(name)].dataSync()].reduce((sum, g) => sum + g, 0);
    expect(Math.abs(found - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
  }
  // Scores get a gradient too; that it is unbiased is tested with the estimator.
  expect(Math.max(...grads[names.indexOf('encoder.head.weight')].dataSync().map(Math.abs))).toBeGreaterThan(
    0,
  );
});
