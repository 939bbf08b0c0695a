import { types } from 'node:util';
import { checkApart, type NumberArray, toDoubles } from '../arguments/arrays';
import { invalid, SstError } from '../arguments/errors';
import { callUser, guard, type Outcome } from '../native/binding';
import type { Solver } from './solver';
import { answerAll, type Maximiser, withSolvers } from './sparse-map';

/** Rows of numbers as a callback may return them: one after the other, or as an array of rows. */
export type Rows = NumberArray | readonly NumberArray[];

/** The linear maximiser of a structure: `[rows x dimension]` in, `[rows x dimension]` out. */
export type CustomArgmax = (utility: Float64Array, rows: number) => Rows;

/** A relaxation of the user's own. */
export interface CustomRelaxation {
  /** `X_t` of every row, [rows x dimension]. */
  softmax(utility: Float64Array, rows: number, temperature: number): Rows;
  /** `dL/dU` for `cotangent = dL/dX_t`, [rows x dimension]; without it only `finiteDifference` gradients are available. */
  softmaxVjp?:
    | ((utility: Float64Array, rows: number, temperature: number, cotangent: Float64Array) => Rows)
    | undefined;
  /**
   * Whether the Jacobian is symmetric, as it is where `X_t = argmax_x U.x - t f(x)` for a convex f. Default true; if
   * false, finite differences are refused, since they would not be the gradient.
   */
  symmetric?: boolean | undefined;
}

/** A structure of the user's own behind the methods that the addon has for its own. Called within `guard`. */
export class CustomSolver implements Solver {
  readonly utilityDimension: number;
  /** The one length that a row may have. */
  readonly size: number;
  readonly symmetric: boolean;

  constructor(
    readonly dimension: number,
    private readonly maximise: CustomArgmax,
    private readonly relaxation: CustomRelaxation | undefined,
  ) {
    this.utilityDimension = dimension;
    this.size = dimension;
    this.symmetric = relaxation?.symmetric ?? true;
  }

  argmax(utility: Float64Array, lengths: Uint32Array | undefined, out: Float64Array): void {
    this.check(lengths, { utility, out });
    withSolvers(utility, this.dimension, 0, (solver) => {
      answerAll(solver, this.dimension, this.maximiser);
      solver.soft(out);
    });
  }

  softmax(utility: Float64Array, t: number, lengths: Uint32Array | undefined, out: Float64Array): void {
    if (t === 0) {
      this.argmax(utility, lengths, out);
      return;
    }
    this.check(lengths, { utility, out });
    withSolvers(utility, this.dimension, t, (solver) => {
      const { relaxation } = this;
      if (relaxation === undefined) {
        answerAll(solver, this.dimension, this.maximiser);
        solver.soft(out);
        return;
      }
      const rows = solver.pending;
      out.set(this.rows('softmax', rows, () => relaxation.softmax(utility.slice(), rows.length, t)));
    });
  }

  softmaxVjp(
    utility: Float64Array,
    t: number,
    cotangent: Float64Array,
    lengths: Uint32Array | undefined,
    out: Float64Array,
  ): void {
    this.check(lengths, { utility, out });
    checkApart({ cotangent, out });
    withSolvers(utility, this.dimension, t, (solver) => {
      const rows = solver.pending;
      // Until rows are solved, this checks the cotangent only.
      solver.differentiate(cotangent);
      const { relaxation } = this;
      if (t === 0) {
        out.fill(0);
      } else if (relaxation === undefined) {
        const direction = cotangent.slice();
        answerAll(solver, this.dimension, this.maximiser);
        solver.differentiate(direction);
        answerAll(solver, this.dimension, this.maximiser);
        solver.gradients(out);
      } else if (relaxation.softmaxVjp === undefined) {
        const expected = '{ finiteDifference: epsilon }, since this relaxation has no softmaxVjp';
        throw invalid('gradient', expected, 'exact');
      } else {
        const { softmaxVjp } = relaxation;
        const gradient = () => softmaxVjp(utility.slice(), rows.length, t, cotangent.slice());
        out.set(this.rows('softmaxVjp', rows, gradient));
      }
    });
  }

