import { invalid } from '../arguments/errors';
import { readArrays, type StoredArray, type StoredArrays, writeArrays } from '../files/array-file';
import { FileError } from '../files/file-error';
import type { AdamWMoments, AdamWState } from './adamw';

/** What is in a checkpoint. */
export interface CheckpointContents {
  /** By name; `values` row by row. */
  parameters: Record<string, StoredArray<Float32Array>>;
  /** What an optimiser has learnt, if one was saved. */
  optimizer?: AdamWState | undefined;
  /** Further arrays, by name. */
  arrays: StoredArrays;
  /** What was saved beside the arrays: anything that JSON can hold. */
  metadata: unknown;
}

interface Description {
  kind: 'checkpoint';
  parameters: string[];
  arrays: string[];
  optimizer?: { iterations: number; steps: Record<string, number> };
  metadata: unknown;
}

/** Names of arrays of the file that are no parameters; parameters stand under their own names. */
const inFile = {
  array: (name: string) => `array/${name}`,
  mean: (name: string) => `optimizer/mean/${name}`,
  square: (name: string) => `optimizer/square/${name}`,
};

/**
 * Writes a checkpoint as one file, atomically, in the safetensors format, so that other libraries can read its arrays:
 * parameters under their own names, what an optimiser has learnt as `optimizer/mean/<name>` and `optimizer/square/<name>`,
 * further arrays as `array/<name>`.
 *
 * @throws FileError `unwritable`; what was at `path` before then stays as it was
 */
export function writeCheckpoint(path: string, contents: CheckpointContents): void {
  const { parameters, optimizer, arrays, metadata } = contents;
  for (const name of Object.keys(parameters)) {
    if (name === '' || name === '__metadata__' || /^(array|optimizer)\//.test(name)) {
      throw invalid(
        'parameters',
        "names that are not empty and begin neither with 'array/' nor 'optimizer/'",
        name,
      );
    }
  }
  const description: Description = {
    kind: 'checkpoint',
    parameters: Object.keys(parameters),
    arrays: Object.keys(arrays),
    metadata,
  };
  const stored: [string, StoredArray][] = Object.entries(parameters);
  for (const [name, array] of Object.entries(arrays)) stored.push([inFile.array(name), array]);
  if (optimizer !== undefined) {
    const moments = Object.entries(optimizer.parameters);
    const steps = Object.fromEntries(moments.map(([name, { steps: count }]) => [name, count]));
    description.optimizer = { iterations: optimizer.iterations, steps };
    for (const [name, { shape, mean, square }] of moments) {
      stored.push(
        [inFile.mean(name), { shape, values: mean }],
        [inFile.square(name), { shape, values: square }],
      );
    }
  }
  writeArrays(path, description, Object.fromEntries(stored));
}

/**
 * Reads a checkpoint: what `saveCheckpoint` wrote, or the `best.bin` and `checkpoint.bin` of `sst train nri`.
 *
 * @throws FileError whose `reason` is `missing`, `unreadable`, `foreign`, `version`, `truncated` or `damaged`
 */
export function readCheckpoint(path: string): CheckpointContents {
  const file = readArrays(path);
  const description = file.description as Description | null;
  if (description?.kind !== 'checkpoint') {
    throw new FileError(path, 'foreign', 'expected a checkpoint, got other arrays of this library');
  }
  const { optimizer, metadata } = description;
  const pick = (names: string[], name: (of: string) => string) =>
    Object.fromEntries(names.map((of) => [of, file.arrays[name(of)]]));
  return {
    parameters: pick(description.parameters, (name) => name) as CheckpointContents['parameters'],
    ...(optimizer && { optimizer: momentsOf(optimizer, file.arrays) }),
    arrays: pick(description.arrays, inFile.array),
    metadata,
  };
}

function momentsOf(
  { iterations, steps }: { iterations: number; steps: Record<string, number> },
  arrays: StoredArrays,
): AdamWState {
  const entries = Object.entries(steps).map(([name, count]): [string, AdamWMoments] => {
    const [mean, square] = [
      arrays[inFile.mean(name)],
      arrays[inFile.square(name)],
    ] as StoredArray<Float32Array>[];
    return [name, { steps: count, shape: mean.shape, mean: mean.values, square: square.values }];
  });
  return { iterations, parameters: Object.fromEntries(entries) };
}
