import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../training/random';
import { arrangeBatch } from './batches';
import type { NriConfig } from './config';
import type { LayoutSet } from './dataset';
import { edgeRecovery, type Recovery } from './edge-metrics';
import { forward, type NriModel, type Trained } from './model';
import type { NriLabelling, NriObjective } from './records';

/** A set's averages, with both readings of the samples. */
export type Evaluation = NriObjective & { recovery: Record<NriLabelling, Recovery> };

/**
 * Evaluates on a whole set with one hard sample a sequence, teacher forcing and running statistics. The noise
 * depends on the run's seed and the set alone, so that evaluations at different steps are comparable.
 *
 * @returns undefined if the signal stopped the evaluation
 */
export async function evaluate(
  model: NriModel,
  trained: Trained,
  config: NriConfig,
  set: LayoutSet,
  setName: string,
  options: { signal?: AbortSignal; onBatch?: (sequences: number) => void } = {},
): Promise<Evaluation | undefined> {
  const { vertices, timesteps, evaluationBatch, seed } = config;
  const pairs = (vertices * (vertices - 1)) / 2;
  const pairOfColumn = columnPairs(model);
  const noiseSeed = deriveSeed(seed, 'evaluation', setName);
  const sums = { nll: 0, kl: 0 };
  const samples = new Uint8Array(set.size * pairOfColumn.length);
  for (let start = 0; start < set.size; start += evaluationBatch) {
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) return undefined;
    const size = Math.min(evaluationBatch, set.size - start);
    const sequences = Array.from({ length: size }, (_, index) => start + index);
    const shape = { vertices, timesteps, rollout: 1 };
    tf.tidy(() => {
      const batch = arrangeBatch(set, sequences, shape);
      const sampling = { kind: 'hard', noise: { seed: noiseSeed, firstRow: start } } as const;
      const { nll, kl, sample } = forward(model, trained.weights, batch, shape, sampling, trained);
      sums.nll += nll.dataSync()[0] * size;
      sums.kl += kl.dataSync()[0] * size;
      samples.set(sample.dataSync(), start * pairOfColumn.length);
    });
    options.onBatch?.(start + size);
  }
  const nll = sums.nll / set.size;
  const kl = sums.kl / set.size;
  const recovery = edgeRecovery(samples, set.trees.subarray(0, set.size * pairs), pairOfColumn);
  return { elbo: -(nll + kl), nll, kl, recovery };
}

/** Pair that each column of a sample stands for. */
export function columnPairs({ graph, latent }: NriModel): Int32Array {
  return latent.directed ? graph.pairs : Int32Array.from({ length: graph.pairs.length / 2 }, (_, i) => i);
}
