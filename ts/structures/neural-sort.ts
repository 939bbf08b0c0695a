import { checkInteger, checkOptions } from '../arguments/validate';
import { drawRectangle } from '../drawing/draw';
import { native } from '../native/binding';
import { NativeSolver } from '../trick/solver';
import { Trick } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

/** Matrices have this many rows; 4096 make 128 MiB. */
const LARGEST = 4096;

export interface NeuralSortOptions {
  elements: number;
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
 * Rankings of n elements: a utility is a score for each, X the n x n permutation matrix whose row i marks the element of
 * the i-th largest score (of equal ones, the lowest index). With Gumbel utilities X is Plackett-Luce.
 *
 * `X_t` is stochastic NeuralSort: row i is `softmax(((n + 1 - 2i) s - A 1) / t)` with `A_jl = |s_j - s_l|`, O(n^2) (Grover
 * et al., 2019). Its rows sum to 1, its columns need not, and its Jacobian is not symmetric: the gradient is a reverse
 * pass, and finite differences are refused. Scores of -Infinity are `INFEASIBLE`.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function neuralSort(options: NeuralSortOptions): Trick {
  checkOptions('options', options, ['elements', 'temperature', 'utility']);
  const { temperature = 1, utility = gumbel() } = options;
  const elements = checkInteger('elements', options.elements, 1, LARGEST);
  return new Trick({
    name: 'neural-sort',
    shape: [elements, elements],
    parameters: { elements },
    temperature,
    utility,
    solver: new NativeSolver(native.neuralSort(elements)),
    drawing: (row) => drawRectangle(elements, elements, row),
  });
}
