import { types } from 'node:util';
import { checkLength, type NumberArray, numbersOf } from './arrays';
import { isRevoked, SstError } from './errors';
import { checkTemperature } from './validate';

/** A temperature of all rows, or one for each: finite numbers >= 0. */
export type Temperature = number | NumberArray;

/** The same, read and in memory of our own. */
export type ReadTemperature = number | Float64Array;

/** Whether a value is meant as numbers for each row. */
export function isPerRow(value: unknown): value is NumberArray {
  if (isRevoked(value)) return false;
  return types.isFloat64Array(value) || types.isFloat32Array(value) || Array.isArray(value);
}

/** Reads a temperature; that of a row of length 0 is padding, and may be anything. */
export function readTemperature(
  given: unknown,
  rows: number,
  lengths: Uint32Array | undefined,
): ReadTemperature {
  if (!isPerRow(given)) return checkTemperature(given);
  const each = numbersOf('temperature', given);
  checkLength('temperature', each, rows, 'one for each row');
  each.forEach((t, row) => {
    // Not to be met by those who look at all rows.
    if (lengths?.[row] === 0) each[row] = 1;
    else if (!(t >= 0 && t < Number.POSITIVE_INFINITY)) {
      const message = `temperature: expected a finite number >= 0, got ${t} (batch row ${row})`;
      throw new SstError('INVALID_ARGUMENT', message);
    }
  });
  return each;
}

/** That of each row so many times, for the samples of the row. */
export function repeatTemperature(temperature: ReadTemperature, samples: number): ReadTemperature {
  if (typeof temperature === 'number' || samples === 1) return temperature;
  return Float64Array.from(
    { length: temperature.length * samples },
    (_, i) => temperature[Math.floor(i / samples)],
  );
}

/** That of one row. */
export function temperatureAt(temperature: ReadTemperature, row: number): number {
  return typeof temperature === 'number' ? temperature : temperature[row];
}

/** That of each of so many rows. */
export function temperatures(temperature: ReadTemperature, rows: number): Float64Array {
  return typeof temperature === 'number' ? new Float64Array(rows).fill(temperature) : temperature;
}
