import { isDeepStrictEqual } from 'node:util';
import { invalid, SstError } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import { flatArray, type StoredArrays, type StoredValues } from '../files/array-file';
import { FileError } from '../files/file-error';
import type { AdamW } from './adamw';
import { type CheckpointContents, readCheckpoint, writeCheckpoint } from './checkpoint-file';
import { assignValues, checkParameters, type ParameterMap } from './parameters';

/** What {@link saveCheckpoint} saves. */
export interface CheckpointOptions {
  parameters: ParameterMap;
  /**
   * The optimiser of these parameters, if training is to go on from here.
   * @defaultValue none
   */
  optimizer?: AdamW | undefined;
  /**
   * Further numbers, as running statistics.
   * @defaultValue none
   */
  arrays?: Readonly<Record<string, StoredValues>> | undefined;
  /**
   * Anything that JSON can hold: sizes, the step, how good it is.
   * @defaultValue none
   */
  metadata?: unknown;
}

/**
 * Saves parameters, what their optimiser has learnt, further arrays and metadata as one file. It is written under another
 * name, flushed to the disk and renamed: at any moment `path` has the old checkpoint or the new one, whole.
 *
 * @throws SstError NOT_FINITE for parameters that are not finite, and INVALID_ARGUMENT for metadata that JSON would change,
 * before anything is written; FileError `unwritable` if the system refuses or the disk is full: the old file then stays
 */
export function saveCheckpoint(path: string, options: CheckpointOptions): void {
  checkPath(path);
  checkOptions('options', options, ['parameters', 'optimizer', 'arrays', 'metadata']);
  const { optimizer, arrays = {}, metadata = null } = options;
  checkMetadata(metadata);
  const parameters = Object.entries(checkParameters(options.parameters)).map(([name, variable]) => {
    const values = variable.dataSync() as Float32Array;
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const got = `${values[bad]} at ${bad}`;
      throw new SstError('NOT_FINITE', `parameter '${name}': expected finite numbers, got ${got}`);
    }
    return [name, { shape: variable.shape, values }] as const;
  });
  writeCheckpoint(path, {
    parameters: Object.fromEntries(parameters),
    optimizer: optimizer?.save(),
    arrays: checkArrays(arrays),
    metadata,
  });
}

/**
 * Sets parameters, and what their optimiser has learnt, to a checkpoint. It must have just these parameters, in these
 * shapes; everything is checked before anything is set.
 *
 * @returns the rest of the checkpoint
 * @throws FileError naming the file, with a `reason`, and the parameter that does not fit (`mismatch`)
 */
export function loadCheckpoint(
  path: string,
  options: Pick<CheckpointOptions, 'parameters' | 'optimizer'>,
): Pick<CheckpointContents, 'arrays' | 'metadata'> {
  checkPath(path);
  checkOptions('options', options, ['parameters', 'optimizer']);
  const parameters = checkParameters(options.parameters);
  const { optimizer } = options;
  const contents = readCheckpoint(path);
  checkFit(path, parameters, contents);
  if (optimizer !== undefined) restore(path, optimizer, contents);
  for (const [name, variable] of Object.entries(parameters)) {
    const { shape, values } = contents.parameters[name];
    assignValues(variable, shape, values);
  }
  return { arrays: contents.arrays, metadata: contents.metadata };
}

function checkFit(path: string, parameters: ParameterMap, contents: CheckpointContents): void {
  const mismatch = (parameter: string, message: string) =>
    new FileError(path, 'mismatch', message, { parameter });
  for (const [name, { shape }] of Object.entries(parameters)) {
    const found = Object.hasOwn(contents.parameters, name) ? contents.parameters[name] : undefined;
    if (found === undefined) {
      throw mismatch(name, `expected a parameter '${name}' of shape [${shape.join(', ')}], there is none`);
    }
    if (!isDeepStrictEqual(found.shape, shape)) {
      const got = `[${found.shape.join(', ')}]`;
      throw mismatch(name, `expected the shape [${shape.join(', ')}] of '${name}', got ${got}`);
    }
  }
  const extra = Object.keys(contents.parameters).find((name) => !Object.hasOwn(parameters, name));
  if (extra !== undefined) throw mismatch(extra, `has a parameter '${extra}', which the model has not`);
}

function restore(path: string, optimizer: AdamW, { optimizer: state }: CheckpointContents): void {
  if (state === undefined) {
    throw new FileError(path, 'mismatch', 'expected the state of an optimiser, there is none');
  }
  try {
    optimizer.restore(state);
  } catch (error) {
    throw new FileError(path, 'mismatch', (error as Error).message, { cause: error });
  }
}

function checkPath(path: unknown): void {
  if (typeof path !== 'string' || path === '') throw invalid('path', 'the path of a file', path);
}

function checkArrays(arrays: Readonly<Record<string, StoredValues>>): StoredArrays {
  const entries = Object.entries(arrays).map(([name, values]) => {
    const types = [Float32Array, Float64Array, Int32Array, Uint8Array];
    if (!types.some((Type) => values instanceof Type)) {
      throw invalid(`arrays['${name}']`, 'a Float32Array, Float64Array, Int32Array or Uint8Array', values);
    }
    return [name, flatArray(values)] as const;
  });
  return Object.fromEntries(entries);
}

/** Refuses what JSON cannot hold or would silently change: numbers that are not finite, typed arrays, circles. */
function checkMetadata(metadata: unknown): void {
  const expected = 'what JSON can hold, with finite numbers';
  const check = (key: string, value: unknown): unknown => {
    const bad = (typeof value === 'number' && !Number.isFinite(value)) || ArrayBuffer.isView(value);
    if (bad || typeof value === 'bigint')
      throw invalid(key === '' ? 'metadata' : `metadata '${key}'`, expected, value);
    return value;
  };
  try {
    JSON.stringify(metadata, check);
  } catch (error) {
    throw error instanceof SstError ? error : invalid('metadata', expected, metadata);
  }
}
