import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { flatArray, readArrays, type StoredArrays, writeArrays } from '../../files/array-file';
import { spanningTree } from '../../index';
import { deriveSeed, RandomStream } from '../../training/random';
import type { NriConfig } from './config';
import { layoutStep } from './force-layout';

/** Sequences of one set. */
export interface LayoutSet {
  size: number;
  /** Positions [sequence, frame, vertex, 2], normalised to [-1, 1] by the training set's least and greatest. */
  positions: Float32Array;
  /** True trees [sequence, pair], pairs i < j in row-major order, 1 for an edge. */
  trees: Uint8Array;
}

/** The three sets of the graph-layout data. */
export type LayoutData = Record<SetName, LayoutSet>;
type SetName = (typeof setNames)[number];
const setNames = ['train', 'validation', 'test'] as const;

/** What the data depends on. */
export type LayoutSettings = Pick<
  NriConfig,
  'vertices' | 'timesteps' | 'trainSize' | 'validationSize' | 'testSize' | 'dataSeed'
>;

/** Raised by a change of the generator, so that older caches are not read. */
const generatorVersion = 1;
const chunk = 1000;

/**
 * The data of the graph-layout experiment, from the cache or generated: a tree is the maximum spanning tree of
 * Gumbel(0) utilities, positions start as standard normals, and each frame follows one {@link layoutStep}; the first
 * frame is after one step. Each sequence has its own random stream, so a set's beginning does not depend on its size.
 *
 * The positions come from exactly rounded arithmetic alone and are the same bits on every platform, given the trees.
 *
 * @returns the data, or undefined if the signal stopped the generation
 */
export async function loadLayouts(
  settings: LayoutSettings,
  options: {
    cacheDirectory?: string;
    signal?: AbortSignal;
    onProgress?: (sequences: number, total: number) => void;
  } = {},
): Promise<LayoutData | undefined> {
  const { vertices, timesteps, trainSize, validationSize, testSize, dataSeed } = settings;
  const description = {
    generatorVersion,
    vertices,
    timesteps,
    trainSize,
    validationSize,
    testSize,
    dataSeed,
  };
  const key = createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 16);
  const path = join(options.cacheDirectory ?? '.cache', `graph-layout-${key}.bin`);
  const sizes = { train: trainSize, validation: validationSize, test: testSize };
  const cached = readCache(path, JSON.stringify(description));
  if (cached !== undefined) return normalise(cached, sizes);

  const total = trainSize + validationSize + testSize;
  let done = 0;
  const arrays: StoredArrays = {};
  for (const name of setNames) {
    const set = emptySet(sizes[name], vertices, timesteps);
    for (let start = 0; start < set.size; start += chunk) {
      if (options.signal?.aborted) return undefined;
      const end = Math.min(set.size, start + chunk);
      generate(set, start, end, settings, name);
      done += end - start;
      options.onProgress?.(done, total);
      await new Promise((resolve) => setImmediate(resolve));
    }
    arrays[`${name}.positions`] = flatArray(set.positions);
    arrays[`${name}.trees`] = flatArray(set.trees);
  }
  writeArrays(path, description, arrays);
  return normalise(arrays, sizes);
}

function readCache(path: string, description: string): StoredArrays | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const file = readArrays(path);
    return JSON.stringify(file.description) === description ? file.arrays : undefined;
  } catch {
    // A damaged cache is generated anew.
    return undefined;
  }
}

function emptySet(size: number, vertices: number, timesteps: number): LayoutSet {
  return {
    size,
    positions: new Float32Array(size * timesteps * vertices * 2),
    trees: new Uint8Array((size * vertices * (vertices - 1)) / 2),
  };
}

function generate(set: LayoutSet, start: number, end: number, settings: LayoutSettings, name: SetName): void {
  const { vertices, timesteps, dataSeed } = settings;
  const pairs = (vertices * (vertices - 1)) / 2;
  const trick = spanningTree({ vertices });
  const seed = deriveSeed(dataSeed, 'graph-layout', name, 'trees');
  const trees = trick.argmax(
    trick.perturb(new Float64Array((end - start) * pairs), { seed, firstRow: start }),
  );
  const frame = 2 * vertices;
  for (let sequence = start; sequence < end; sequence++) {
    const tree = set.trees.subarray(sequence * pairs, (sequence + 1) * pairs);
    tree.set(trees.subarray((sequence - start) * pairs, (sequence - start + 1) * pairs));
    const adjacency = adjacencyOf(tree, vertices);
    const random = new RandomStream(dataSeed, 'graph-layout', name, 'positions', sequence);
    const positions = Float64Array.from({ length: frame }, () => random.normal());
    for (let time = 0; time < timesteps; time++) {
      layoutStep(positions, adjacency);
      set.positions.set(positions, (sequence * timesteps + time) * frame);
    }
  }
}

/** Row-major adjacency matrix of a tree given on the pairs i < j. */
export function adjacencyOf(tree: Uint8Array, vertices: number): Uint8Array {
  const adjacency = new Uint8Array(vertices * vertices);
  let pair = 0;
  for (let i = 0; i < vertices; i++) {
    for (let j = i + 1; j < vertices; j++, pair++) {
      adjacency[i * vertices + j] = tree[pair];
      adjacency[j * vertices + i] = tree[pair];
    }
  }
  return adjacency;
}

function normalise(arrays: StoredArrays, sizes: Record<SetName, number>): LayoutData {
  const train = arrays['train.positions'].values;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of train) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const scale = 2 / (greatest - least);
  const set = (name: SetName): LayoutSet => {
    const trees = arrays[`${name}.trees`].values as Uint8Array;
    const positions = (arrays[`${name}.positions`].values as Float32Array).map(
      (value) => (value - least) * scale - 1,
    );
    return { size: sizes[name], positions, trees };
  };
  return { train: set('train'), validation: set('validation'), test: set('test') };
}
