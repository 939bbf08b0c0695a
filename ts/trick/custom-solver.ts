import { types } from 'node:util';
import { deliver, type IntegerArray, type NumberArray, numbersOf, widened } from '../arguments/arrays';
import { invalid, SstError } from '../arguments/errors';
import type { Output } from '../arguments/options';
import type { ReadTemperature } from '../arguments/temperature';
import { callUser, guard, type Outcome } from '../native/binding';
import type { Utility } from '../utilities';
import type { Call, Widths } from './call';
import type { QuestionName } from './question';
import type { NativeSolver, Solver } from './solver';
import { answerAll, type Maximiser, withSolvers } from './sparse-map';

/** Rows of numbers as a callback may return them: one after the other, or as an array of rows. */
export type Rows = NumberArray | IntegerArray | readonly (NumberArray | IntegerArray)[];

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
  /**
   * Whether `X_t` is a function of `U / t` alone, as `argmax_x U.x - t f(x)` is: then `temperatureVjp` follows from
   * `softmaxVjp`. Default false, where derivatives in the temperature are central differences.
   */
  homogeneous?: boolean | undefined;
}

/** A structure of the user's own. */
export class CustomSolver implements Solver {
  readonly widths: Widths;
  /** The one length that a row may have. */
  readonly size: number;
  readonly symmetric: boolean;
  readonly inhomogeneous: string | undefined;
  /** Answers what is asked of utilities. */
  readonly #coordinates: NativeSolver;

  constructor(
    private readonly maximise: CustomArgmax,
    private readonly relaxation: CustomRelaxation | undefined,
    coordinates: NativeSolver,
  ) {
    this.#coordinates = coordinates;
    this.widths = coordinates.widths;
    this.size = coordinates.size;
    this.symmetric = relaxation?.symmetric ?? true;
    const homogeneous = relaxation === undefined || relaxation.homogeneous;
    this.inhomogeneous = homogeneous ? undefined : 'it does not say homogeneous: true';
  }

  withUtility(utility: Utility): CustomSolver {
    return new CustomSolver(this.maximise, this.relaxation, this.#coordinates.withUtility(utility));
  }

  ask(call: Call, out: Output): void {
    checkSizes(call.lengths, this.size);
    const { name } = call.question;
    if (!isOwn(name)) this.#coordinates.ask(call, out);
    else deliver(call.length, out, out, (doubles) => this.#solve(name, call, doubles), call.width);
  }

  #solve(name: OwnQuestion, { inputs, temperature: t }: Call, out: Float64Array): void {
    const [utility, cotangent] = inputs.map(widened);
    if (name === 'argmax') this.#argmax(utility, out);
    else if (name === 'softmax') this.#softmax(utility, t, out);
    else if (name === 'softmaxVjp') this.#softmaxVjp(utility, t, cotangent, out);
    else this.#softmaxWithVjp(utility.slice(), t, cotangent.slice(), out);
  }

  /** The gradient first, which looks at both arrays. */
  #softmaxWithVjp(
    utility: Float64Array,
    t: ReadTemperature,
    cotangent: Float64Array,
    out: Float64Array,
  ): void {
    const [soft, gradient] = [new Float64Array(utility.length), new Float64Array(utility.length)];
    this.#softmaxVjp(utility, t, cotangent, gradient);
    this.#softmax(utility, t, soft);
    for (let start = 0; start < utility.length; start += this.size) {
      out.set(soft.subarray(start, start + this.size), 2 * start);
      out.set(gradient.subarray(start, start + this.size), 2 * start + this.size);
    }
  }

  /** A function of the user cannot run on another thread: the promise is of a result that is computed on this one. */
  async askAsync(call: Call): Promise<Outcome> {
    const values = new Float64Array(call.length);
    guard(() => this.ask(call, values));
    return { values };
  }

