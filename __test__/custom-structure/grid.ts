import { customStructure } from '../../ts';

/** The paths from the first to the last cell of a grid, downwards or to the right, as indicators of their cells. */
export function gridPaths(height: number, width: number): number[][] {
  const paths: number[][] = [];
  const walk = (i: number, j: number, visited: number[]) => {
    const cells = [...visited, i * width + j];
    if (i === height - 1 && j === width - 1) {
      paths.push(Array.from({ length: height * width }, (_, cell) => (cells.includes(cell) ? 1 : 0)));
    }
    if (i + 1 < height) walk(i + 1, j, cells);
    if (j + 1 < width) walk(i, j + 1, cells);
  };
  walk(0, 0, []);
  return paths;
}

/** The best path of one row, by dynamic programming from the first cell. */
export function bestPath(width: number, utility: Float64Array): number[] {
  const best = Float64Array.from(utility);
  for (let cell = 1; cell < best.length; cell++) {
    const above = cell >= width ? best[cell - width]! : Number.NEGATIVE_INFINITY;
    const before = cell % width > 0 ? best[cell - 1]! : Number.NEGATIVE_INFINITY;
    best[cell]! += Math.max(above, before);
  }
  const path = new Array<number>(best.length).fill(0);
  for (let cell = best.length - 1; cell > 0; ) {
    path[cell] = 1;
    const above = cell >= width ? best[cell - width]! : Number.NEGATIVE_INFINITY;
    const before = cell % width > 0 ? best[cell - 1]! : Number.NEGATIVE_INFINITY;
    cell -= above >= before ? width : 1;
  }
  path[0] = 1;
  return path;
}

/** Those paths as a trick, with a count of its callbacks. */
export function gridTrick(height: number, width: number, temperature = 1) {
  const dimension = height * width;
  const calls: number[] = [];
  const trick = customStructure({
    name: 'grid paths',
    dimension,
    temperature,
    argmax(utility, rows) {
      calls.push(rows);
      return Array.from({ length: rows }, (_, row) =>
        bestPath(width, utility.subarray(row * dimension, (row + 1) * dimension)),
      );
    },
  });
  return { trick, calls };
}
