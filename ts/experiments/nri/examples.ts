import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../training/random';
import { arrangeBatch } from './batches';
import type { NriConfig } from './config';
import type { LayoutSet } from './dataset';
import { columnPairs } from './evaluate';
import { forward, type NriModel, type Trained } from './model';
import type { NriExample, NriLabelling } from './records';

const exampleCount = 6;

/** Hard and relaxed samples from the same utilities for the first sequences of a set. */
export function examples(
  model: NriModel,
  trained: Trained,
  config: NriConfig,
  set: LayoutSet,
  labelling: NriLabelling,
): NriExample[] {
  const { vertices, timesteps, seed } = config;
  const count = Math.min(exampleCount, set.size);
  const shape = { vertices, timesteps, rollout: 1 };
  const noise = { seed: deriveSeed(seed, 'examples') };
  const batch = arrangeBatch(
    set,
    Array.from({ length: count }, (_, index) => index),
    shape,
  );
  const [hard, soft] = tf.tidy(() => {
    const { theta, sample } = forward(model, trained.weights, batch, shape, { kind: 'hard', noise }, trained);
    return [sample.dataSync(), model.latent.soft(theta, noise).dataSync()];
  });
  const read = (value: number) => (labelling === 'edges' ? value : 1 - value);
  const ends = pairEnds(vertices);
  const pairOfColumn = columnPairs(model);
  const columns = pairOfColumn.length;
  return Array.from({ length: count }, (_, sequence) => {
    const sample: [number, number][] = [];
    const sums: number[] = ends.map(() => 0);
    for (let column = 0; column < columns; column++) {
      const pair = pairOfColumn[column];
      sums[pair] += (read(soft[sequence * columns + column]) * ends.length) / columns;
      if (read(hard[sequence * columns + column]) !== 1) continue;
      const { senders, receivers } = model.graph;
      sample.push(model.latent.directed ? [senders[column], receivers[column]] : ends[pair]);
    }
    return {
      vertices,
      positions: lastFrame(set, sequence, config),
      truth: ends.filter((_, pair) => set.trees[sequence * ends.length + pair] === 1),
      sample,
      soft: sums,
    };
  });
}

function lastFrame(set: LayoutSet, sequence: number, { vertices, timesteps }: NriConfig): [number, number][] {
  const start = (sequence * timesteps + timesteps - 1) * vertices * 2;
  return Array.from({ length: vertices }, (_, v) => [
    set.positions[start + 2 * v],
    set.positions[start + 2 * v + 1],
  ]);
}

/** Pairs i < j in row-major order. */
function pairEnds(vertices: number): [number, number][] {
  const ends: [number, number][] = [];
  for (let i = 0; i < vertices; i++) for (let j = i + 1; j < vertices; j++) ends.push([i, j]);
  return ends;
}
