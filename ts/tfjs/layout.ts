import { invalid, misshapen, SstError } from '../arguments/errors';
import { checkLengths, type LengthArray, repeatLengths } from '../arguments/lengths';
import { tf } from './core';

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
  const count = (numbers as { length?: unknown } | null)?.length;
  let leading = 1;
  for (let axes = 0; axes <= batch.length; axes++) {
    if (axes > 0) leading *= batch[axes - 1];
    if (leading === count && rows % Math.max(1, leading) === 0 && (axes === batch.length || leading > 1)) {
      const checked = checkLengths(numbers, leading) as Uint32Array;
      return repeatLengths(checked, leading === 0 ? 1 : rows / leading);
    }
  }
  return checkLengths(numbers, rows);
}
