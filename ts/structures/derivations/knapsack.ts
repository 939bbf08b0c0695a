import { invalid } from '../../arguments/errors';
import { checkInteger } from '../../arguments/validate';
import { drawRow } from '../../drawing/draw';
import { native } from '../../native/binding';
import {
  checkExtent,
  checkWholes,
  type ForestOptions,
  type ForestTrick,
  forestTrick,
  MOST_EDGES,
} from './forest-trick';

export interface KnapsackOptions extends ForestOptions {
  /** The weight of each item, a whole number. */
  weights: readonly number[];
  /** What the weights of the chosen items may add up to. */
  capacity: number;
  /**
   * The group of each item, a whole number; at most one of a group is chosen, whose items are neighbours.
   * @defaultValue every item is alone
   */
  groups?: readonly number[] | undefined;
}

/**
 * The sets of items that fit a capacity, as indicator vectors; with groups, at most one item of each.
 *
 * X is the best set by dynamic programming over what is left, `X_t` the mean of `p(x) ~ exp(U.x / t)` over all sets that fit,
 * the empty one among them; O(items capacity) a row. Of equal sets that is taken which leaves out the first item in which
 * they differ. Lengths count items, the first ones.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function knapsack<const O extends KnapsackOptions>(options: O): ForestTrick<O> {
  return forestTrick('knapsack', 'knapsack', options, ['weights', 'capacity', 'groups'], () => {
    const weights = checkWholes('weights', options.weights);
    const items = checkInteger('weights.length', weights.length, 1, MOST_EDGES);
    const capacity = checkInteger('capacity', options.capacity, 0, MOST_EDGES);
    const groups =
      options.groups === undefined ? weights.map((_, item) => item) : checkGroups(options.groups, items);
    checkExtent('capacity', capacity, { edges: 2 * items * (capacity + 1), coordinates: items });
    return {
      parameters: {
        items,
        capacity,
        ...(options.groups === undefined ? {} : { groups: new Set(groups).size }),
      },
      make: (relaxation) => native.knapsack(weights, groups, capacity, relaxation),
      drawing: drawRow,
    };
  });
}

/** Groups of neighbours. */
function checkGroups(list: unknown, items: number): Uint32Array {
  const groups = checkWholes('groups', list);
  if (groups.length !== items) throw invalid('groups', `one for each of the ${items} items`, groups.length);
  const seen = new Set<number>();
  groups.forEach((group, item) => {
    if (item > 0 && groups[item - 1] === group) return;
    if (seen.has(group)) {
      throw invalid(`groups[${item}]`, 'the items of a group next to one another', group);
    }
    seen.add(group);
  });
  return groups;
}
