import { checkInteger } from '../../arguments/validate';
import { drawRectangle } from '../../drawing/draw';
import { native } from '../../native/binding';
import { checkExtent, type ForestOptions, type ForestTrick, forestTrick, MOST_EDGES } from './forest-trick';

export interface MonotoneAlignmentOptions extends ForestOptions {
  /** What is spread over the columns: the tokens of a text, say. */
  rows: number;
  /** At least as many as rows: the frames of its sound, say. */
  columns: number;
}

/**
 * The ways to give each column to one row, in order, such that every row gets a run of at least one: the monotonic
 * alignments of Glow-TTS (Kim et al., 2020), as matrices [rows x columns].
 *
 * X by dynamic programming, `X_t` the mean of `p(x) ~ exp(U.x / t)`, whose columns sum to 1; O(rows columns) a row.
 * `C(columns - 1, rows - 1)` ways. Of equal ones that is taken in which earlier rows have longer runs. Lengths count
 * columns, and are at least `rows`.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function monotoneAlignment<const O extends MonotoneAlignmentOptions>(options: O): ForestTrick<O> {
  return forestTrick('monotoneAlignment', 'monotone-alignment', options, ['rows', 'columns'], () => {
    const columns = checkInteger('columns', options.columns, 1, MOST_EDGES);
    const rows = checkInteger('rows', options.rows, 1, columns);
    checkExtent('rows', rows, { edges: 2 * rows * columns, coordinates: rows * columns });
    return {
      parameters: { rows, columns },
      make: (relaxation) => native.monotoneAlignment(rows, columns, relaxation),
      shape: [rows, columns],
      drawing: (row) => drawRectangle(rows, columns, row),
    };
  });
}
