import { columnBlocks } from '../report/column-blocks';
import { formatNumber } from '../report/format';
import { bestOf } from './figures';
import { labMethod } from './methods';
import type { LabResult } from './run';

/** Columns of the tables. */
export const columns = ['t or λ', 'Draws', 'Bias', 'Std. dev.', 'RMSE', 'Cosine', 'µs', 'µs a draw'] as const;

/** A row of a table: the estimator and its cells as text, intervals apart. */
export interface LabRow {
  label: string;
  cells: { value: string; interval?: string }[];
  /** Whether no bias was found where theory says there is none, or the other way round. */
  remark: string;
}

/** The chance below which a mean error is not called chance: with hundreds of cells a false alarm is rare. */
export const significance = 1e-5;

/** A result as text. */
export function labRow(result: LabResult): LabRow {
  const { bias, variance, error, cosine, temperature, samples, microseconds, chance } = result;
  const { label, unbiased } = labMethod(result.estimator);
  const root = ({ value, low, high }: typeof bias) => ({
    value: Math.sqrt(value),
    low: Math.sqrt(Math.max(0, low)),
    high: Math.sqrt(high),
  });
  const measured = ({ value, low, high }: typeof bias) => ({
    value: formatNumber(value, 3),
    interval: `${formatNumber(low, 3)} to ${formatNumber(high, 3)}`,
  });
  return {
    label,
    cells: [
      { value: temperature === null ? '–' : String(temperature) },
      { value: String(samples) },
      measured(bias),
      measured(root(variance)),
      measured(root(error)),
      measured(cosine),
      { value: formatNumber(microseconds, 1) },
      { value: formatNumber(microseconds / samples, 2) },
    ],
    remark: unbiased ? (chance < significance ? 'BIASED' : 'unbiased') : '',
  };
}

/** The table for a terminal: each estimator at its best temperature, without the cost of a draw. */
export function labText(results: readonly LabResult[]): string {
  const rows = bestOf(results).map((result) => {
    const { label, cells, remark } = labRow(result);
    return [label, ...cells.slice(0, -1).map(({ value }) => value), remark];
  });
  const lines = [['Estimator', ...columns.slice(0, -1), ''], ...rows];
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const last = widths.length - 1;
  // Estimator, temperature and draws say what a row is of.
  const tables = columnBlocks(widths, 2, 3).map((shown) => {
    const text = (line: string[]) =>
      shown
        .map((i) => (i === 0 || i === last ? line[i].padEnd(widths[i]) : line[i].padStart(widths[i])))
        .join('  ')
        .trimEnd();
    const rule = '─'.repeat(shown.reduce((sum, i) => sum + widths[i] + 2, -2));
    return [text(lines[0]), rule, ...lines.slice(1).map(text)].join('\n');
  });
  return tables.join('\n\n');
}
