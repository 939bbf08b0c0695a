import {
  type ArrayLike,
  checkApart,
  checkOut,
  countRows,
  deliver,
  type NumberArray,
  toDoubles,
} from '../arguments/arrays';
import { invalid, SstError } from '../arguments/errors';
import type { OutOptions } from '../arguments/options';
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOptions,
  checkRelaxation,
} from '../arguments/validate';
import { drawRectangle } from '../drawing/draw';
import { native } from '../native/binding';
import { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { Trick, type TrickDefinition } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

/** The relaxation keeps some six matrices of this size; 2048 rows make 32 MiB each. */
const LARGEST = 2048;
const MOST_CELLS = LARGEST * LARGEST;
/** Of one side alone. */
const LONGEST = 32768;
const MOST_ITERATIONS = 2 ** 20;
/** Of the shorter side, and of the sums over its subsets, in the exponential family. */
const MOST_SUMMED = 20;
const MOST_SUMS = 2 ** 25;
const relaxations = ['sinkhorn', 'exponential-family', 'sparsemap'] as const;

/** What all kinds of matchings have. */
export interface MatchingCommonOptions {
  /**
   * `'exponential-family'` is the mean of all matchings, where one side has at most 20; `'sparsemap'` the Euclidean projection,
   * with sparse results.
   * @defaultValue `'sinkhorn'`
   */
  relaxation?: (typeof relaxations)[number] | undefined;
  /**
   * How far the sums of rows and columns of Sinkhorn's `X_t` may be from what they shall be, 1e-15 to 1; most come closer.
   * @defaultValue `1e-13`
   */
  tolerance?: number | undefined;
  /**
   * The most steps of Newton's method for it, each O(n^3), and sweeps of O(n^2), before a row is `DID_NOT_CONVERGE`.
   * @defaultValue `1000`
   */
  maxIterations?: number | undefined;
  /**
   * Of the relaxation, 0 or more; at 0 it is the hard operator.
   * @defaultValue `1`
   */
  temperature?: number | undefined;
  /**
   * The random utilities.
   * @defaultValue `gumbel()`
   */
  utility?: Utility | undefined;
}

/** Rows that are matched with as many columns. */
export interface SquareMatchingOptions extends MatchingCommonOptions {
  /** How many rows are matched with as many columns. */
  size: number;
  rows?: undefined;
  columns?: undefined;
  partial?: undefined;
  capacities?: undefined;
}

/** Rows and columns of which some stay alone. */
export interface RectangularMatchingOptions extends MatchingCommonOptions {
  size?: undefined;
  /** How many rows there are. */
  rows: number;
  /** How many columns there are. All of the shorter side are matched. */
  columns: number;
  /**
   * Whether rows and columns may all stay alone, at utility 0.
   * @defaultValue `false`
   */
  partial?: boolean | undefined;
  /**
   * How many rows each column may have, [columns] integers from 1; then every row is matched, if not partial, and there
   * must be places for all.
   * @defaultValue 1 for each column
   */
  capacities?: readonly number[] | Uint32Array | undefined;
}

/** Options of {@link matching}. */
export type MatchingOptions = SquareMatchingOptions | RectangularMatchingOptions;

type AnyMatchingTrick = MatchingTrick | ExponentialFamilyTrick | SparseMapTrick;

/** What sums of rows and columns shall be, at least and at most. */
interface Sums {
  rows: readonly [least: number, most: number];
  columns: readonly (readonly [least: number, most: number])[];
}

/** Matchings with Sinkhorn's relaxation. */
export class MatchingTrick extends Trick {
  readonly #sums: Sums;

  constructor(definition: TrickDefinition, sums: Sums) {
    super(definition);
    this.#sums = sums;
  }

  /**
   * What `softmax` achieved: `max(max_i |sum_j X_ij - 1|, max_j |sum_i X_ij - 1|)` of every matrix, [batch]; of rows and
   * columns that may stay alone, how far above 1, or above their capacity, they are. O(n^2) each.
   *
   * @throws SstError `INVALID_SHAPE`, `NOT_FINITE`
   */
  marginalErrors<A extends NumberArray>(soft: A, options: OutOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const { out: own } = options;
    const cells = toDoubles('soft', soft);
    const rows = countRows('soft', cells.length, this.dimension);
    const bad = cells.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      const place = `at coordinate ${bad % this.dimension} (batch row ${Math.floor(bad / this.dimension)})`;
      throw new SstError('NOT_FINITE', `soft: expected finite numbers, got ${cells[bad]} ${place}`);
    }
    if (own !== undefined) {
      checkOut(own, rows);
      checkApart(own, { soft });
    }
    return deliver(rows, soft, own, (out) => {
      for (let row = 0; row < rows; row++) {
        out[row] = marginalError(
          cells.subarray(row * this.dimension, (row + 1) * this.dimension),
          this.#sums,
        );
      }
    }) as ArrayLike<A>;
  }
}

