import type { TopLevelSpec } from 'vega-lite';
import type { Selection } from '../harness/experiment';
import { formatPercent } from '../report/format';
import { judgementColours } from '../report/palette';
import type { Figure } from '../report/render';
import type { NriConfig } from './config';
import type { NriExample } from './records';

type Edge = readonly [number, number];
type Judgement = 'correct' | 'wrong' | 'missed';

const cell = 104;
const truthLabel = 'Ground truth';

/** The edges of a drawing, sorted by what they are worth; an edge [i, j] of a directed graph goes from i to j. */
export type JudgedEdges = Record<Judgement, Edge[]>;

/**
 * Compares a sampled graph with the true one, whose edges are undirected; in a directed sample each true edge stands
 * for both directions, as in the metrics.
 */
export function judgeEdges(truth: readonly Edge[], sample: readonly Edge[], directed: boolean): JudgedEdges {
  const wanted = directed ? truth.flatMap(([i, j]): Edge[] => [[i, j], [j, i]]) : truth; // biome-ignore format: pairs
  const key = ([i, j]: Edge) => (directed || i < j ? `${i} ${j}` : `${j} ${i}`);
  const wantedKeys = new Set(wanted.map(key));
  const sampledKeys = new Set(sample.map(key));
  return {
    correct: sample.filter((edge) => wantedKeys.has(key(edge))),
    wrong: sample.filter((edge) => !wantedKeys.has(key(edge))),
    missed: wanted.filter((edge) => !sampledKeys.has(key(edge))),
  };
}

/**
 * The graphs of a few test sequences, one column a sequence: the true graph above the sample of each structure's
 * selected run. A directed edge is the half of the line next to its sender.
 */
export function graphFigure(
  selections: readonly Selection[],
  name: string,
  label: (selection: Selection) => string,
): Figure {
  const count = exampleCount(selections);
  const columns = Array.from({ length: count }, (_, i) => `Sequence ${i + 1}`);
  const rows = [truthLabel, ...selections.map(label)];
  // The names stand beside the first column; Vega places the headers of rows unevenly.
  const marks: object[] = rows.map((row) => ({
    row,
    column: columns[0],
    mark: 'name',
    text: row,
    x: -1.5,
    y: 0,
  }));
  for (const [i, column] of columns.entries()) {
    const [first] = selections;
    const { truth, positions } = examplesOf(first)[i];
    marks.push(
      ...drawing(positions, { correct: truth.slice(), wrong: [], missed: [] }, false, {
        row: truthLabel,
        column,
      }),
    );
    for (const selection of selections) {
      const example = examplesOf(selection)[i];
      const directed = isDirected(selection);
      const judged = judgeEdges(example.truth, example.sample, directed);
      const place = { row: label(selection), column };
      marks.push(...drawing(example.positions, judged, directed, place), verdict(judged, place));
    }
  }
  return {
    name,
    title: 'Latent graphs of test sequences',
    description: describe(selections, count),
    spec: spec(marks, rows, columns),
  };
}

interface Place {
  row: string;
  column: string;
}

/** Sequences that every selected run shows. */
export function exampleCount(selections: readonly Selection[]): number {
  return Math.min(...selections.map((selection) => examplesOf(selection).length));
}

function examplesOf({ selected }: Selection): NriExample[] {
  return selected.result.examples as NriExample[];
}

function isDirected({ selected }: Selection): boolean {
  return (selected.config as NriConfig).structure === 'independent';
}

function drawing(
  positions: NriExample['positions'],
  judged: JudgedEdges,
  directed: boolean,
  place: Place,
): object[] {
  const points = fitToBox(positions);
  const line = (mark: Judgement, [i, j]: Edge) => {
    const [x, y] = points[i];
    const end = directed ? [(x + points[j][0]) / 2, (y + points[j][1]) / 2] : points[j];
    return { ...place, mark, x, y, x2: end[0], y2: end[1] };
  };
  const edges = (['missed', 'wrong', 'correct'] as const).flatMap((mark) =>
    judged[mark].map((edge) => line(mark, edge)),
  );
  return [...edges, ...points.map(([x, y]) => ({ ...place, mark: 'vertex', x, y }))];
}

