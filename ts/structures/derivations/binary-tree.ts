import { checkInteger } from '../../arguments/validate';
import { drawRectangle, drawRow } from '../../drawing/draw';
import { native } from '../../native/binding';
import { checkExtent, type ForestOptions, type ForestTrick, forestTrick, MOST_EDGES } from './forest-trick';

export interface BinaryTreeOptions extends ForestOptions {
  leaves: number;
  /**
   * How many labels a span may have.
   * @defaultValue `1`
   */
  labels?: number | undefined;
}

/**
 * The binary trees over leaves in a row, by their spans: [leaves x leaves x labels], whether the leaves from i to j, both
 * included, are a span with this label. Single leaves are spans too.
 *
 * What stands at i > j is ignored in utilities and 0 in results. X is the best tree (CKY), `X_t` the mean of
 * `p(x) ~ exp(U.x / t)` by inside-outside; O(leaves^3 + leaves^2 labels) a row. `Catalan(leaves - 1) labels^(2 leaves - 1)`
 * trees. Of equal ones that is taken whose first part is the shortest, then the lowest label. Lengths count leaves.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function binaryTree<const O extends BinaryTreeOptions>(options: O): ForestTrick<O> {
  return forestTrick('binaryTree', 'binary-tree', options, ['leaves', 'labels'], () => {
    const leaves = checkInteger('leaves', options.leaves, 1, 4096);
    const labels = checkInteger('labels', options.labels ?? 1, 1, MOST_EDGES);
    const splits = (leaves * (leaves * leaves - 1)) / 6;
    const edges = splits + (labels * leaves * (leaves + 1)) / 2;
    checkExtent('leaves', leaves, { edges, coordinates: leaves * leaves * labels });
    return {
      parameters: { leaves, labels },
      make: (relaxation) => native.binaryTree(leaves, labels, relaxation),
      shape: labels === 1 ? [leaves, leaves] : [leaves, leaves, labels],
      drawing: (row) => (labels === 1 ? drawRectangle(leaves, leaves, row) : drawRow(row)),
    };
  });
}
