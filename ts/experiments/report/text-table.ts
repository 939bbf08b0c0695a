import { columnBlocks } from './column-blocks';
import { dagger } from './labels';
import { type Selection, testMetrics } from './statistics';
import { metricLabel, resultRows } from './tables';

/** The table of results for a terminal: `value ± standard error`, the best of each column with an asterisk. */
export function textTable(selections: readonly Selection[]): string {
  const heading = ['Edge distribution', ...testMetrics.map(metricLabel)];
  const rows = resultRows(selections).map(({ label, cells }) => [
    label,
    ...cells.map(({ value, error, best }) => {
      const text = error === undefined ? value : `${value} ± ${error}`;
      return `${text}${best ? '*' : ' '}`;
    }),
  ]);
  const widths = heading.map((text, i) => Math.max(text.length + 1, ...rows.map((row) => row[i].length)));
  const tables = columnBlocks(widths, 3).map((columns) => {
    const line = (cells: string[], mark = ' ') =>
      columns
        .map((i) => (i === 0 ? cells[i].padEnd(widths[i]) : `${cells[i]}${mark}`.padStart(widths[i])))
        .join('   ')
        .trimEnd();
    const rule = '─'.repeat(columns.reduce((sum, i) => sum + widths[i] + 3, -3));
    return [rule, line(heading), rule, ...rows.map((row) => line(row, '')), rule].join('\n');
  });
  const note = rows.some(([label]) => label.endsWith(dagger)) ? [`${dagger} 1 − X is read as the graph`] : [];
  return [tables.join('\n\n'), ...note].join('\n');
}