function verdict({ correct, wrong, missed }: JudgedEdges, place: Place): object {
  const precision = formatPercent(correct.length / (correct.length + wrong.length), 0);
  const recall = formatPercent(correct.length / (correct.length + missed.length), 0);
  return { ...place, mark: 'verdict', x: 0, y: -1.5, text: `P ${precision} · R ${recall}` };
}

/** Positions centred and scaled to [-1, 1], with one factor for both axes. */
function fitToBox(positions: NriExample['positions']): [number, number][] {
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  const cx = middle(positions.map(([x]) => x));
  const cy = middle(positions.map(([, y]) => y));
  const extent = Math.max(...positions.map(([x, y]) => Math.max(Math.abs(x - cx), Math.abs(y - cy))));
  const scale = extent > 0 ? 1 / extent : 1;
  return positions.map(([x, y]) => [(x - cx) * scale, (y - cy) * scale]);
}

function spec(marks: object[], rows: string[], columns: string[]): TopLevelSpec {
  const x = { field: 'x', type: 'quantitative' as const, axis: null, scale: { domain: [-1.15, 1.15] } };
  const y = { field: 'y', type: 'quantitative' as const, axis: null, scale: { domain: [-1.65, 1.15] } };
  const only = (mark: string) => [{ filter: `datum.mark === '${mark}'` }];
  const judgements = ['correct', 'wrong', 'missed'];
  const byJudgement = (range: (string | number | number[])[]) => ({
    field: 'mark',
    type: 'ordinal' as const,
    scale: { domain: judgements, range: range as string[] },
    legend: {
      title: null,
      orient: 'bottom' as const,
      symbolType: 'stroke',
      symbolSize: 500,
      columnPadding: 20,
    },
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    data: { values: marks },
    spacing: 8,
    facet: {
      row: { field: 'row', type: 'nominal', sort: rows, header: { title: null, labels: false } },
      column: { field: 'column', type: 'nominal', sort: columns, header: { title: null, labelPadding: 2 } },
    },
    spec: {
      width: cell,
      height: (cell * 2.8) / 2.3,
      layer: [
        {
          transform: [{ filter: { field: 'mark', oneOf: judgements } }],
          mark: { type: 'rule' },
          encoding: {
            x,
            y,
            x2: { field: 'x2' },
            y2: { field: 'y2' },
            color: byJudgement(['currentColor', judgementColours.wrong, judgementColours.missed]),
            strokeWidth: byJudgement([2, 1.25, 1.75]),
            strokeDash: byJudgement([[1, 0], [5, 3], [2, 3]]), // biome-ignore format: pairs
          },
        },
        {
          transform: only('vertex'),
          mark: { type: 'point', filled: true, size: 38, color: 'currentColor', opacity: 1 },
          encoding: { x, y },
        },
        {
          transform: only('name'),
          mark: { type: 'text', fontSize: 12, color: 'currentColor', align: 'right' },
          encoding: { x, y, text: { field: 'text' } },
        },
        {
          transform: only('verdict'),
          mark: { type: 'text', fontSize: 10.5, color: 'currentColor', opacity: 0.8 },
          encoding: { x, y, text: { field: 'text' } },
        },
      ],
    },
  };
}

function describe(selections: readonly Selection[], count: number): string {
  const totals = selections.map((selection) => {
    const directed = isDirected(selection);
    const judged = examplesOf(selection)
      .slice(0, count)
      .map(({ truth, sample }) => judgeEdges(truth, sample, directed));
    const total = (kind: Judgement) => judged.reduce((sum, edges) => sum + edges[kind].length, 0);
    const unit = directed ? 'directed edges' : 'edges';
    return `${selection.row.label}: ${total('correct')} correct, ${total('wrong')} wrong and ${total('missed')} missed ${unit}`;
  });
  return `Node-link drawings of ${count} test sequences, the true graph above each structure's sample. ${totals.join('; ')}.`;
}
