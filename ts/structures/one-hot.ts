import { checkAlpha, type EntmaxOptions } from '../arguments/alpha';
import { checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawRow } from '../drawing/draw';
import { guard, native } from '../native/binding';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { TracedTrick } from '../trick/traced-trick';
import { Trick } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

const LARGEST = 2 ** 26;
const relaxations = ['categorical-entropy', 'euclidean', 'binary-entropy', 'entmax', 'sparsemap'] as const;

/** The relaxations of one-hot vectors. */
export type OneHotRelaxation = (typeof relaxations)[number];

export interface OneHotOptions extends EntmaxOptions {
  categories: number;
  /**
   * `'sparsemap'` is `'euclidean'` by another way, which tells the atoms.
   * @defaultValue `'categorical-entropy'`
   */
  relaxation?: OneHotRelaxation | undefined;
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
 * One of n categories, as a one-hot vector: the Gumbel-Max and Gumbel-Softmax tricks.
 *
 * With Gumbel utilities `P(X = e_i) ~ exp(theta_i)`. The relaxations, each O(n) a row (paper, section 3):
 * - `'categorical-entropy'`: `X_t = softmax(U / t)`, which is the exponential-family relaxation too;
 * - `'euclidean'`: sparsemax, the point of the simplex nearest to `U / t`;
 * - `'binary-entropy'`: `X_t = sigmoid(U / t + m)` with the m that makes the sum 1;
 * - `'entmax'`: alpha-entmax, `X_t = max(0, 1 + (alpha - 1) (U / t - m))^(1 / (alpha - 1))`, between softmax and sparsemax
 *   (Peters, Niculae and Martins, 2019).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function oneHot(
  options: OneHotOptions & { relaxation?: 'categorical-entropy' | undefined },
): TracedTrick;
export function oneHot(options: OneHotOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function oneHot(options: OneHotOptions): Trick;
export function oneHot(options: OneHotOptions): Trick {
  checkOptions('options', options, ['categories', 'relaxation', 'alpha', 'temperature', 'utility']);
  const { relaxation: wanted = 'categorical-entropy', temperature = 1, utility = gumbel() } = options;
  const categories = checkInteger('categories', options.categories, 1, LARGEST);
  const relaxation = checkRelaxation('oneHot', wanted, relaxations);
  const alpha = checkAlpha(relaxation, options.alpha);
  const isFamily = relaxation === 'categorical-entropy';
  const solver = guard(
    () => new NativeSolver(native.oneHot(categories, isFamily ? 'exponential-family' : relaxation, alpha)),
  );
  const parameters = { categories, relaxation, ...(relaxation === 'entmax' ? { alpha } : {}) };
  const definition = { name: 'one-hot', parameters, temperature, utility, solver, drawing: drawRow };
  if (relaxation === 'sparsemap') return new SparseMapTrick(definition);
  return isFamily ? new TracedTrick(definition) : new Trick(definition);
}