/** How far the sums of a matrix are outside their bounds. */
function marginalError(matrix: Float64Array, { rows: [least, most], columns }: Sums): number {
  const width = columns.length;
  const rows = new Float64Array(matrix.length / width);
  const ofColumns = new Float64Array(width);
  matrix.forEach((x, cell) => {
    rows[Math.floor(cell / width)] += x;
    ofColumns[cell % width] += x;
  });
  const off = (sum: number, low: number, high: number) => Math.max(0, low - sum, sum - high);
  const worst = rows.reduce((error, sum) => Math.max(error, off(sum, least, most)), 0);
  return ofColumns.reduce((error, sum, j) => Math.max(error, off(sum, ...columns[j])), worst);
}

/** The options that say what is matched, checked. */
interface Shape {
  rows: number;
  columns: number;
  kind: 'square' | 'rectangular' | 'partial';
  capacities?: Uint32Array;
}

function shapeOf(options: Partial<Record<keyof MatchingOptions, unknown>>): Shape {
  const { size: side, rows: given, partial, capacities } = options;
  if (given === undefined && options.columns === undefined) {
    const size = checkInteger('size', side, 1, LARGEST);
    for (const [name, value] of Object.entries({ partial, capacities })) {
      if (value !== undefined) throw invalid(name, 'rows and columns beside it, not size', value);
    }
    return { rows: size, columns: size, kind: 'square' };
  }
  if (side !== undefined) throw invalid('size', 'nothing beside rows and columns', side);
  const rows = checkInteger('rows', given, 1, LONGEST);
  const columns = checkInteger('columns', options.columns, 1, LONGEST);
  const cells = (places: number, name: string, value: unknown) => {
    if (rows * places > MOST_CELLS) {
      throw invalid(name, `at most ${MOST_CELLS} cells, rows (${rows}) times places`, value);
    }
  };
  cells(columns, 'columns', columns);
  const kind = checkBoolean('partial', partial ?? false) ? 'partial' : 'rectangular';
  if (capacities === undefined) return { rows, columns, kind };
  const own = checkCapacities(capacities, columns);
  const places = own.reduce((sum, capacity) => sum + Math.min(capacity, rows), 0);
  if (kind === 'rectangular' && places < rows) {
    throw invalid('capacities', `places for all ${rows} rows`, places);
  }
  cells(places, 'capacities', places);
  return { rows, columns, kind, capacities: own };
}

/** Refuses what has too many subsets to sum over. */
function checkSummable({ rows, columns, kind, capacities }: Shape): void {
  if (capacities !== undefined) {
    throw invalid('capacities', "none beside relaxation 'exponential-family' (of 'sinkhorn' they may be)", [
      ...capacities,
    ]);
  }
  const [shorter, longer] = [Math.min(rows, columns), Math.max(rows, columns)];
  const name = kind === 'square' ? 'size' : rows <= columns ? 'rows' : 'columns';
  if (shorter > MOST_SUMMED) {
    const most = `at most ${MOST_SUMMED} ${kind === 'square' ? '' : 'of the shorter side '}`;
    throw invalid(
      name,
      `${most}of relaxation 'exponential-family' (relaxation 'sinkhorn' has more)`,
      shorter,
    );
  }
  const sums = 2 ** shorter * (kind !== 'partial' && shorter === longer ? 1 : longer + 1);
  if (sums > MOST_SUMS) {
    const most = `at most ${MOST_SUMS} sums, 2^shorter (longer + 1)`;
    throw invalid(
      rows <= columns ? 'columns' : 'rows',
      `${most}, of relaxation 'exponential-family' (relaxation 'sinkhorn' has more)`,
      longer,
    );
  }
}

/** A copy of the capacities of all columns. */
function checkCapacities(capacities: unknown, columns: number): Uint32Array {
  if (!(Array.isArray(capacities) || capacities instanceof Uint32Array)) {
    throw invalid('capacities', 'an array of integers', capacities);
  }
  if (capacities.length !== columns) {
    throw invalid('capacities', `one for each of ${columns} columns`, `${capacities.length} of them`);
  }
  return Uint32Array.from(capacities, (capacity, j) =>
    checkInteger(`capacities[${j}]`, capacity, 1, 2 ** 20),
  );
}

