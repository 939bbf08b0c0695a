import { checkInteger } from '../../arguments/validate';
import { drawRectangle } from '../../drawing/draw';
import { native } from '../../native/binding';
import { checkExtent, type ForestOptions, type ForestTrick, forestTrick, MOST_EDGES } from './forest-trick';

export interface AlignmentOptions extends ForestOptions {
  rows: number;
  columns: number;
  /**
   * No cell (i, j) with `|i - j| > band` is visited, as by Sakoe and Chiba; at least `|rows - columns|`.
   * @defaultValue any cell may be
   */
  band?: number | undefined;
}

/**
 * The monotone alignments of two sequences: paths of cells from (0, 0) to (rows - 1, columns - 1) by steps down, to the
 * right, or both, as indicators of the cells that they visit, [rows x columns].
 *
 * With U = -cost, X is dynamic time warping's path, `-max U.x` its distance and `-t logPartition` soft-DTW's (Cuturi and
 * Blondel, 2017); `X_t` is the expected alignment. O(rows columns) a row. `D(rows - 1, columns - 1)` alignments, the
 * Delannoy numbers 1, 3, 13, 63, ... of squares. Of equal steps the diagonal comes first, then that to the right. Lengths
 * count rows of the matrix: a short one aligns its first rows with all columns.
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function alignment<const O extends AlignmentOptions>(options: O): ForestTrick<O> {
  return forestTrick('alignment', 'alignment', options, ['rows', 'columns', 'band'], () => {
    const rows = checkInteger('rows', options.rows, 1, MOST_EDGES);
    const columns = checkInteger('columns', options.columns, 1, MOST_EDGES);
    const widest = Math.max(rows, columns) - 1;
    const least = Math.abs(rows - columns);
    const band = options.band === undefined ? widest : checkInteger('band', options.band, least, MOST_EDGES);
    checkExtent('rows', rows, { edges: 3 * rows * columns, coordinates: rows * columns });
    return {
      parameters: { rows, columns, ...(band < widest ? { band } : {}) },
      make: (relaxation) => native.alignment(rows, columns, band, relaxation),
      shape: [rows, columns],
      drawing: (row) => drawRectangle(rows, columns, row),
    };
  });
}
