import { checkInteger } from '../../arguments/validate';
import { drawRow } from '../../drawing/draw';
import { native } from '../../native/binding';
import { checkExtent, type ForestOptions, type ForestTrick, forestTrick, MOST_EDGES } from './forest-trick';

export interface LinearChainOptions extends ForestOptions {
  /** How many positions there are. */
  length: number;
  /** How many states each may have. */
  states: number;
}

/**
 * The labellings of a sequence by states, with all pairs of neighbours: a linear-chain conditional random field.
 *
 * Coordinates are `x[i, s]`, [length x states], whether position i has state s, then `z[i, s, s']`,
 * [length - 1 x states x states], whether s there is followed by s'. X is the best labelling (Viterbi), `X_t` its marginals by
 * forward-backward; both O(length states^2) a row. `states^length` labellings. Of equal ones the first in lexicographic order
 * is taken. Lengths count positions.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function linearChain<const O extends LinearChainOptions>(options: O): ForestTrick<O> {
  return forestTrick('linearChain', 'linear-chain', options, ['length', 'states'], () => {
    const length = checkInteger('length', options.length, 1, MOST_EDGES);
    const states = checkInteger('states', options.states, 1, MOST_EDGES);
    const coordinates = length * states + (length - 1) * states * states;
    checkExtent('states', states, { edges: coordinates + states, coordinates });
    return {
      parameters: { length, states },
      make: (relaxation) => native.linearChain(length, states, relaxation),
      drawing: drawRow,
    };
  });
}