function sumsOf({ rows, columns, kind, capacities }: Shape): Sums {
  const alone = kind === 'partial';
  const rowsMatched = !alone && (capacities !== undefined || rows <= columns);
  const columnsMatched = !alone && capacities === undefined && columns <= rows;
  return {
    rows: [rowsMatched ? 1 : 0, 1],
    columns: Array.from(
      { length: columns },
      (_, j) => [columnsMatched ? 1 : 0, capacities?.[j] ?? 1] as const,
    ),
  };
}

/**
 * Matchings of rows with columns, as 0/1 matrices in row-major order, dimension rows x columns:
 *
 * * `{ size }`: the perfect matchings of n rows with n columns, the permutation matrices;
 * * `{ rows, columns }`: all of the shorter side are matched, each of the longer side at most once;
 * * `{ rows, columns, partial: true }`: each row and each column is matched at most once, and may stay alone at utility 0;
 * * `{ rows, columns, capacities }`: every row is matched (or, if partial, may stay alone), and column j has at most
 *   `capacities[j]` rows.
 *
 * X is the best assignment (Jonker and Volgenant, O(m^2 n) for m <= n); of several that are best, one. `X_t` is
 * `argmax <U, X> - t sum_ij X_ij log X_ij` over the doubly stochastic matrices, that is, `exp(U / t)` with its rows and
 * columns scaled to sum to 1 (Gumbel-Sinkhorn: Mena et al., 2018; paper, section 6). Where something may stay alone the
 * same holds of the matrix with one more row, and one more column, of utility 0 for that, and their cells count in the
 * entropy (as in SuperGlue: Sarlin et al., 2020). The scaling is Newton's, O(m^2 n) a step, some 5 steps at t = 1 and 20 at
 * t = 0.01, or where that pays Sinkhorn's own, O(m n) a sweep; it converges at every temperature. The gradient is that of the exact solution. A utility of -Infinity forbids
 * its cell; cells that no matching uses are 0.
 *
 * With `relaxation: 'exponential-family'` `X_t` is `E[x]` under `p(x) ~ exp(U.x / t)` over the matchings themselves, ratios of
 * permanents, with `logPartition`, draws, entropies and divergences. They are sums over the subsets of the shorter side of m,
 * by additions and multiplications of positive numbers alone, right at every temperature: O(m 2^m) in memory O(2^m) for
 * squares, O(n m 2^m) in O(n 2^m) otherwise, for m up to 20 and 2^25 sums; not with capacities.
 *
 * With `lengths` a row of the batch is over its first rows only; of a square, over as many columns too. Columns are left
 * out by utilities of -Infinity, and rows as well if the matching is partial.
 *
 * @throws SstError `INVALID_ARGUMENT`; its methods also `INFEASIBLE` where forbidden cells leave no such matching,
 * and `DID_NOT_CONVERGE`, with the error reached
 */
export function matching(options: MatchingOptions & { relaxation?: 'sinkhorn' | undefined }): MatchingTrick;
export function matching(
  options: MatchingOptions & { relaxation: 'exponential-family' },
): ExponentialFamilyTrick;
export function matching(options: MatchingOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function matching(options: MatchingOptions): AnyMatchingTrick;
export function matching(options: MatchingOptions): AnyMatchingTrick {
  const what = ['size', 'rows', 'columns', 'partial', 'capacities'];
  checkOptions('options', options, [
    ...what,
    'relaxation',
    'tolerance',
    'maxIterations',
    'temperature',
    'utility',
  ]);
  const { relaxation = 'sinkhorn', temperature = 1, utility = gumbel() } = options;
  checkRelaxation('matching', relaxation, relaxations);
  const shape = shapeOf(options);
  if (relaxation === 'exponential-family') checkSummable(shape);
  const { rows, columns, kind, capacities } = shape;
  const tolerance = checkNumber('tolerance', options.tolerance ?? 1e-13, 1e-15, 1);
  const maxIterations = checkInteger('maxIterations', options.maxIterations ?? 1000, 1, MOST_ITERATIONS);
  const definition = {
    name: 'matching',
    shape: [rows, columns],
    parameters: {
      ...(kind === 'square' ? { size: rows } : { rows, columns }),
      ...(kind === 'partial' && { partial: true }),
      ...(capacities && { capacities: [...capacities] }),
      relaxation,
      ...(relaxation === 'sinkhorn' ? { tolerance, maxIterations } : {}),
    },
    temperature,
    utility,
    solver: new NativeSolver(
      native.matching(rows, columns, kind, capacities, tolerance, maxIterations, relaxation),
    ),
    drawing: (row: Float64Array) => drawRectangle(rows, columns, row),
  };
  switch (relaxation) {
    case 'sparsemap':
      return new SparseMapTrick(definition);
    case 'exponential-family':
      return new ExponentialFamilyTrick(definition);
    default:
      return new MatchingTrick(definition, sumsOf(shape));
  }
}