  #argmax(utility: Float64Array, out: Float64Array): void {
    withSolvers(utility, this.size, 0, (solver) => {
      answerAll(solver, this.size, this.maximiser);
      solver.soft(out);
    });
  }

  /** The argmax of some rows of a batch; in the place of the others stand zeros, which the callback is not asked about. */
  #argmaxOf(rows: readonly number[], utility: Float64Array, out: Float64Array): void {
    const only = (cells: Float64Array) => {
      const all = new Float64Array(utility.length);
      scatter(cells, rows, this.size, all);
      return all;
    };
    withSolvers(only(gathered(utility, rows, this.size)), this.size, 0, (solver) => {
      answerAll(solver, this.size, (queries) =>
        only(this.maximiser(gathered(queries, rows, this.size), rows)),
      );
      const hard = new Float64Array(utility.length);
      solver.soft(hard);
      scatter(gathered(hard, rows, this.size), rows, this.size, out);
    });
  }

  #softmax(utility: Float64Array, t: ReadTemperature, out: Float64Array): void {
    if (t === 0) {
      this.#argmax(utility, out);
      return;
    }
    withSolvers(utility, this.size, t, (solver) => {
      const { relaxation } = this;
      if (relaxation === undefined) {
        answerAll(solver, this.size, this.maximiser);
        solver.soft(out);
        return;
      }
      for (const [at, rows] of byTemperature(t, solver.pending)) {
        if (at === 0) {
          this.#argmaxOf(rows, utility, out);
          continue;
        }
        const of = gathered(utility, rows, this.size);
        const soft = () => relaxation.softmax(of, rows.length, at);
        scatter(this.rows('softmax', rows, soft), rows, this.size, out);
      }
    });
  }

  #softmaxVjp(utility: Float64Array, t: ReadTemperature, cotangent: Float64Array, out: Float64Array): void {
    withSolvers(utility, this.size, t, (solver) => {
      const rows = solver.pending;
      // Until rows are solved, this checks the cotangent only.
      solver.differentiate(cotangent);
      const { relaxation } = this;
      if (t === 0) {
        out.fill(0);
      } else if (relaxation === undefined) {
        const direction = cotangent.slice();
        answerAll(solver, this.size, this.maximiser);
        solver.differentiate(direction);
        answerAll(solver, this.size, this.maximiser);
        solver.gradients(out);
      } else if (relaxation.softmaxVjp === undefined) {
        const expected = '{ finiteDifference: epsilon }, since this relaxation has no softmaxVjp';
        throw invalid('gradient', expected, 'exact');
      } else {
        const { softmaxVjp } = relaxation;
        for (const [at, some] of byTemperature(t, rows)) {
          const [of, direction] = [utility, cotangent].map((cells) => gathered(cells, some, this.size));
          const gradient = () => softmaxVjp(of, some.length, at, direction);
          const found = at === 0 ? of.fill(0) : this.rows('softmaxVjp', some, gradient);
          scatter(found, some, this.size, out);
        }
      }
    });
  }

  private readonly maximiser: Maximiser = (utility, rows) =>
    this.rows('argmax', rows, () => this.maximise(utility, rows.length));

  /** What a callback gives for these rows of the batch, once it is numbers for all of them. */
  private rows(name: string, rows: readonly number[], callback: () => Rows): Float64Array {
    if (rows.length === 0) return new Float64Array(0);
    // Reading what it returned may run code of the user too.
    return callUser(() => checkRows(name, callback(), rows, this.size));
  }
}

/** What depends on the structure and its relaxation alone. */
type OwnQuestion = 'argmax' | 'softmax' | 'softmaxVjp' | 'softmaxWithVjp';

function isOwn(name: QuestionName): name is OwnQuestion {
  return name === 'argmax' || name === 'softmax' || name === 'softmaxVjp' || name === 'softmaxWithVjp';
}

/** Those of some rows that have each temperature: a callback is told one. */
function byTemperature(t: ReadTemperature, rows: readonly number[]): Iterable<[number, readonly number[]]> {
  if (typeof t === 'number') return [[t, rows]];
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const group = groups.get(t[row]);
    if (group === undefined) groups.set(t[row], [row]);
    else group.push(row);
  }
  return groups;
}

/** Some rows, in memory that a callback may keep. */
function gathered(cells: Float64Array, rows: readonly number[], width: number): Float64Array {
  const own = new Float64Array(rows.length * width);
  rows.forEach((row, index) => {
    own.set(cells.subarray(row * width, (row + 1) * width), index * width);
  });
  return own;
}

function scatter(own: Float64Array, rows: readonly number[], width: number, out: Float64Array): void {
  rows.forEach((row, index) => {
    out.set(own.subarray(index * width, (index + 1) * width), row * width);
  });
}

/** Rows of a structure that is known by its argmax are of its own length. */
function checkSizes(lengths: Uint32Array | undefined, size: number): void {
  const row = lengths?.findIndex((length) => length !== size) ?? -1;
  if (row < 0) return;
  const got = `${lengths?.[row]} (batch row ${row})`;
  throw new SstError('INVALID_ARGUMENT', `lengths: expected integers from ${size} to ${size}, got ${got}`);
}

function checkRows(
  name: string,
  returned: unknown,
  rows: readonly number[],
  dimension: number,
): Float64Array {
  const nested = isNested(returned);
  const cells = nested ? flattened(name, returned, rows, dimension) : numbersOf(name, returned);
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

function isNested(value: unknown): value is readonly (NumberArray | IntegerArray)[] {
  return !types.isProxy(value) && Array.isArray(value) && typeof value[0] === 'object';
}

function flattened(
  name: string,
  nested: readonly (NumberArray | IntegerArray)[],
  rows: readonly number[],
  dimension: number,
): Float64Array {
  if (nested.length !== rows.length) {
    throw new SstError('INVALID_ARGUMENT', `${name}: expected ${rows.length} rows, got ${nested.length}`);
  }
  const cells = new Float64Array(rows.length * dimension);
  rows.forEach((row, index) => {
    const numbers = numbersOf(`${name}[${index}]`, nested[index]);
    if (numbers.length !== dimension) {
      const got = `${numbers.length} (batch row ${row})`;
      throw new SstError('INVALID_ARGUMENT', `${name}: expected rows of ${dimension} numbers, got ${got}`);
    }
    cells.set(numbers, index * dimension);
  });
  return cells;
}
