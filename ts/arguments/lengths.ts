import { types } from 'node:util';
import { checkLength, type IntegerArray, isInteger } from './arrays';
import { invalid, isRevoked } from './errors';

/** Lengths of the rows of a ragged batch: whole numbers, one for each row. */
export type LengthArray = readonly number[] | IntegerArray;

/** Lengths as the addon takes them, in memory of our own; the range is checked there, where the structure knows it. */
export function checkLengths(lengths: unknown, rows: number): Uint32Array | undefined {
  if (lengths === undefined) return undefined;
  const typed = isInteger(lengths) && !types.isSharedArrayBuffer(lengths.buffer);
  if (isRevoked(lengths) || !(typed || Array.isArray(lengths))) {
    throw invalid(
      'lengths',
      'a number[], Int32Array or Uint32Array (or other integers) of its own memory',
      lengths,
    );
  }
  checkLength('lengths', lengths, rows, 'one for each row');
  const checked = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const length: unknown = lengths[row];
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || length >= 2 ** 32) {
      throw invalid(`lengths[${row}]`, 'a whole number', length);
    }
    checked[row] = length;
  }
  return checked;
}

/** Each length so many times, for the samples of a row. */
export function repeatLengths(lengths: Uint32Array, samples: number): Uint32Array {
  return samples === 1
    ? lengths
    : Uint32Array.from({ length: lengths.length * samples }, (_, i) => lengths[Math.floor(i / samples)]);
}
