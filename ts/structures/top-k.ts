import { checkAlpha, type EntmaxOptions } from '../arguments/alpha';
import { invalid } from '../arguments/errors';
import { checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawRow } from '../drawing/draw';
import { guard, native } from '../native/binding';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { TracedTrick } from '../trick/traced-trick';
import { Trick } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

const LARGEST = 2 ** 26;
const relaxations = [
  'exponential-family',
  'euclidean',
  'categorical-entropy',
  'binary-entropy',
  'entmax',
  'l2x',
  'softsub',
  'sparsemap',
] as const;
/** Those that keep a number for every element and every choice. */
const quadratic: readonly TopKRelaxation[] = ['l2x', 'softsub'];

/** The relaxations of k-subsets. */
export type TopKRelaxation = (typeof relaxations)[number];

export interface TopKOptions extends EntmaxOptions {
  elements: number;
  /** How many to choose, 0 to `elements`; of `'l2x'`, how many choices, at least 1. */
  k: number;
  /**
   * What becomes of a row over fewer than k elements, in batches of rows of different lengths: `'refuse'`, or
   * `'min'`, where all that it has are chosen.
   * @defaultValue `'refuse'`
   */
  shortRows?: 'refuse' | 'min' | undefined;
  /**
   * `'sparsemap'` is `'euclidean'` by another way, which tells the atoms.
   * @defaultValue `'exponential-family'`
   */
  relaxation?: TopKRelaxation | undefined;
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

/**
 * Exactly k of n elements, as an indicator vector.
 *
 * X marks the k largest utilities; with Gumbel utilities its law is Plackett-Luce, not the product law
 * `p(x) ~ exp(theta.x)` over the k-subsets. The relaxations (paper, section 6):
 * - `'exponential-family'`: the mean of `p(x) ~ exp(U.x / t)`, by elementary symmetric polynomials, O(n k) a row,
 *   in memory O(n + k sqrt(n));
 * - `'euclidean'`: the point of the polytope nearest to `U / t`, `X_t = clip(U / t + m, 0, 1)`, O(n);
 * - `'categorical-entropy'`: `X_t = min(1, c exp(U / t))`, O(n + k log k);
 * - `'binary-entropy'`: `X_t = sigmoid(U / t + m)`, O(n);
 * - `'entmax'`: `X_t = clip(1 + (alpha - 1) (U / t - m), 0, 1)^(1 / (alpha - 1))`, between `'euclidean'` and `'categorical-entropy'`,
 *   O(n) (Peters, Niculae and Martins, 2019);
 * - `'l2x'` (bespoke): k independent choices with replacement, merged; `X_t` is the maximum of k softmaxes, O(n k). A
 *   utility has k rows of n coordinates, all with the same parameters, and `kl` counts each of the k;
 * - `'softsub'` (bespoke): k softmaxes one after the other, each of which lowers what it has taken, O(n k).
 *
 * m and c make the sum k. The bespoke relaxations may leave the polytope, and have no finite-difference gradient.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function topK(options: TopKOptions & { relaxation?: 'exponential-family' | undefined }): TracedTrick;
export function topK(options: TopKOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function topK(options: TopKOptions): Trick;
export function topK(options: TopKOptions): Trick {
  checkOptions('options', options, [
    'elements',
    'k',
    'shortRows',
    'relaxation',
    'alpha',
    'temperature',
    'utility',
  ]);
  const { relaxation: wanted = 'exponential-family', temperature = 1, utility = gumbel() } = options;
  const relaxation = checkRelaxation('topK', wanted, relaxations);
  const elements = checkInteger('elements', options.elements, 1, LARGEST);
  const k = checkInteger('k', options.k, relaxation === 'l2x' ? 1 : 0, elements);
  const alpha = checkAlpha(relaxation, options.alpha);
  if (quadratic.includes(relaxation) && (elements + 1) * (k + 1) > LARGEST) {
    throw invalid('k', `(elements + 1) * (k + 1) <= ${LARGEST}`, k);
  }
  if (relaxation === 'exponential-family' && (Math.ceil(Math.sqrt(elements)) + 1) * (k + 1) > LARGEST) {
    throw invalid('k', `(ceil(sqrt(elements)) + 1) * (k + 1) <= ${LARGEST}`, k);
  }
  const definition = {
    name: 'top-k',
    parameters: { elements, k, relaxation, ...(relaxation === 'entmax' ? { alpha } : {}) },
    temperature,
    utility,
    solver: guard(
      () =>
        new NativeSolver(
          native.topK(elements, k, checkShortRows(options.shortRows), relaxation, alpha),
          relaxation === 'softsub'
            ? 'what SoftSub takes from a utility in each round is not divided by t'
            : undefined,
        ),
    ),
    drawing: drawRow,
  };
  if (relaxation === 'sparsemap') return new SparseMapTrick(definition);
  return relaxation === 'exponential-family' ? new TracedTrick(definition) : new Trick(definition);
}

/** Whether a row over fewer than k elements chooses all of them. */
export function checkShortRows(shortRows: unknown = 'refuse'): boolean {
  if (shortRows === 'refuse' || shortRows === 'min') return shortRows === 'min';
  throw invalid('shortRows', "'refuse' or 'min'", shortRows);
}
