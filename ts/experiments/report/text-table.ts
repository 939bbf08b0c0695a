import { columnBlocks } from './column-blocks';
import { shortLabel, tableMetrics } from './metrics';
import { columnGroups, resultRows, type Shown } from './tables';

/** The table of results for a terminal: `value ± standard error`, the best of each column with an asterisk. */
export function textTable(shown: Shown): string {
  const { experiment, selections } = shown;
  const groups = columnGroups(shown);
  const heading = [
    experiment.rowHeading,
    ...groups.flatMap(({ label }) =>
      tableMetrics(experiment).map((metric) =>
        groups.length > 1 ? `${label}, ${shortLabel(metric)}` : metric.label,
      ),
    ),
  ];
  const rows = resultRows(shown).map(({ label, group, cells }) => [
    group === undefined ? label : `${group}, ${label}`,
    ...cells.map((cell) => {
      if (cell === undefined) return '– ';
      const text = cell.error === undefined ? cell.value : `${cell.value} ± ${cell.error}`;
      return `${text}${cell.best ? '*' : ' '}`;
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
  const notes = (experiment.marks ?? [])
    .filter((mark) => selections.some(({ selected }) => mark.when(selected.result)))
    .map(({ symbol, note }) => `${symbol} ${note}`);
  return [tables.join('\n\n'), ...notes].join('\n');
}
