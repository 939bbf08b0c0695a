import { checkBoolean, checkInteger, checkOptions, checkRelaxation } from '../arguments/validate';
import { drawTree } from '../drawing/draw-tree';
import { guard, native } from '../native/binding';
import { ExponentialFamilyTrick } from '../trick/exponential-family-trick';
import { NativeSolver } from '../trick/solver';
import { SparseMapTrick } from '../trick/sparse-map';
import { Trick } from '../trick/trick';
import { gumbel, type Utility } from '../utilities';

/** The charts have a few hundred bytes for every pair of words where exponents must be exact. */
const MOST_WORDS = 512;
const relaxations = ['exponential-family', 'perturb-and-parse', 'sparsemap'] as const;

export interface ProjectiveTreeOptions {
  words: number;
  /**
   * Whether the root has exactly one modifier, as in dependency treebanks.
   * @defaultValue `false`
   */
  singleRootChild?: boolean | undefined;
  /**
   * The mean of all trees, or Perturb & Parse, or the Euclidean projection, with sparse results.
   * @defaultValue `'exponential-family'`
   */
  relaxation?: (typeof relaxations)[number] | undefined;
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
 * The projective dependency trees of a sentence, as matrices [head, modifier] of `words + 1` rows; vertex 0 is the root.
 *
 * Every word has one head, and no edges cross when they are drawn above the words; the root may have several modifiers,
 * unless `singleRootChild` is asked for. What stands in the diagonal and in the column of the root is ignored in utilities and 0 in results. X is the best tree
 * by Eisner's algorithm. `X_t` is the mean of `p(x) ~ exp(U.x / t)` over all trees by inside-outside; or, as
 * 'perturb-and-parse', what Eisner's algorithm gives with a softmax of temperature t for every maximum (Corro and Titov,
 * 2019), whose gradient is exact too but no finite difference. All O(words^3) a row. A row whose allowed edges make no
 * projective tree is `INFEASIBLE`.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function projectiveTree(
  options: ProjectiveTreeOptions & { relaxation?: 'exponential-family' | undefined },
): ExponentialFamilyTrick;
export function projectiveTree(options: ProjectiveTreeOptions & { relaxation: 'sparsemap' }): SparseMapTrick;
export function projectiveTree(options: ProjectiveTreeOptions): Trick;
export function projectiveTree(options: ProjectiveTreeOptions): Trick {
  checkOptions('options', options, ['words', 'singleRootChild', 'relaxation', 'temperature', 'utility']);
  const { relaxation = 'exponential-family', temperature = 1, utility = gumbel() } = options;
  const words = checkInteger('words', options.words, 1, MOST_WORDS);
  const singleRootChild = checkBoolean('singleRootChild', options.singleRootChild ?? false);
  checkRelaxation('projectiveTree', relaxation, relaxations);
  const definition = {
    name: 'projective-tree',
    shape: [words + 1, words + 1],
    parameters: { words, ...(singleRootChild && { singleRootChild }), relaxation },
    temperature,
    utility,
    solver: guard(() => new NativeSolver(native.projectiveTree(words, singleRootChild, relaxation))),
    drawing: (row: Float64Array) => drawTree(words + 1, row),
  };
  if (relaxation === 'sparsemap') return new SparseMapTrick(definition);
  return relaxation === 'exponential-family' ? new ExponentialFamilyTrick(definition) : new Trick(definition);
}
