// Tables of text, and of Markdown: the first column to the left, numbers to the right.

/** Prints a title, a header and lines of cells; a number is shown with three digits, undefined as a dash. */
export function printTable(title, header, lines) {
  const rows = [header, ...lines.map((line) => line.map(text))];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column] + 2));
  console.log(`\n${title}\n`);
  for (const row of rows) console.log(row.map(pad).join('').trimEnd());
}

/** The same table in Markdown, without its title. */
export function printMarkdown(header, lines) {
  const rules = header.map((_, column) => (column === 0 ? '---' : '--:'));
  console.log();
  for (const row of [header, rules, ...lines]) console.log(`| ${row.map(text).join(' | ')} |`);
}

function text(cell) {
  if (typeof cell === 'string') return cell;
  if (cell === undefined) return '-';
  return cell < 100 ? cell.toPrecision(3) : cell.toFixed(0);
}
