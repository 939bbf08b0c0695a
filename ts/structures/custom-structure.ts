import { invalid } from '../arguments/errors';
import { checkBoolean, checkInteger, checkOptions } from '../arguments/validate';
import { drawRow } from '../drawing/draw';
import { type CustomRelaxation, CustomSolver, type Rows } from '../trick/custom-solver';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { Trick } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

const LARGEST = 2 ** 26;

export interface CustomStructureOptions {
  /** The length of an embedding, and of a utility. */
  dimension: number;
  /**
   * The linear maximiser: for each of so many rows of utilities the vertex x with the largest `u.x`, [rows x dimension].
   * A vertex is of finite numbers of magnitude at most 1e12, and 0 where the utility is -Infinity (forbidden). Equal
   * utilities must give equal vertices.
   */
  argmax(utility: Float64Array, rows: number): Rows;
  /**
   * `'sparsemap'`, which needs the argmax only, or one that you bring.
   * @defaultValue `'sparsemap'`
   */
  relaxation?: 'sparsemap' | CustomRelaxation | undefined;
  /**
   * How the trick is called where it is printed.
   * @defaultValue `'custom'`
   */
  name?: string | undefined;
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
  /**
   * How one row of numbers is drawn as text.
   * @defaultValue side by side
   */
  draw?: ((row: Float64Array) => string) | undefined;
}

/**
 * A structure of your own, given by its linear maximiser: the full set of methods, for any set of vectors over which you
 * can solve `argmax_x U.x` (a dynamic programme, a flow, an assignment, a call of another library).
 *
 * With the relaxation `'sparsemap'`, `X_t = argmax_x U.x - t/2 |x|^2` over the convex hull, to rounding, by calls of
 * `argmax` with other utilities: all rows of a batch that are not finished are asked for in one call, some k + 2 calls if
 * `X_t` is a mean of k vertices, and two more for a gradient. The gradient is exact. With a `CustomRelaxation`, what you bring.
 *
 * What a callback throws comes out as it is. Callbacks may use this library, on the same trick too.
 *
 * @throws SstError `INVALID_ARGUMENT`, also of methods, where a callback does not return what it should
 */
export function customStructure(
  options: CustomStructureOptions & { relaxation?: 'sparsemap' | undefined },
): SparseMapTrick;
export function customStructure(options: CustomStructureOptions): Trick;
export function customStructure(options: CustomStructureOptions): Trick {
  const known = ['dimension', 'argmax', 'relaxation', 'name', 'temperature', 'utility', 'draw'];
  checkOptions('options', options, known);
  const { name = 'custom', temperature = 1, utility = gumbel(), draw = drawRow } = options;
  const dimension = checkInteger('dimension', options.dimension, 1, LARGEST);
  checkFunction('argmax', options.argmax);
  checkFunction('draw', draw);
  if (typeof name !== 'string' || name === '') throw invalid('name', 'a string that is not empty', name);
  const { argmax, relaxation = 'sparsemap' } = options;
  const own = relaxation === 'sparsemap' ? undefined : checkCustomRelaxation(relaxation);
  const definition = {
    name,
    parameters: { dimension, relaxation: own ? 'custom' : relaxation },
    temperature,
    utility,
    solver: new CustomSolver(argmax, own, NativeSolver.coordinates(dimension)),
    drawing: draw,
  };
  return own ? new Trick(definition) : new SparseMapTrick(definition);
}

function checkCustomRelaxation(relaxation: unknown): CustomRelaxation {
  if (typeof relaxation !== 'object') {
    throw invalid('relaxation', "'sparsemap' or an object with a function softmax", relaxation);
  }
  checkOptions('relaxation', relaxation, ['softmax', 'softmaxVjp', 'symmetric', 'homogeneous']);
  const { softmax, softmaxVjp, symmetric = true, homogeneous = false } = relaxation as CustomRelaxation;
  checkFunction('relaxation.softmax', softmax);
  if (softmaxVjp !== undefined) checkFunction('relaxation.softmaxVjp', softmaxVjp);
  checkBoolean('relaxation.symmetric', symmetric);
  checkBoolean('relaxation.homogeneous', homogeneous);
  return { softmax, softmaxVjp, symmetric, homogeneous };
}

function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalid(name, 'a function', value);
}
