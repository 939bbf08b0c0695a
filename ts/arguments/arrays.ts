import { types } from 'node:util';
import { invalid, isRevoked, misshapen, SstError } from './errors';

/** What every method takes: rows of numbers, one after the other. */
export type NumberArray = readonly number[] | Float32Array | Float64Array;

/** What a method gives for such an input: single precision for single precision, double for all else. */
export type ArrayLike<A extends NumberArray> = A extends Float32Array ? Float32Array : Float64Array;

/** Arrays of whole numbers, as maximisers return them. */
export type IntegerArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** The most cells that an array may have; a larger one is taken for a mistake. */
const LARGEST_LENGTH = 2 ** 32;

/** Numbers of either precision, in memory of their own. */
export type TypedNumbers = Float32Array | Float64Array;

/** An input as doubles: a `Float64Array` as it is, all else copied. */
export function toDoubles(name: string, value: unknown): Float64Array {
  return widened(toNumbers(name, value));
}

/** Numbers as doubles: those that are doubles as they are. */
export function widened(numbers: TypedNumbers): Float64Array {
  return types.isFloat64Array(numbers) ? numbers : new Float64Array(numbers);
}

/** An input in the precision that it has: typed arrays as they are, all else copied. */
export function toNumbers(name: string, value: unknown): TypedNumbers {
  if (types.isFloat64Array(value) || types.isFloat32Array(value)) {
    checkBuffer(name, value);
    return value;
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

/** The numbers that a function of the user returned, in memory of our own; arrays of integers will do too. */
export function numbersOf(name: string, value: unknown): Float64Array {
  if (isInteger(value)) {
    checkBuffer(name, value);
    return new Float64Array(value);
  }
  const doubles = toDoubles(name, value);
  return doubles === value ? doubles.slice() : doubles;
}

const integerKinds = [
  types.isInt8Array,
  types.isUint8Array,
  types.isUint8ClampedArray,
  types.isInt16Array,
  types.isUint16Array,
  types.isInt32Array,
  types.isUint32Array,
];

/** Whether a value is one of the kinds of {@link IntegerArray}. */
export function isInteger(value: unknown): value is IntegerArray {
  return integerKinds.some((isKind) => isKind(value));
}

/** A getter of typed arrays themselves, in whose place no subclass and no property of one array can stand. */
function intrinsic<T>(key: 'length' | 'buffer' | 'byteOffset' | 'byteLength'): (array: ArrayBufferView) => T {
  const getter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float64Array.prototype), key)?.get;
  return (array) => getter?.call(array);
}

const lengthOf = intrinsic<number>('length');
const bufferOf = intrinsic<ArrayBufferLike>('buffer');
const byteOffsetOf = intrinsic<number>('byteOffset');
const byteLengthOf = intrinsic<number>('byteLength');

/** Refuses memory that another thread may write, or that is gone. */
function checkBuffer(name: string, array: TypedNumbers | IntegerArray): void {
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
function isGone(array: ArrayBufferView): boolean {
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
export function checkOut(out: unknown, length: number, name = 'out'): asserts out is TypedNumbers {
  if (!types.isFloat64Array(out) && !types.isFloat32Array(out)) {
    throw invalid(name, 'a Float32Array or Float64Array', out);
  }
  checkBuffer(name, out);
  checkLength(name, out, length, 'the length of the result');
}

/**
 * Runs `fill` on an array of doubles and returns the result as the caller wants it: in `out` where that is given,
 * otherwise in a new array of the precision of `like`. A result of single precision that only double precision can hold is
 * refused, with the row of `width` numbers that it is in.
 */
export function deliver(
  length: number,
  like: unknown,
  out: unknown,
  fill: (doubles: Float64Array) => void,
  width = 1,
): TypedNumbers {
  if (out !== undefined) checkOut(out, length);
  if (types.isFloat64Array(out)) {
    fill(out);
    return out;
  }
  const doubles = allocate('out', length);
  fill(doubles);
  if (out === undefined && !types.isFloat32Array(like)) return doubles;
  const singles = new Float32Array(doubles);
  checkSingles(doubles, singles, width);
  if (!types.isFloat32Array(out)) return singles;
  Float32Array.prototype.set.call(out, singles);
  return out;
}

/** Refuses numbers that became infinite in single precision. */
function checkSingles(doubles: Float64Array, singles: Float32Array, width: number): void {
  for (let i = 0; i < singles.length; i++) {
    if (!Number.isFinite(singles[i]) && Number.isFinite(doubles[i])) {
      const row = Math.floor(i / Math.max(1, width));
      throw new SstError(
        'NOT_FINITE',
        `out: expected results in the range of single precision, got ${doubles[i]} (batch row ${row}); double precision holds it`,
      );
    }
  }
}

export function allocate(name: string, length: number): Float64Array {
  return allocated(Float64Array, name, length);
}

/** A new array for a result, of the precision of `like`. */
export function allocateLike(like: unknown, name: string, length: number): TypedNumbers {
  return types.isFloat32Array(like)
    ? allocated(Float32Array, name, length)
    : allocated(Float64Array, name, length);
}

function allocated<T>(kind: new (length: number) => T, name: string, length: number): T {
  try {
    if (length <= LARGEST_LENGTH) return new kind(length);
  } catch {
    // Said below.
  }
  throw new SstError('INVALID_ARGUMENT', `${name}: expected what fits memory, got ${length} numbers`);
}

/** Refuses an output that shares memory with an input, whatever the types of both. */
export function checkApart(out: ArrayBufferView, inputs: Readonly<Record<string, unknown>>): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (ArrayBuffer.isView(input) && !types.isDataView(input) && overlap(out, input)) {
      throw new SstError(
        'INVALID_ARGUMENT',
        `out: expected memory of its own, but it overlaps an input (${name})`,
      );
    }
  }
}

/** Refuses arrays that share memory; whatever else a value may be is none of its business. */
export function checkOverlaps(arrays: Readonly<Record<string, unknown>>): void {
  const seen: [string, ArrayBufferView][] = [];
  for (const [name, array] of Object.entries(arrays)) {
    if (!ArrayBuffer.isView(array) || types.isDataView(array)) continue;
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

function overlap(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const [startOfA, startOfB] = [byteOffsetOf(a), byteOffsetOf(b)];
  const apart = startOfA + byteLengthOf(a) <= startOfB || startOfB + byteLengthOf(b) <= startOfA;
  return bufferOf(a) === bufferOf(b) && !apart;
}
