import { native } from './binding';
import { drawRow } from './draw';
import { SparseMapTrick } from './sparse-map';
import { ExponentialFamilyTrick } from './trick';
import { gumbel, type Utility } from './utilities';
import { checkInteger, checkOptions, checkRelaxation } from './validate';

const LARGEST = 2 ** 26;
const relaxations = ['categorical-entropy', 'sparsemap'] as const;

export interface OneHotOptions {
  categories: number;
  /** Default `'categorical-entropy'`; `'sparsemap'` is the Euclidean projection, with sparse results. */
  relaxation?: (typeof relaxations)[number] | undefined;
  temperature?: number | undefined;
  utility?: Utility | undefined;
}

/**
 * One of n categories, as a one-hot vector: the Gumbel-Softmax trick.
 *
 * With Gumbel utilities `P(X = e_i) ~ exp(theta_i)`; `X_t = softmax(U / t)`, which is at once the categorical-entropy
 * and the exponential-family relaxation. O(n) a row (paper, section 3).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function oneHot(
  options: OneHotOptions & { relaxation?: 'categorical-entropy' | undefined },
): ExponentialFamilyTrick;
export function oneHot(options: OneHotOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function oneHot(options: OneHotOptions): ExponentialFamilyTrick | SparseMapTrick;
export function oneHot(options: OneHotOptions): ExponentialFamilyTrick | SparseMapTrick {
  checkOptions('options', options, ['categories', 'relaxation', 'temperature', 'utility']);
  const { relaxation = 'categorical-entropy', temperature = 1, utility = gumbel() } = options;
  const categories = checkInteger('categories', options.categories, 1, LARGEST);
  checkRelaxation('oneHot', relaxation, relaxations);
  const definition = {
    name: 'one-hot',
    parameters: { categories, relaxation },
    temperature,
    utility,
    handle: native.oneHot(categories, relaxation),
    drawing: drawRow,
  };
  return relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new ExponentialFamilyTrick(definition);
}
