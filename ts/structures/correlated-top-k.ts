import { invalid } from '../arguments/errors';
import { checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawRow } from '../drawing/draw';
import { guard, native } from '../native/binding';
import { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { gumbel, type Utility } from '../utilities';
import { checkShortRows } from './top-k';

/** Entries of the table of positions, counts and last bits. */
const LARGEST = 2 ** 26;
const relaxations = ['exponential-family', 'sparsemap'] as const;

export interface CorrelatedTopKOptions {
  elements: number;
  /** How many to choose, 0 to `elements`. */
  k: number;
  /**
   * What becomes of a row over fewer than k elements: `'refuse'`, or `'min'`, where all are chosen.
   * @defaultValue `'refuse'`
   */
  shortRows?: 'refuse' | 'min' | undefined;
  /**
   * `'sparsemap'` is the Euclidean projection, with sparse results.
   * @defaultValue `'exponential-family'`
   */
  relaxation?: (typeof relaxations)[number] | undefined;
  /**
   * Of the relaxation, 0 or more; at 0 it is the hard operator.
   * @defaultValue `1`
   */
  temperature?: number | undefined;
  /**
   * Of the elements; the pairs' utilities are their parameters.
   * @defaultValue `gumbel()`
   */
  utility?: Utility | undefined;
}

/**
 * Exactly k of n elements in a row, with the pairs of neighbours that are both chosen: the indicators of the n elements,
 * then the n - 1 products `z_i = x_i x_{i+1}`.
 *
 * Utilities of the elements are random, those of the pairs are their parameters, `U = theta`. X is the best choice by
 * Viterbi's algorithm, `X_t` the mean of `p(x, z) ~ exp(U.(x, z) / t)` by forward-backward; both O(n k) a row (paper,
 * section 6, "Corr. Top k"). A pair of utility -Infinity may not be chosen together.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function correlatedTopK(
  options: CorrelatedTopKOptions & { relaxation?: 'exponential-family' | undefined },
): ExponentialFamilyTrick;
export function correlatedTopK(options: CorrelatedTopKOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function correlatedTopK(options: CorrelatedTopKOptions): ExponentialFamilyTrick | SparseMapTrick;
export function correlatedTopK(options: CorrelatedTopKOptions): ExponentialFamilyTrick | SparseMapTrick {
  checkOptions('options', options, ['elements', 'k', 'shortRows', 'relaxation', 'temperature', 'utility']);
  const { relaxation = 'exponential-family', temperature = 1, utility = gumbel() } = options;
  checkRelaxation('correlatedTopK', relaxation, relaxations);
  const elements = checkInteger('elements', options.elements, 1, LARGEST);
  const k = checkInteger('k', options.k, 0, elements);
  if (2 * (elements + 1) * (k + 1) > LARGEST) {
    throw invalid('k', `2 (elements + 1) (k + 1) <= ${LARGEST}`, k);
  }
  const definition = {
    name: 'correlated-top-k',
    parameters: { elements, k, relaxation },
    temperature,
    utility,
    solver: guard(
      () =>
        new NativeSolver(native.correlatedTopK(elements, k, checkShortRows(options.shortRows), relaxation)),
    ),
    drawing: (row: Float64Array) => drawChain(elements, row),
  };
  return relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new ExponentialFamilyTrick(definition);
}

/** The elements, and below and between them the pairs. */
function drawChain(elements: number, row: Float64Array): string {
  const [, pairs = ''] = drawRow(row.subarray(elements)).split('\n');
  return elements === 1 ? drawRow(row) : `${drawRow(row.subarray(0, elements))}\n  ${pairs}`.trimEnd();
}
