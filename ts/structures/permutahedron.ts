import { type NumberArray, toDoubles } from '../arguments/arrays';
import { invalid } from '../arguments/errors';
import { checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawRow } from '../drawing/draw';
import { native } from '../native/binding';
import { NativeSolver } from '../trick/solver';
import { Trick } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

const LARGEST = 2 ** 26;
const relaxations = ['euclidean', 'categorical-entropy'] as const;
/** Weights other than 0 are between these in magnitude. */
const [LEAST_WEIGHT, LARGEST_WEIGHT] = [1e-100, 1e100];

/** The relaxations of the permutahedron. */
export type PermutahedronRelaxation = (typeof relaxations)[number];

export interface PermutahedronOptions {
  elements: number;
  /**
   * What the elements get, one for each of them, the first for the largest utility: numbers that do not increase, each 0
   * or from 1e-100 to 1e100 in magnitude; of `'categorical-entropy'` not below 0. A shorter row has the first of them;
   * without weights it has ranks of its own.
   *
   * @defaultValue ranks from below, n, ..., 1
   */
  weights?: NumberArray | undefined;
  /** @defaultValue `'euclidean'` */
  relaxation?: PermutahedronRelaxation | undefined;
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
 * The ranks of n elements by their utilities: X gives the largest utility the weight `w_1`, the next one `w_2`, and so on,
 * of equal ones the lowest index first; by default `w = n, ..., 1`, so that ranks are counted from below. X maximises `U.x`
 * over the vertices of the permutahedron `P(w)`, the convex hull of all permutations of w. O(n log n).
 *
 * The relaxations are soft ranks (Blondel, Teboul, Berthet and Djolonga, 2020), by a sort and isotonic regression, O(n log n)
 * a row:
 * - `'euclidean'`: `X_t = argmax_x U.x - t |x|^2 / 2`, the point of P(w) nearest to `U / t`;
 * - `'categorical-entropy'`: `X_t = argmax_x U.x - t sum_i x_i log x_i`, the projection of `exp(U / t)` onto P(w) by the
 *   Kullback-Leibler divergence. The authors' entropic operator is `log X_t` of the weights `exp(w)`.
 *
 * `softmaxVjp` is exact: on blocks of elements that share a sum, the Jacobian of a projection onto a hyperplane, or of a
 * softmax; O(n) after the sort. A utility of -Infinity is `INFEASIBLE`.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function permutahedron(options: PermutahedronOptions): Trick {
  checkOptions('options', options, ['elements', 'weights', 'relaxation', 'temperature', 'utility']);
  const { relaxation: wanted = 'euclidean', temperature = 1, utility = gumbel() } = options;
  const relaxation = checkRelaxation('permutahedron', wanted, relaxations);
  const elements = checkInteger('elements', options.elements, 1, LARGEST);
  const weights =
    options.weights === undefined ? undefined : checkWeights(options.weights, elements, relaxation);
  return new Trick({
    name: 'permutahedron',
    parameters: { elements, ...(weights === undefined ? {} : { weights: weights.length }), relaxation },
    temperature,
    utility,
    solver: new NativeSolver(native.permutahedron(elements, weights, relaxation)),
    drawing: drawRow,
  });
}

/** A copy of the weights. */
function checkWeights(list: unknown, elements: number, relaxation: PermutahedronRelaxation): Float64Array {
  const weights = Float64Array.from(toDoubles('weights', list));
  if (weights.length !== elements) {
    throw invalid('weights', `one for each of the ${elements} elements`, weights.length);
  }
  weights.forEach((weight, i) => {
    const size = Math.abs(weight);
    if (!(weight === 0 || (size >= LEAST_WEIGHT && size <= LARGEST_WEIGHT))) {
      throw invalid(
        `weights[${i}]`,
        `0, or a number from ${LEAST_WEIGHT} to ${LARGEST_WEIGHT} in magnitude`,
        weight,
      );
    }
    if (i > 0 && weight > weights[i - 1]) {
      throw invalid(`weights[${i}]`, `at most the one before it, ${weights[i - 1]}`, weight);
    }
    if (weight < 0 && relaxation === 'categorical-entropy') {
      throw invalid(`weights[${i}]`, 'at least 0 for categorical-entropy', weight);
    }
  });
  return weights;
}
