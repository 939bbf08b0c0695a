import type { LengthArray } from './lengths';
import type { Temperature } from './temperature';

/** A result array of the caller's own, of the exact length. */
export type Output = Float32Array | Float64Array;

/** How `dL/dU` is computed: exactly, or by central differences with a step (for checking, or for noisy solvers). */
export type Gradient = 'exact' | { readonly finiteDifference: number };

export interface OutOptions {
  /**
   * Receives the result, and shares memory with no input.
   * @defaultValue a new array
   */
  out?: Output | undefined;
}

export interface LengthsOptions extends OutOptions {
  /**
   * How many things (elements, vertices, words) each row is over; what stands beyond is ignored, whatever it is.
   * @defaultValue every row is whole
   */
  lengths?: LengthArray | undefined;
}

export interface ArgmaxOptions extends LengthsOptions {
  /**
   * How many rows next to one another, draws of one row, share its length.
   * @defaultValue `1`
   */
  samples?: number | undefined;
}

export interface SoftmaxOptions extends ArgmaxOptions {
  /**
   * Overrides the trick's own; one for all rows, or an array of one for each.
   * @defaultValue the trick's own
   */
  temperature?: Temperature | undefined;
}

export interface VjpOptions extends SoftmaxOptions {
  /**
   * How the Jacobian of the relaxation is applied.
   * @defaultValue `'exact'`
   */
  gradient?: Gradient | undefined;
}

export interface PerturbOptions extends LengthsOptions {
  /** A safe integer >= 0 or a bigint below 2^64. Same seed, same bits. */
  seed: number | bigint;
  /**
   * Draws for each row of theta; the result has that many rows for each, next to one another.
   * @defaultValue `1`
   */
  samples?: number | undefined;
  /**
   * The number of the first row, for a batch that is drawn in parts.
   * @defaultValue `0`
   */
  firstRow?: number | undefined;
}

export interface FamilySampleOptions extends PerturbOptions {
  /**
   * Overrides the trick's own; one for all rows, or an array of one for each.
   * @defaultValue the trick's own
   */
  temperature?: Temperature | undefined;
}

export interface SampleOptions {
  seed: number | bigint;
  /**
   * One for each row of theta.
   * @defaultValue every row is whole
   */
  lengths?: LengthArray | undefined;
  /**
   * Overrides the trick's own; one for all rows, or an array of one for each.
   * @defaultValue the trick's own
   */
  temperature?: Temperature | undefined;
  /**
   * Draws for each row of theta.
   * @defaultValue `1`
   */
  samples?: number | undefined;
  /**
   * The number of the first row, for a batch that is drawn in parts.
   * @defaultValue `0`
   */
  firstRow?: number | undefined;
  /**
   * Receive the results, and share memory with no input.
   * @defaultValue a new array
   */
  out?: { utility?: Output; hard?: Output; soft?: Output } | undefined;
}

/** One draw: the random utility, the structure that maximises it, and its relaxation. */
export interface Sample<A extends Float32Array | Float64Array = Float64Array> {
  utility: A;
  hard: A;
  soft: A;
}
