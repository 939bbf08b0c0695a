import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../training/random';
import type { Metrics, Watch } from '../harness/experiment';
import type { Weights } from '../parameters';
import { arrangeBatch } from './batches';
import { byLength, type ExpressionSet, headsOf, lengthOf, tokensOf } from './corpus/expression-set';
import { values } from './corpus/tokens';
import { arcRecovery } from './edge-metrics';
import { hardLogits, type ListopsModel } from './model';
import type { ListopsExample } from './records';

/** What a model makes of an expression. */
export interface Reading {
  index: number;
  answer: number;
  /** Whether the drawn graph has an arc; undefined if there is no graph. */
  arc: ((head: number, modifier: number) => boolean) | undefined;
}

/** Reads expressions in a fixed order, one drawn graph each: the noise depends on the seed and the place in the order. */
export function readExpressionsOf(
  model: ListopsModel,
  weights: Weights,
  set: ExpressionSet,
  indices: ArrayLike<number>,
  noise: { seed: bigint; firstRow: number },
): Reading[] {
  const batch = arrangeBatch(set, indices);
  const { size, width } = batch;
  const found = tf.tidy(() => hardLogits(model, weights, batch, noise));
  const logits = found.logits.dataSync();
  const graphs = found.graphs?.dataSync();
  tf.dispose([found.logits, ...(found.graphs === undefined ? [] : [found.graphs])]);
  return Array.from({ length: size }, (_, row) => {
    const own = logits.subarray(row * values, (row + 1) * values);
    const graph = graphs?.subarray(row * width * width, (row + 1) * width * width);
    return {
      index: indices[row],
      answer: own.indexOf(Math.max(...own)),
      arc: graph && ((head, modifier) => graph[head * width + modifier] > 0.5),
    };
  });
}

/**
 * Numbers of a model on a set, one drawn graph for each expression: the share of right answers, and means over the
 * expressions of the precision and recall of arcs, of all tokens and without closing brackets.
 *
 * @returns undefined if the signal stopped it
 */
export async function evaluate(
  model: ListopsModel,
  weights: Weights,
  set: ExpressionSet,
  seed: bigint,
  { signal, onProgress }: Watch = {},
): Promise<Metrics | undefined> {
  const order = byLength(set);
  const sums: Metrics = {};
  let right = 0;
  let withArcs = 0;
  const { evaluationBatch } = model.config;
  for (let firstRow = 0; firstRow < order.length; firstRow += evaluationBatch) {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) return undefined;
    const indices = order.subarray(firstRow, firstRow + evaluationBatch);
    for (const { index, answer, arc } of readExpressionsOf(model, weights, set, indices, {
      seed,
      firstRow,
    })) {
      if (answer === set.labels[index]) right++;
      const recovery = arc && arcRecovery(tokensOf(set, index), headsOf(set, index), arc);
      if (recovery === undefined) continue;
      withArcs++;
      for (const [key, value] of Object.entries(recovery)) sums[key] = (sums[key] ?? 0) + value;
    }
    onProgress?.(firstRow + indices.length, set.size);
  }
  const means = Object.entries(sums).map(([key, sum]) => [key, sum / withArcs]);
  return { accuracy: right / set.size, ...Object.fromEntries(means) };
}

const count = 3;
/** Tokens of the expressions that are shown: nested, and narrow enough to be drawn. */
const [shortest, longest] = [11, 15];

/** What a model makes of the first test expressions of middle length. */
export function readExamples(model: ListopsModel, weights: Weights, set: ExpressionSet): ListopsExample[] {
  const all = Array.from({ length: set.size }, (_, index) => index);
  const fitting = all.filter((index) => lengthOf(set, index) >= shortest && lengthOf(set, index) <= longest);
  const shown = (fitting.length === 0 ? all : fitting).slice(0, count);
  const noise = { seed: deriveSeed(model.config.seed, 'evaluation', 'examples'), firstRow: 0 };
  return readExpressionsOf(model, weights, set, shown, noise).map(({ index, answer, arc }) => {
    const tokens = [...tokensOf(set, index)];
    const pairs = tokens.flatMap((_, head) =>
      tokens.map((__, modifier): [number, number] => [head, modifier]),
    );
    return {
      tokens,
      heads: [...headsOf(set, index)],
      ...(arc && { arcs: pairs.filter(([head, modifier]) => arc(head, modifier)) }),
      label: set.labels[index],
      answer,
    };
  });
}
