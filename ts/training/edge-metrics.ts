import { invalid, misshapen, SstError } from '../arguments/errors';
import { checkInteger, checkNumber, checkOptions } from '../arguments/validate';
import { tf } from './tf';

/** Zeros and ones: numbers, truth values or a tensor. */
export type Edges = ArrayLike<number | boolean> | tf.Tensor;

/** Options of {@link edgePrecisionRecall}. */
export interface EdgeMetricsOptions {
  /**
   * 1 for the cells that count and 0 for those that do not (a diagonal, padding, brackets), for all cells or for one
   * row, which then stands for each. What stands in cells that do not count is not looked at.
   * @defaultValue all cells count
   */
  mask?: Edges | undefined;
  /**
   * Examples of the batch.
   * @defaultValue the first axis of tensors of two and more axes, else 1
   */
  rows?: number | undefined;
  /**
   * What a ratio with an empty denominator is: a precision with nothing predicted, a recall with nothing to find.
   * @defaultValue `0`
   */
  empty?: number | undefined;
}

/** How many of the edges that were predicted are right, and how many of the right ones were predicted. */
export interface PrecisionRecall {
  precision: number;
  recall: number;
}

/** Counts of edges, and their ratios. */
export interface EdgeCounts extends PrecisionRecall {
  predicted: number;
  gold: number;
  /** Predicted and right. */
  both: number;
}

/** What {@link edgePrecisionRecall} finds. */
export interface EdgeMetrics {
  /** Over the edges of all rows together. */
  micro: EdgeCounts;
  /** Means over the rows (macro averages). */
  mean: PrecisionRecall;
  /** Of each row. */
  rows: EdgeCounts[];
}

/**
 * Precision |P and G| / |P| and recall |P and G| / |G| of predicted edges P against gold ones G, over the cells that count.
 *
 * A row in which nothing counts has `empty` for both, and drags the mean; with the counts of `rows` it can be left out.
 *
 * @param predicted hard structures, [rows x cells], for example from `argmax`
 * @param gold of the same size
 * @throws SstError INVALID_SHAPE for sizes that differ; INVALID_ARGUMENT for a cell that counts and is neither 0 nor 1
 */
export function edgePrecisionRecall(
  predicted: Edges,
  gold: Edges,
  options: EdgeMetricsOptions = {},
): EdgeMetrics {
  checkOptions('options', options, ['mask', 'rows', 'empty']);
  const { empty = 0 } = options;
  checkNumber('empty', empty, 0, 1);
  const p = cellsOf('predicted', predicted);
  const g = cellsOf('gold', gold);
  if (g.length !== p.length) throw misshapen('gold', `${p.length} cells, as predicted`, String(g.length));
  const rows = rowsOf(predicted, options.rows, p.length);
  const columns = rows === 0 ? 0 : p.length / rows;
  const mask = options.mask === undefined ? undefined : cellsOf('mask', options.mask);
  if (mask !== undefined && mask.length !== p.length && mask.length !== columns) {
    throw misshapen('mask', `${p.length} cells or ${columns}, those of a row`, String(mask.length));
  }
  const counts = Array.from({ length: rows }, (_, row): EdgeCounts => {
    const count = { predicted: 0, gold: 0, both: 0 };
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (mask !== undefined && !bit('mask', mask, mask.length === p.length ? at : column, columns)) continue;
      const x = bit('predicted', p, at, columns);
      const y = bit('gold', g, at, columns);
      count.predicted += x;
      count.gold += y;
      count.both += x * y;
    }
    return { ...count, ...precisionRecall(count, empty) };
  });
  const total = (key: 'predicted' | 'gold' | 'both') => counts.reduce((sum, row) => sum + row[key], 0);
  const micro = { predicted: total('predicted'), gold: total('gold'), both: total('both') };
  const mean = (key: 'precision' | 'recall') =>
    rows === 0 ? empty : counts.reduce((sum, row) => sum + row[key], 0) / rows;
  return {
    micro: { ...micro, ...precisionRecall(micro, empty) },
    mean: { precision: mean('precision'), recall: mean('recall') },
    rows: counts,
  };
}

/** The ratios of counts of edges, `empty` where there is nothing to divide by. */
export function precisionRecall(
  { predicted, gold, both }: { predicted: number; gold: number; both: number },
  empty: number,
): PrecisionRecall {
  return {
    precision: predicted === 0 ? empty : both / predicted,
    recall: gold === 0 ? empty : both / gold,
  };
}

type Cells = ArrayLike<number | boolean>;

function cellsOf(name: string, edges: Edges): Cells {
  if (edges instanceof tf.Tensor) return edges.dataSync();
  const list = Array.isArray(edges) || (ArrayBuffer.isView(edges) && 'length' in edges);
  if (!list) throw invalid(name, 'an array or a tensor of zeros and ones', edges);
  return edges;
}

function rowsOf(predicted: Edges, given: number | undefined, cells: number): number {
  const batched = predicted instanceof tf.Tensor && predicted.rank >= 2;
  if (given === undefined) return batched ? predicted.shape[0] : 1;
  const rows = checkInteger('rows', given, 0, 2 ** 32);
  if (rows === 0 ? cells > 0 : cells % rows !== 0) {
    throw misshapen('predicted', `a multiple of ${rows} cells (rows)`, String(cells));
  }
  return rows;
}

/** A cell as 0 or 1. */
function bit(name: string, cells: Cells, at: number, columns: number): number {
  const value = cells[at];
  if (value === 0 || value === 1) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const where = `row ${Math.floor(at / columns)}, cell ${at % columns}`;
  throw new SstError('INVALID_ARGUMENT', `${name}: expected 0 or 1, got ${String(value)} (${where})`);
}
