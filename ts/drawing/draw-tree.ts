import type { Edge } from '../arguments/edges';
import { drawHeads, MOST_COLUMNS_SHOWN } from './draw';
import { terminalWidth } from './terminal';

/** Columns from one vertex to the next. */
const STEP = 4;

/** What a character has lines to, as bits: left, right, up, down. */
const [LEFT, RIGHT, UP, DOWN] = [1, 2, 4, 8];
const BOXES = ' ╴╶─╵┘└┴╷┐┌┬│┤├┼';

/**
 * A row of a matrix [head, modifier] over a sentence: a tree as arcs above its words, which point to the modifier;
 * anything else as numbers.
 */
export function drawTree(vertices: number, row: Float64Array): string {
  const heads = headsOf(vertices, row);
  if (heads !== undefined && vertices <= MOST_COLUMNS_SHOWN && vertices * STEP <= terminalWidth())
    return drawArcs(heads);
  return drawHeads(vertices, edgesOf(vertices), row, ([head, word]) => head * vertices + word);
}

/** From every vertex to every other word. */
function edgesOf(vertices: number): Edge[] {
  const cells = Array.from({ length: vertices ** 2 }, (_, place) => place);
  const edges = cells.map((place): Edge => [Math.floor(place / vertices), place % vertices]);
  return edges.filter(([head, word]) => word !== 0 && word !== head);
}

/** The head of every word, from the first on, if the row is a tree's: a single 1 in every column of a word. */
function headsOf(vertices: number, row: Float64Array): number[] | undefined {
  const heads: number[] = [];
  for (let word = 1; word < vertices; word++) {
    const column = Array.from({ length: vertices }, (_, head) => row[head * vertices + word]);
    if (column.some((x) => x !== 0 && x !== 1) || column.filter((x) => x === 1).length !== 1)
      return undefined;
    heads.push(column.indexOf(1));
  }
  return heads;
}

/** Arcs from heads to words, an arc above those that it spans. */
function drawArcs(heads: readonly number[]): string {
  const arcs = heads.map((head, i) => ({
    head,
    word: i + 1,
    from: Math.min(head, i + 1),
    to: Math.max(head, i + 1),
  }));
  arcs.sort((a, b) => a.to - a.from - (b.to - b.from));
  const heights = new Map<(typeof arcs)[number], number>();
  for (const arc of arcs) {
    const below = arcs.filter((other) => heights.has(other) && other.from >= arc.from && other.to <= arc.to);
    heights.set(arc, 1 + Math.max(0, ...below.map((other) => heights.get(other) ?? 0)));
  }
  const height = Math.max(0, ...heights.values());
  const width = heads.length * STEP + 1;
  const lines = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const points: [line: number, column: number, point: string][] = [];
  for (const [{ head, word, from, to }, level] of heights) {
    const top = height - level;
    for (let column = from * STEP; column <= to * STEP; column++) {
      if (column > from * STEP) lines[top][column] |= LEFT;
      if (column < to * STEP) lines[top][column] |= RIGHT;
    }
    for (const end of [from * STEP, to * STEP]) {
      lines[top][end] |= DOWN;
      for (let line = top + 1; line < height; line++) lines[line][end] |= UP | DOWN;
    }
    points.push(head < word ? [top, to * STEP - 1, '▸'] : [top, from * STEP + 1, '◂']);
  }
  const text = lines.map((line) => Array.from(line, (bits) => BOXES[bits]));
  for (const [line, column, point] of points) text[line][column] = point;
  const labels = ['0', ...heads.map((_, i) => `${i + 1}`)].map((label) => label.padEnd(STEP)).join('');
  return [...text.map((line) => line.join('').trimEnd()), labels.trimEnd()].join('\n');
}
