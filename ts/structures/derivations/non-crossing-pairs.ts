import { completeEdges } from '../../arguments/edges';
import { checkInteger } from '../../arguments/validate';
import { drawAdjacency } from '../../drawing/draw';
import { native } from '../../native/binding';
import { checkExtent, type ForestOptions, type ForestTrick, forestTrick, MOST_EDGES } from './forest-trick';

export interface NonCrossingPairsOptions extends ForestOptions {
  /** How many positions there are. */
  length: number;
  /**
   * How many positions are between the two of a pair at least; of RNA 3.
   * @defaultValue `0`
   */
  minHairpin?: number | undefined;
}

/**
 * The sets of pairs of positions in which no position is twice and no two pairs cross when they are drawn as arcs: the
 * secondary structures of RNA. One coordinate for each pair i < j: (0, 1), (0, 2), ...
 *
 * X is the best set (Nussinov), `X_t` the mean of `p(x) ~ exp(U.x / t)` (McCaskill); O(length^3) a row. The Motzkin numbers
 * 1, 2, 4, 9, 21, ... of sets. Of equal ones that is taken in which the first position is alone, or else has the nearest
 * partner. One position has no pair: dimension 0. Lengths count positions.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function nonCrossingPairs<const O extends NonCrossingPairsOptions>(options: O): ForestTrick<O> {
  return forestTrick('nonCrossingPairs', 'non-crossing-pairs', options, ['length', 'minHairpin'], () => {
    const length = checkInteger('length', options.length, 1, 4096);
    const hairpin = checkInteger('minHairpin', options.minHairpin ?? 0, 0, MOST_EDGES);
    const edges = (length * (length + 1) * (length + 2)) / 6;
    checkExtent('length', length, { edges, coordinates: (length * (length - 1)) / 2 });
    return {
      parameters: { length, minHairpin: hairpin },
      make: (relaxation) => native.nonCrossingPairs(length, hairpin, relaxation),
      drawing: (row) => drawAdjacency(length, completeEdges(length), row),
    };
  });
}
