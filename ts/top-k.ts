import { native } from './binding';
import { drawRow } from './draw';
import { invalid } from './errors';
import { SparseMapTrick } from './sparse-map';
import { ExponentialFamilyTrick } from './trick';
import { gumbel, type Utility } from './utilities';
import { checkInteger, checkOptions, checkRelaxation } from './validate';

const LARGEST = 2 ** 26;
const relaxations = ['exponential-family', 'sparsemap'] as const;

export interface TopKOptions {
  elements: number;
  /** How many to choose, 0 to `elements`. */
  k: number;
  /** Default `'exponential-family'`; `'sparsemap'` is the Euclidean projection, with sparse results. */
  relaxation?: (typeof relaxations)[number] | undefined;
  temperature?: number | undefined;
  utility?: Utility | undefined;
}

/**
 * Exactly k of n elements, as an indicator vector.
 *
 * X marks the k largest utilities; with Gumbel utilities its law is Plackett-Luce, not the product law
 * `p(x) ~ exp(theta.x)`. The exponential-family relaxation is the mean of `p(x) ~ exp(U.x / t)` over the k-subsets, by
 * elementary symmetric polynomials, O(n k) a row (paper, section 6).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function topK(
  options: TopKOptions & { relaxation?: 'exponential-family' | undefined },
): ExponentialFamilyTrick;
export function topK(options: TopKOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function topK(options: TopKOptions): ExponentialFamilyTrick | SparseMapTrick;
export function topK(options: TopKOptions): ExponentialFamilyTrick | SparseMapTrick {
  checkOptions('options', options, ['elements', 'k', 'relaxation', 'temperature', 'utility']);
  const { relaxation = 'exponential-family', temperature = 1, utility = gumbel() } = options;
  const elements = checkInteger('elements', options.elements, 1, LARGEST);
  const k = checkInteger('k', options.k, 0, elements);
  if ((elements + 1) * (k + 1) > LARGEST) throw invalid('k', `(elements + 1) * (k + 1) <= ${LARGEST}`, k);
  checkRelaxation('topK', relaxation, relaxations);
  const definition = {
    name: 'top-k',
    parameters: { elements, k, relaxation },
    temperature,
    utility,
    handle: native.topK(elements, k, relaxation),
    drawing: drawRow,
  };
  return relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new ExponentialFamilyTrick(definition);
}
