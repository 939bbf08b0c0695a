/** Draws one row of numbers as text. */
export type Drawing = (row: Float64Array) => string;

const SHADES = ['·', '░', '▒', '▓', '█'];
const MOST_ROWS_SHOWN = 3;
/** So many columns of a row or a matrix are drawn. */
export const MOST_COLUMNS_SHOWN = 24;

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
  const shown = Array.from(row.subarray(0, MOST_COLUMNS_SHOWN));
  const more = row.length > shown.length ? ` … ${row.length - shown.length} more` : '';
  const indices = shown.map((_, i) => `${i}`.padStart(4)).join(' ');
  return `${indices}\n${shown.map(cell).join(' ')}${more}`;
}

/** The numbers of a row as a square matrix, row by row. */
export function drawSquare(size: number, row: Float64Array): string {
  const fill = (put: Put) =>
    row.forEach((x, place) => {
      put(Math.floor(place / size), place % size, x);
    });
  return drawMatrix(size, fill, 'rows and columns');
}

/** The numbers of a row at the cells [i, j] of a symmetric matrix. */
export function drawAdjacency(
  vertices: number,
  edges: ReadonlyArray<readonly [number, number]>,
  row: Float64Array,
): string {
  return drawMatrix(vertices, (put) => {
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
  return drawMatrix(vertices, (put) => {
    edges.forEach((edge, index) => {
      put(edge[0], edge[1], row[place(edge, index)]);
    });
  });
}

/** Puts a number into a cell. */
type Put = (i: number, j: number, x: number) => void;

/** A square matrix with the cells that are put into it; the others are blank. */
function drawMatrix(size: number, fill: (put: Put) => void, things = 'vertices'): string {
  const shown = Math.min(size, MOST_COLUMNS_SHOWN);
  const cells = Array.from({ length: shown }, () => new Array<string>(shown).fill('    '));
  fill((i, j, x) => {
    if (i < shown && j < shown) cells[i][j] = cell(x);
  });
  const header = `    ${cells.map((_, j) => `${j}`.padStart(4)).join(' ')}`;
  const lines = cells.map((line, i) => `${`${i}`.padStart(3)} ${line.join(' ')}`.trimEnd());
  if (size > shown) lines.push(`… ${size - shown} more ${things}`);
  return [header, ...lines].join('\n');
}

/** Two drawings side by side. */
function beside(left: string, right: string): string {
  const a = left.split('\n');
  const b = right.split('\n');
  const width = Math.max(...a.map((line) => line.length));
  const height = Math.max(a.length, b.length);
  return Array.from({ length: height }, (_, i) =>
    `${(a[i] ?? '').padEnd(width)}   ${b[i] ?? ''}`.trimEnd(),
  ).join('\n');
}

/** The first rows of a sample: the soft structure beside the hard one. */
export function drawSample(
  name: string,
  temperature: number,
  dimension: number,
  sample: { hard: ArrayLike<number>; soft: ArrayLike<number> },
  drawing: Drawing,
): string {
  const rows = dimension === 0 ? 0 : sample.hard.length / dimension;
  const lines = [`Sample of ${name}, ${rows} row${rows === 1 ? '' : 's'}, temperature ${temperature}`];
  for (let row = 0; row < Math.min(rows, MOST_ROWS_SHOWN); row++) {
    const part = (array: ArrayLike<number>) =>
      drawing(Float64Array.from({ length: dimension }, (_, i) => array[row * dimension + i]));
    lines.push(`row ${row}: soft, then hard`, beside(part(sample.soft), part(sample.hard)));
  }
  if (rows > MOST_ROWS_SHOWN) lines.push(`… ${rows - MOST_ROWS_SHOWN} more rows`);
  return lines.join('\n');
}
