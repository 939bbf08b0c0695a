import { terminalWidth } from './terminal';

/** Draws one row of numbers as text. */
export type Drawing = (row: Float64Array) => string;

const SHADES = ['·', '░', '▒', '▓', '█'];
const MOST_ROWS_SHOWN = 3;
/** No more columns of a row or a matrix are drawn, on the widest of terminals. */
export const MOST_COLUMNS_SHOWN = 24;
/** A number and the blank that sets it apart. */
const CELL_WIDTH = 5;

/** How many of `size` columns are drawn, beside `taken` other characters; what is drawn may be put in by two. */
function columnsShown(size: number, taken: number): number {
  const fit = Math.floor((terminalWidth() - 1 - taken) / CELL_WIDTH);
  return Math.max(1, Math.min(size, fit, MOST_COLUMNS_SHOWN));
}

/** A number in four columns: 0 as a dot, 1 as a block, what lies between with two digits. */
function cell(x: number): string {
  if (x === 0) return SHADES[0].padStart(4);
  if (x === 1) return SHADES[4].padStart(4);
  if (x === Number.NEGATIVE_INFINITY) return '-∞'.padStart(4);
  const text = x > 0 && x < 0.995 ? x.toFixed(2).slice(1) : x.toFixed(1);
  return (text.length > 4 ? x.toPrecision(1).replace('e+', 'e') : text).padStart(4);
}

/** The numbers of a row side by side under their indices. */
export function drawRow(row: Float64Array): string {
  const note = (hidden: number) => (hidden > 0 ? ` … ${hidden} more` : '');
  let count = columnsShown(row.length, 0);
  if (count < row.length) count = columnsShown(count, note(row.length - count + 1).length);
  const shown = Array.from(row.subarray(0, count));
  const more = note(row.length - count);
  const indices = shown.map((_, i) => `${i}`.padStart(4)).join(' ');
  return `${indices}\n${shown.map(cell).join(' ')}${more}`;
}

/** The numbers of a row as a matrix, row by row. */
export function drawRectangle(rows: number, columns: number, row: Float64Array): string {
  const fill = (put: Put) =>
    row.forEach((x, place) => {
      put(Math.floor(place / columns), place % columns, x);
    });
  return drawMatrix([rows, columns], fill, ['rows', 'columns']);
}

/** The numbers of a row at the cells [i, j] of a symmetric matrix. */
export function drawAdjacency(
  vertices: number,
  edges: ReadonlyArray<readonly [number, number]>,
  row: Float64Array,
): string {
  return drawMatrix([vertices, vertices], (put) => {
    edges.forEach(([i, j], edge) => {
      put(i, j, row[edge]);
      put(j, i, row[edge]);
    });
  });
}

/** The numbers of a row at the cells [head, modifier] of a matrix; `place` is where that of an edge stands. */
export function drawHeads(
  vertices: number,
  edges: ReadonlyArray<readonly [number, number]>,
  row: Float64Array,
  place: (edge: readonly [number, number], index: number) => number,
): string {
  return drawMatrix([vertices, vertices], (put) => {
    edges.forEach((edge, index) => {
      put(edge[0], edge[1], row[place(edge, index)]);
    });
  });
}

/** Puts a number into a cell. */
type Put = (i: number, j: number, x: number) => void;

/** A matrix with the cells that are put into it; the others are blank. As many rows are shown as columns fit at most. */
function drawMatrix(
  [rows, columns]: readonly [number, number],
  fill: (put: Put) => void,
  things: readonly string[] = ['vertices'],
): string {
  const most = columnsShown(Math.max(rows, columns), 4);
  const [height, width] = [Math.min(rows, most), Math.min(columns, most)];
  const cells = Array.from({ length: height }, () => new Array<string>(width).fill('    '));
  fill((i, j, x) => {
    if (i < height && j < width) cells[i][j] = cell(x);
  });
  const header = `    ${Array.from({ length: width }, (_, j) => `${j}`.padStart(4)).join(' ')}`;
  const lines = cells.map((line, i) => `${`${i}`.padStart(3)} ${line.join(' ')}`.trimEnd());
  const more = rows === columns ? [rows - height] : [rows - height, columns - width];
  const names = rows === columns ? [things.join(' and ')] : things;
  const hidden = names.map((name, i) => `${more[i]} more ${name}`).filter((_, i) => more[i] > 0);
  if (hidden.length > 0) lines.push(`… ${hidden.join(', ')}`);
  return [header, ...lines].join('\n');
}

/** Two drawings side by side; one above the other where the terminal is too narrow. */
function together(left: string, right: string): string {
  const a = left.split('\n');
  const b = right.split('\n');
  const width = Math.max(...a.map((line) => line.length));
  if (width + 3 + Math.max(...b.map((line) => line.length)) > terminalWidth()) return `${left}\n\n${right}`;
  const height = Math.max(a.length, b.length);
  return Array.from({ length: height }, (_, i) =>
    `${(a[i] ?? '').padEnd(width)}   ${b[i] ?? ''}`.trimEnd(),
  ).join('\n');
}

/** The first rows of a sample: the soft structure, then the hard one. */
export function drawSample(
  name: string,
  temperature: number | Float64Array,
  dimension: number,
  sample: { hard: ArrayLike<number>; soft: ArrayLike<number> },
  drawing: Drawing,
): string {
  // A structure without coordinates, the tree of one vertex, has a row all the same.
  const rows = dimension === 0 ? 1 : sample.hard.length / dimension;
  const shared = typeof temperature === 'number' ? `, temperature ${temperature}` : '';
  const lines = [`Sample of ${name}, ${rows} row${rows === 1 ? '' : 's'}${shared}`];
  for (let row = 0; row < Math.min(rows, MOST_ROWS_SHOWN); row++) {
    const part = (array: ArrayLike<number>) =>
      drawing(Float64Array.from({ length: dimension }, (_, i) => array[row * dimension + i]));
    const own = typeof temperature === 'number' ? '' : `, temperature ${temperature[row]}`;
    lines.push(`row ${row}${own}: soft, then hard`, together(part(sample.soft), part(sample.hard)));
  }
  if (rows > MOST_ROWS_SHOWN) lines.push(`… ${rows - MOST_ROWS_SHOWN} more rows`);
  return lines.join('\n');
}
