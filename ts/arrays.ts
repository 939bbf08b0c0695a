import { types } from 'node:util';
import { invalid, misshapen, SstError } from './errors';

/** What every method takes: rows of numbers, one after the other. */
export type NumberArray = readonly number[] | Float32Array | Float64Array;

/** What a method gives for such an input: single precision for single precision, double for all else. */
export type ArrayLike<A extends NumberArray> = A extends Float32Array ? Float32Array : Float64Array;

/** The most cells that an array may have; a larger one is taken for a mistake. */
const LARGEST_LENGTH = 2 ** 32;

/** An input as doubles: a `Float64Array` as it is, all else copied. */
export function toDoubles(name: string, value: unknown): Float64Array {
  if (types.isFloat64Array(value)) {
    checkBuffer(name, value);
    return value;
  }
  if (types.isFloat32Array(value)) {
    checkBuffer(name, value);
    return new Float64Array(value);
  }
  if (!Array.isArray(value)) throw invalid(name, 'a number[], Float32Array or Float64Array', value);
  const doubles = new Float64Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const x: unknown = value[i];
    if (typeof x !== 'number') throw invalid(`${name}[${i}]`, 'a number', x);
    doubles[i] = x;
  }
  return doubles;
}

/** Refuses memory that another thread may write, or that is gone. */
function checkBuffer(name: string, array: Float32Array | Float64Array): void {
  if (types.isSharedArrayBuffer(array.buffer)) {
    throw new SstError(
      'INVALID_ARGUMENT',
      `${name}: expected memory of its own, got a view of a SharedArrayBuffer`,
    );
  }
  if (array.length === 0 && isDetached(array.buffer)) {
    throw new SstError(
      'INVALID_ARGUMENT',
      `${name}: expected an array with memory, but its buffer is detached`,
    );
  }
}

function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** How many rows of `width` an array has; of width 0 there is one, empty. */
export function countRows(name: string, length: number, width: number): number {
  const rows = width === 0 ? 1 : length / width;
  if (rows * width !== length || !Number.isInteger(rows)) {
    throw misshapen(name, `a multiple of ${width} numbers (rows of ${width})`, `${length}`);
  }
  return rows;
}

/** Checks that an array has just so many cells. */
export function checkLength(name: string, array: { length: number }, length: number, why: string): void {
  if (array.length !== length) throw misshapen(name, `${length} numbers (${why})`, `${array.length}`);
}

/**
 * Runs `fill` on an array of doubles and returns the result as the caller wants it: in `out` where that is given,
 * otherwise in a new array of the precision of `like`.
 */
export function deliver(
  length: number,
  like: unknown,
  out: unknown,
  fill: (doubles: Float64Array) => void,
): Float64Array | Float32Array {
  if (out === undefined) {
    const doubles = allocate(length);
    fill(doubles);
    return types.isFloat32Array(like) ? new Float32Array(doubles) : doubles;
  }
  if (!types.isFloat64Array(out) && !types.isFloat32Array(out)) {
    throw invalid('out', 'a Float32Array or Float64Array', out);
  }
  checkBuffer('out', out);
  checkLength('out', out, length, 'the length of the result');
  if (types.isFloat64Array(out)) {
    fill(out);
    return out;
  }
  const doubles = allocate(length);
  fill(doubles);
  out.set(doubles);
  return out;
}

function allocate(length: number): Float64Array {
  try {
    if (length <= LARGEST_LENGTH) return new Float64Array(length);
  } catch {
    // Said below.
  }
  throw new SstError(
    'INVALID_ARGUMENT',
    `samples: expected a result that fits memory, got ${length} numbers`,
  );
}