  argmaxAsync(utility: Float64Array, lengths?: Uint32Array): Promise<Outcome> {
    return here(utility.length, (out) => this.argmax(utility, lengths, out));
  }

  softmaxAsync(utility: Float64Array, t: number, lengths?: Uint32Array): Promise<Outcome> {
    return here(utility.length, (out) => this.softmax(utility, t, lengths, out));
  }

  softmaxVjpAsync(
    utility: Float64Array,
    t: number,
    cotangent: Float64Array,
    lengths?: Uint32Array,
  ): Promise<Outcome> {
    return here(utility.length, (out) => this.softmaxVjp(utility, t, cotangent, lengths, out));
  }

  /** All of the cotangent counts. */
  masked(cotangent: Float64Array, lengths: Uint32Array | undefined, out: Float64Array): void {
    this.check(lengths, {});
    out.set(cotangent);
  }

  private readonly maximiser: Maximiser = (utility, rows) =>
    this.rows('argmax', rows, () => this.maximise(utility, rows.length));

  private check(lengths: Uint32Array | undefined, arrays: Readonly<Record<string, unknown>>): void {
    const { size } = this;
    const row = lengths?.findIndex((length) => length !== size) ?? -1;
    if (row >= 0) {
      const got = `${lengths?.[row]} (batch row ${row})`;
      throw new SstError(
        'INVALID_ARGUMENT',
        `lengths: expected integers from ${size} to ${size}, got ${got}`,
      );
    }
    checkApart(arrays);
  }

  /** What a callback gives for these rows of the batch, once it is numbers for all of them. */
  private rows(name: string, rows: readonly number[], callback: () => Rows): Float64Array {
    if (rows.length === 0) return new Float64Array(0);
    // Reading what it returned may run code of the user too.
    return callUser(() => checkRows(name, callback(), rows, this.dimension));
  }
}

/** A function of the user cannot run on another thread: the promise is of a result that is computed on this one. */
async function here(length: number, solve: (out: Float64Array) => void): Promise<Outcome> {
  const values = new Float64Array(length);
  guard(() => solve(values));
  return { values };
}

function checkRows(
  name: string,
  returned: unknown,
  rows: readonly number[],
  dimension: number,
): Float64Array {
  const nested = isNested(returned);
  const cells = nested ? flattened(name, returned, rows, dimension) : toDoubles(name, returned);
  const length = rows.length * dimension;
  if (cells.length !== length) {
    const expected = `${length} numbers (${rows.length} rows of ${dimension})`;
    throw new SstError('INVALID_ARGUMENT', `${name}: expected ${expected}, got ${cells.length}`);
  }
  const bad = cells.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    const place = `at coordinate ${bad % dimension} (batch row ${rows[Math.floor(bad / dimension)]})`;
    throw new SstError('INVALID_ARGUMENT', `${name}: expected finite numbers, got ${cells[bad]} ${place}`);
  }
  return cells;
}

function isNested(value: unknown): value is readonly NumberArray[] {
  return !types.isProxy(value) && Array.isArray(value) && typeof value[0] === 'object';
}

function flattened(
  name: string,
  nested: readonly NumberArray[],
  rows: readonly number[],
  dimension: number,
): Float64Array {
  if (nested.length !== rows.length) {
    throw new SstError('INVALID_ARGUMENT', `${name}: expected ${rows.length} rows, got ${nested.length}`);
  }
  const cells = new Float64Array(rows.length * dimension);
  rows.forEach((row, index) => {
    const numbers = toDoubles(`${name}[${index}]`, nested[index]);
    if (numbers.length !== dimension) {
      const got = `${numbers.length} (batch row ${row})`;
      throw new SstError('INVALID_ARGUMENT', `${name}: expected rows of ${dimension} numbers, got ${got}`);
    }
    cells.set(numbers, index * dimension);
  });
  return cells;
}
