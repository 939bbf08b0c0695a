import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { flatArray, readArrays, type StoredArrays, writeArrays } from '../../../files/array-file';
import type { Watch } from '../../harness/experiment';
import { type ExpressionSet, type Labelled, packExpressions } from './expression-set';
import { ExpressionSource, type GeneratorSettings } from './generator';
import { readExpressions } from './published';

/** The sets of the experiment. */
export type ListopsData = Record<SetName, ExpressionSet>;
type SetName = 'train' | 'validation' | 'test';

/** What the data depends on. */
export interface DataSettings extends GeneratorSettings {
  /** A folder with train.tsv, valid.tsv and test.tsv; without it expressions are generated. */
  data?: string | undefined;
  trainSize: number;
  validationSize: number;
  testSize: number;
}

/** Raised by a change of the generator, so that older caches are not read. */
const generatorVersion = 1;
const chunk = 1000;
/** The small sets are drawn first: they do not depend on the size of the training set. */
const setNames = ['test', 'validation', 'train'] as const;
const fileNames = { train: 'train.tsv', validation: 'valid.tsv', test: 'test.tsv' } as const;

/**
 * The data of the experiment: read from a folder in the published format, or generated, no expression twice, and cached.
 *
 * @returns undefined if the signal stopped it
 * @throws SstError naming the file, and the line, that cannot be read
 */
export async function loadListops(
  settings: DataSettings,
  options: Watch & { cacheDirectory?: string } = {},
): Promise<ListopsData | undefined> {
  const { data } = settings;
  if (data === undefined) return generated(settings, options);
  const read = (name: SetName) => packExpressions(readExpressions(join(data, fileNames[name])));
  return { train: read('train'), validation: read('validation'), test: read('test') };
}

async function generated(
  { trainSize, validationSize, testSize, dataSeed, depths, shortest, longest }: DataSettings,
  { cacheDirectory, signal, onProgress }: Watch & { cacheDirectory?: string },
): Promise<ListopsData | undefined> {
  const sizes = { train: trainSize, validation: validationSize, test: testSize };
  const generator = { dataSeed, depths, shortest, longest };
  const description = { generatorVersion, ...sizes, ...generator };
  const key = createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 16);
  const path = join(cacheDirectory ?? '.cache', `listops-${key}.bin`);
  const cached = readCache(path, JSON.stringify(description));
  if (cached !== undefined) return cached;

  const source = new ExpressionSource(generator);
  const total = trainSize + validationSize + testSize;
  const sets: Partial<ListopsData> = {};
  let done = 0;
  for (const name of setNames) {
    const drawn: Labelled[] = [];
    for (let index = 0; index < sizes[name]; index++) {
      drawn.push({ tokens: source.draw(name, index) });
      if (++done % chunk !== 0) continue;
      onProgress?.(done, total);
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) return undefined;
    }
    sets[name] = packExpressions(drawn);
  }
  const data = sets as ListopsData;
  writeArrays(path, description, storedArrays(data));
  return data;
}

function storedArrays(data: ListopsData): StoredArrays {
  const arrays: StoredArrays = {};
  for (const name of setNames) {
    const { offsets, tokens, heads, labels } = data[name];
    for (const [part, values] of Object.entries({ offsets, tokens, heads, labels })) {
      arrays[`${name}.${part}`] = flatArray(values);
    }
  }
  return arrays;
}

function readCache(path: string, description: string): ListopsData | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const file = readArrays(path);
    if (JSON.stringify(file.description) !== description) return undefined;
    const set = (name: SetName): ExpressionSet => ({
      size: file.arrays[`${name}.labels`].values.length,
      offsets: file.arrays[`${name}.offsets`].values as Int32Array,
      tokens: file.arrays[`${name}.tokens`].values as Uint8Array,
      heads: file.arrays[`${name}.heads`].values as Int32Array,
      labels: file.arrays[`${name}.labels`].values as Uint8Array,
    });
    return { train: set('train'), validation: set('validation'), test: set('test') };
  } catch {
    // A damaged cache is generated anew.
    return undefined;
  }
}
