import {
  type ArrayLike,
  checkApart,
  checkOut,
  countRows,
  deliver,
  type NumberArray,
  toDoubles,
} from '../arguments/arrays';
import { SstError } from '../arguments/errors';
import type { OutOptions } from '../arguments/options';
import { checkInteger, checkNumber, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawSquare } from '../drawing/draw';
import { native } from '../native/binding';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { Trick, type TrickDefinition } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

/** The relaxation keeps some six matrices of this size; 2048 rows make 32 MiB each. */
const LARGEST = 2048;
const MOST_ITERATIONS = 2 ** 20;
const relaxations = ['sinkhorn', 'sparsemap'] as const;

export interface MatchingOptions {
  /** How many rows are matched with as many columns. */
  size: number;
  /** Default `'sinkhorn'`; `'sparsemap'` is the Euclidean projection, with sparse results. */
  relaxation?: (typeof relaxations)[number] | undefined;
  /** How far the rows and columns of `X_t` may be from summing to 1, 1e-15 to 1; most come closer. Default 1e-13. */
  tolerance?: number | undefined;
  /** The most steps of Newton's method, each O(n^3), before a row is `DID_NOT_CONVERGE`. Default 1000. */
  maxIterations?: number | undefined;
  temperature?: number | undefined;
  utility?: Utility | undefined;
}

/** Perfect matchings with Sinkhorn's relaxation. */
export class MatchingTrick extends Trick {
  readonly #size: number;

  constructor(definition: TrickDefinition, size: number) {
    super(definition);
    this.#size = size;
  }

  /**
   * What `softmax` achieved: `max(max_i |sum_j X_ij - 1|, max_j |sum_i X_ij - 1|)` of every matrix, [batch]. O(n^2) each.
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
          this.#size,
        );
      }
    }) as ArrayLike<A>;
  }
}

/** How far the sums of a matrix are from 1. */
function marginalError(matrix: Float64Array, size: number): number {
  const sums = new Float64Array(2 * size);
  matrix.forEach((x, cell) => {
    sums[Math.floor(cell / size)] += x;
    sums[size + (cell % size)] += x;
  });
  return sums.reduce((most, sum) => Math.max(most, Math.abs(sum - 1)), 0);
}

/**
 * The perfect matchings of n rows with n columns, as permutation matrices in row-major order, dimension n^2.
 *
 * X is the best assignment (Jonker and Volgenant, O(n^3)); of several that are best, one. `X_t` is
 * `argmax <U, X> - t sum_ij X_ij log X_ij` over the doubly stochastic matrices, that is, `exp(U / t)` with its rows and
 * columns scaled to sum to 1 (Gumbel-Sinkhorn: Mena et al., 2018; paper, section 6). The scaling is Newton's, O(n^3) a
 * step, some 5 steps at t = 1 and 20 at t = 0.01; it converges at every temperature. The gradient is that of the exact
 * solution. A utility of -Infinity forbids its cell; cells that no perfect matching uses are 0.
 *
 * @throws SstError `INVALID_ARGUMENT`; its methods also `INFEASIBLE` where forbidden cells leave no perfect matching,
 * and `DID_NOT_CONVERGE`, with the error reached
 */
export function matching(options: MatchingOptions & { relaxation?: 'sinkhorn' | undefined }): MatchingTrick;
export function matching(options: MatchingOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function matching(options: MatchingOptions): MatchingTrick | SparseMapTrick;
export function matching(options: MatchingOptions): MatchingTrick | SparseMapTrick {
  const known = ['size', 'relaxation', 'tolerance', 'maxIterations', 'temperature', 'utility'];
  checkOptions('options', options, known);
  const { relaxation = 'sinkhorn', temperature = 1, utility = gumbel() } = options;
  checkRelaxation('matching', relaxation, relaxations);
  const size = checkInteger('size', options.size, 1, LARGEST);
  const tolerance = checkNumber('tolerance', options.tolerance ?? 1e-13, 1e-15, 1);
  const maxIterations = checkInteger('maxIterations', options.maxIterations ?? 1000, 1, MOST_ITERATIONS);
  const sparse = relaxation === 'sparsemap';
  const definition = {
    name: 'matching',
    shape: [size, size],
    parameters: { size, relaxation, ...(sparse ? {} : { tolerance, maxIterations }) },
    temperature,
    utility,
    solver: new NativeSolver(native.matching(size, tolerance, maxIterations, relaxation)),
    drawing: (row: Float64Array) => drawSquare(size, row),
  };
  return sparse ? new SparseMapTrick(definition) : new MatchingTrick(definition, size);
}
