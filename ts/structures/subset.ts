import { checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawRow } from '../drawing/draw';
import { native } from '../native/binding';
import { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { logistic, type Utility } from '../utilities';

const LARGEST = 2 ** 26;
const relaxations = ['binary-entropy', 'sparsemap'] as const;

export interface SubsetOptions {
  elements: number;
  /**
   * `'sparsemap'` is the Euclidean projection, with sparse results.
   * @defaultValue `'binary-entropy'`
   */
  relaxation?: (typeof relaxations)[number] | undefined;
  /**
   * Of the relaxation, 0 or more; at 0 it is the hard operator.
   * @defaultValue `1`
   */
  temperature?: number | undefined;
  /**
   * The random utilities.
   * @defaultValue `logistic()`
   */
  utility?: Utility | undefined;
}

/**
 * Any subset of n elements, as an indicator vector: independent coins.
 *
 * `X_i = [U_i > 0]`, with Logistic utilities `P(X_i = 1) = sigmoid(theta_i)`; `X_t = sigmoid(U / t)`, which is at once
 * the binary-entropy and the exponential-family relaxation. O(n) a row (paper, section 6, "Indep. S").
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function subset(
  options: SubsetOptions & { relaxation?: 'binary-entropy' | undefined },
): ExponentialFamilyTrick;
export function subset(options: SubsetOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function subset(options: SubsetOptions): ExponentialFamilyTrick | SparseMapTrick;
export function subset(options: SubsetOptions): ExponentialFamilyTrick | SparseMapTrick {
  checkOptions('options', options, ['elements', 'relaxation', 'temperature', 'utility']);
  const { relaxation = 'binary-entropy', temperature = 1, utility = logistic() } = options;
  const elements = checkInteger('elements', options.elements, 1, LARGEST);
  checkRelaxation('subset', relaxation, relaxations);
  const definition = {
    name: 'subset',
    parameters: { elements, relaxation },
    temperature,
    utility,
    solver: new NativeSolver(native.subset(elements, relaxation)),
    drawing: drawRow,
  };
  return relaxation === 'sparsemap' ? new SparseMapTrick(definition) : new ExponentialFamilyTrick(definition);
}
