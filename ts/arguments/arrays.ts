import { types } from 'node:util';
import { invalid, isRevoked, misshapen, SstError } from './errors';

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
  if (isRevoked(value) || !Array.isArray(value)) {
    throw invalid(name, 'a number[], Float32Array or Float64Array', value);
  }
  // Read once: a getter among the elements may change it.
  const length: unknown = value.length;
  if (!Number.isSafeInteger(length)) throw invalid(name, 'an array with a length', length);
  const doubles = allocate(name, length as number);
  for (let i = 0; i < doubles.length; i++) {
    const x: unknown = value[i];
    if (typeof x !== 'number') throw invalid(`${name}[${i}]`, 'a number', x);
    doubles[i] = x;
  }
  return doubles;
}

/** A getter of typed arrays themselves, in whose place no subclass and no property of one array can stand. */
function intrinsic<T>(key: 'length' | 'buffer'): (array: Float32Array | Float64Array) => T {
  const getter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float64Array.prototype), key)?.get;
  return (array) => getter?.call(array);
}

const lengthOf = intrinsic<number>('length');
const bufferOf = intrinsic<ArrayBufferLike>('buffer');

/** Refuses memory that another thread may write, or that is gone. */
function checkBuffer(name: string, array: Float32Array | Float64Array): void {
  const buffer = bufferOf(array);
  if (types.isSharedArrayBuffer(buffer)) {
    throw new SstError(
      'INVALID_ARGUMENT',
      `${name}: expected memory of its own, got a view of a SharedArrayBuffer`,
    );
  }
  const length = lengthOf(array);
  if (array.length !== length)
    throw invalid(name, `an array whose length is its own (${length})`, array.length);
  if (length === 0 && isGone(array)) {
    throw new SstError(
      'INVALID_ARGUMENT',
      `${name}: expected an array with memory, but its buffer is detached, or has shrunk`,
    );
  }
}

/** Whether an array of length 0 has lost its memory. */
function isGone(array: Float32Array | Float64Array): boolean {
  try {
    // Writes nothing, but looks whether it could.
    Float64Array.prototype.fill.call(array, 0);
    return false;
  } catch {
    return true;
  }
}

/** How many rows of `width` an array has; of width 0 there is one, empty. */
export function countRows(name: string, length: number, width: number): number {
  const rows = width === 0 ? 1 : length / width;
  if (rows * width !== length || !Number.isInteger(rows)) {
    const expected =
      width === 0 ? 'no numbers, since a row has none' : `a multiple of ${width} numbers (rows of ${width})`;
    throw misshapen(name, expected, `${length}`);
  }
  return rows;
}

/** Checks that an array has just so many cells. */
export function checkLength(name: string, array: { length: number }, length: number, why: string): void {
  if (array.length !== length) throw misshapen(name, `${length} numbers (${why})`, `${array.length}`);
}

/** Checks that an array can receive so many numbers. */
export function checkOut(out: unknown, length: number): asserts out is Float32Array | Float64Array {
  if (!types.isFloat64Array(out) && !types.isFloat32Array(out)) {
    throw invalid('out', 'a Float32Array or Float64Array', out);
  }
  checkBuffer('out', out);
  checkLength('out', out, length, 'the length of the result');
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
    const doubles = allocate('out', length);
    fill(doubles);
    return types.isFloat32Array(like) ? new Float32Array(doubles) : doubles;
  }
  checkOut(out, length);
  if (types.isFloat64Array(out)) {
    fill(out);
    return out;
  }
  const doubles = allocate('out', length);
  fill(doubles);
  Float32Array.prototype.set.call(out, doubles);
  return out;
}

function allocate(name: string, length: number): Float64Array {
  try {
    if (length <= LARGEST_LENGTH) return new Float64Array(length);
  } catch {
    // Said below.
  }
  throw new SstError('INVALID_ARGUMENT', `${name}: expected what fits memory, got ${length} numbers`);
}

/** Refuses arrays that share memory; whatever else a value may be is none of its business. */
export function checkApart(arrays: Readonly<Record<string, unknown>>): void {
  const seen: [string, Float32Array | Float64Array][] = [];
  for (const [name, array] of Object.entries(arrays)) {
    if (!types.isFloat32Array(array) && !types.isFloat64Array(array)) continue;
    const overlapped = seen.find(([, other]) => overlap(array, other));
    if (overlapped !== undefined) {
      throw new SstError(
        'INVALID_ARGUMENT',
        `${name}: expected memory of its own, but it overlaps ${overlapped[0]}`,
      );
    }
    seen.push([name, array]);
  }
}

function overlap(a: Float32Array | Float64Array, b: Float32Array | Float64Array): boolean {
  const apart = a.byteOffset + a.byteLength <= b.byteOffset || b.byteOffset + b.byteLength <= a.byteOffset;
  return bufferOf(a) === bufferOf(b) && !apart;
}
