import { numbersOf } from '../arguments/arrays';
import { invalid, misshapen, SstError } from '../arguments/errors';
import { checkLengths, type LengthArray, repeatLengths } from '../arguments/lengths';
import { isPerRow, type ReadTemperature, readTemperature, repeatTemperature } from '../arguments/temperature';
import { checkTemperature } from '../arguments/validate';
import { tf } from './core';
import { values } from './tensors';

/** How rows stand in a tensor: over the last axis, or over the structure's natural ones, such as [rows, columns]. */
export interface Layout {
  /** The axes before. */
  readonly batch: readonly number[];
  readonly rows: number;
  readonly natural: boolean;
}

/** Axes of the rows of a space; of more than one, their product is the width. */
export interface Axes {
  readonly width: number;
  readonly natural: readonly number[];
}

/** Finds the layout of a tensor of rows. */
export function layoutOf(name: string, tensor: unknown, { width, natural }: Axes): Layout {
  checkTensor(name, tensor);
  const { shape } = tensor;
  const flat = shape.at(-1) === width;
  const tail = shape.slice(-natural.length);
  const matches =
    natural.length > 1 && tail.length === natural.length && tail.every((n, i) => n === natural[i]);
  if (!flat && !matches) {
    const wanted =
      natural.length > 1 ? `${width}, or whose last axes are [${natural.join(', ')}]` : `${width}`;
    throw misshapen(name, `a tensor whose last axis is ${wanted}`, `shape [${shape.join(', ')}]`);
  }
  const batch = shape.slice(0, flat ? -1 : -natural.length);
  return { batch, rows: tf.util.sizeFromShape(batch), natural: !flat };
}

/** The shape of rows of a space in a layout; `more` axes follow those of the batch. */
export function shapeOf({ batch, natural }: Layout, axes: Axes, more: readonly number[] = []): number[] {
  return [...batch, ...more, ...(natural ? axes.natural : [axes.width])];
}

export function checkTensor(name: string, tensor: unknown): asserts tensor is tf.Tensor {
  if (tensor instanceof tf.Tensor && tensor.dtype !== 'string' && tensor.dtype !== 'complex64') return;
  throw invalid(name, 'a tensor of real numbers', tensor);
}

/** Lengths as an array, or a tensor of int32. */
export type TensorLengths = LengthArray | tf.Tensor;

/** Lengths in memory of our own, for each row of a layout; one for each of its leading axes will do. */
export function lengthsOf(
  given: TensorLengths | undefined,
  { batch, rows }: Layout,
): Uint32Array | undefined {
  if (given === undefined) return undefined;
  let numbers: unknown = given;
  if (given instanceof tf.Tensor) {
    if (given.dtype !== 'int32')
      throw new SstError(
        'INVALID_ARGUMENT',
        `lengths: expected a tensor of int32, got one of ${given.dtype}`,
      );
    numbers = given.dataSync();
  }
  const each = rowsOfEach((numbers as { length?: unknown } | null)?.length, { batch, rows });
  return repeatLengths(checkLengths(numbers, rows / each) as Uint32Array, each);
}

/** How many rows share each of so many numbers, one for every row of the leading axes; 1 where there are too few or too many. */
function rowsOfEach(count: unknown, { batch, rows }: Pick<Layout, 'batch' | 'rows'>): number {
  let leading = 1;
  for (let axes = 0; axes <= batch.length; axes++) {
    if (axes > 0) leading *= batch[axes - 1];
    if (leading === count && rows % Math.max(1, leading) === 0 && (axes === batch.length || leading > 1)) {
      return leading === 0 ? 1 : rows / leading;
    }
  }
  return 1;
}

/** A temperature of all rows of a layout, or one for each; of an array of one for each of the leading axes the rows share it. */
export function temperatureOf(
  given: unknown,
  layout: Layout,
  lengths: Uint32Array | undefined,
): ReadTemperature {
  if (!isPerRow(given)) return checkTemperature(given);
  const each = rowsOfEach(given.length, layout);
  const numbers = repeatTemperature(numbersOf('temperature', given), each);
  return readTemperature(numbers, layout.rows, lengths);
}

/** The numbers of a tensor of temperatures: of one for all rows, or of the shape of the batch or of its leading axes. */
export function learntTemperature(tensor: tf.Tensor, { batch, rows }: Layout): ReadTemperature {
  checkTensor('temperature', tensor);
  const { size, shape } = tensor;
  const numbers = values(tensor);
  if (size === 1) return numbers[0];
  if (shape.every((axis, i) => axis === batch[i])) {
    return repeatTemperature(Float64Array.from(numbers), size === 0 ? 1 : rows / size);
  }
  const expected = `a number, or a tensor of one or of the shape [${batch.join(', ')}] of the batch`;
  throw misshapen('temperature', expected, `shape [${shape.join(', ')}]`);
}
