import type { TopLevelSpec } from 'vega-lite';
import type { Column, MetricDescription, Row, Selection } from '../harness/experiment';
import { metricFactor, metricFormatter } from './metrics';
import { rowColours, rowShapes } from './palette';
import type { Figure } from './render';
import type { Shown } from './tables';

/** Steps in full up to four digits, above in thousands. */
const stepLabel = "datum.value < 10000 ? format(datum.value, 'd') : format(datum.value, '~s')";

/** A value below this share of the range of the selected runs' curves would flatten everything else. */
const logarithmicFrom = 20;

/** A row with the looks of its curves, chosen by its place where it has none of its own. */
type Styled = Row & Required<Pick<Row, 'colour' | 'shape' | 'dash'>>;

/** The learning curves of an experiment: a figure for each metric with curves, in each group of columns. */
export function learningCurves(shown: Shown): Figure[] {
  const { experiment, settings } = shown;
  const columns = experiment.columns?.(settings) ?? [];
  const groups = columns.length > 1 ? columns : [undefined];
  return groups.flatMap((column) =>
    experiment.metrics.filter(({ curve }) => curve).map((metric) => learningCurve(metric, column, shown)),
  );
}

/**
 * Learning curves of every run on the validation set: a thin line for each seed, a thick one for the selected seed
 * with a mark at its best step.
 */
function learningCurve(metric: MetricDescription, column: Column | undefined, shown: Shown): Figure {
  const { experiment, settings, runs, selections } = shown;
  const own = selections.filter((selection) => column === undefined || selection.column?.id === column.id);
  const selected = new Set(own.map((selection) => selection.selected.name));
  const rows = experiment.rows(settings);
  const labels = new Map(rows.map((row) => [row.id, nameOf(row)]));
  const factor = metricFactor(metric);
  const points = runs.flatMap((run) =>
    run.metrics.flatMap(({ kind, step, values }) => {
      const value = values[metric.key] ?? Number.NaN;
      if (kind !== 'validation' || !Number.isFinite(value)) return [];
      if (column !== undefined && run.column !== column.id) return [];
      return {
        run: run.name,
        variant: labels.get(run.row) ?? run.row,
        step,
        value: factor * value,
        selected: selected.has(run.name),
        best: selected.has(run.name) && run.result?.bestStep === step,
      };
    }),
  );
  const { curve } = metric;
  const scale =
    typeof curve === 'object'
      ? { domain: curve.domain.map((end) => factor * end) }
      : scaleOf(points.map((point) => point.value));
  const where = column === undefined ? '' : `, ${column.label}`;
  return {
    name: ['validation', metric.key, ...(column === undefined ? [] : [column.id])].join('-'),
    title: `${metric.label.replace(/ \(.*\)$/, '')} on the validation set during training${where}`,
    description: describe(metric, own),
    spec: spec(
      points,
      `${metric.label}${where}`,
      scale,
      rows.map(styled).filter(({ id }) => own.some(({ row }) => row.id === id)),
    ),
  };
}

function nameOf({ label, group }: Row): string {
  return group === undefined ? label : `${group}, ${label}`;
}

function styled(row: Row, place: number): Styled {
  return {
    ...row,
    colour: row.colour ?? rowColours[place % rowColours.length],
    shape: row.shape ?? rowShapes[place % rowShapes.length],
    dash: row.dash ?? [1, 0],
  };
}

function spec(
  points: readonly { value: number }[],
  title: string,
  { values, ...scale }: { domain?: number[]; type?: 'symlog'; values?: number[] },
  rows: readonly Styled[],
): TopLevelSpec {
  const labels = rows.map(nameOf);
  // Dashes tell rows apart where there are any but unbroken lines; colours and shapes do otherwise.
  const dashed = rows.some(({ dash }) => dash.join() !== '1,0');
  const long = dashed || rows.length > 4;
  const legend = {
    title: null,
    ...(long
      ? { orient: 'bottom' as const, columns: 1, symbolType: 'stroke', symbolSize: 500 }
      : { orient: 'top' as const, columnPadding: 4, symbolSize: 80 }),
    symbolOpacity: 1,
  };
  const colour = {
    field: 'variant',
    type: 'nominal' as const,
    scale: { domain: labels, range: rows.map((row) => row.colour) },
    legend,
  };
  const shape = {
    field: 'variant',
    type: 'nominal' as const,
    scale: { domain: labels, range: rows.map((row) => row.shape) },
    legend,
  };
  const dash = {
    field: 'variant',
    type: 'nominal' as const,
    // A range of dashes is a list of lists, for which the types have no room.
    scale: { domain: labels, range: rows.map((row) => row.dash) as never },
    legend,
  };
  const x = {
    field: 'step',
    type: 'quantitative' as const,
    title: 'Step',
    scale: { domainMin: 0, nice: false },
    axis: { tickCount: 5, grid: false, labelFlush: false, labelExpr: stepLabel },
  };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title,
    scale: { zero: false, ...scale },
    axis: values ? { values, format: '~s' } : { tickCount: 5, format: '~s' },
  };
  const base = {
    x,
    y,
    color: colour,
    ...(dashed && { strokeDash: dash }),
    detail: { field: 'run', type: 'nominal' as const },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    width: 420,
    height: long ? 320 + 18 * labels.length : 320,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values: points as object[] },
    layer: [
      {
        transform: [{ filter: '!datum.selected' }],
        mark: { type: 'line', strokeWidth: 1, opacity: 0.55 },
        encoding: base,
      },
      {
        transform: [{ filter: 'datum.selected' }],
        mark: { type: 'line', strokeWidth: 2.75 },
        encoding: base,
      },
      {
        transform: [{ filter: 'datum.best' }],
        // The legend of strokes would be filled by filled points.
        mark: long
          ? { type: 'point', filled: false, size: 90, opacity: 1, strokeWidth: 2.5 }
          : { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'none' },
        encoding: { x, y, color: colour, ...(!long && { shape }) },
      },
    ],
  };
}

/** A logarithmic axis, mirrored for negative values, when negative curves span much; else a linear one. */
function scaleOf(values: readonly number[]): { type?: 'symlog'; values?: number[]; domain?: number[] } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (!(high < 0 && low / high > logarithmicFrom)) return {};
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(-high)); power <= -low; power *= 10) {
    for (const tick of [power, 3 * power]) if (tick >= -high && tick <= -low) ticks.push(-tick);
  }
  return { type: 'symlog', values: ticks, domain: [low, high] };
}

function describe(metric: MetricDescription, selections: readonly Selection[]): string {
  const ends = selections.flatMap(({ row, selected }) => {
    const { bestStep, validation } = selected.result;
    const value = validation[metric.key];
    if (value === undefined) return [];
    const unit = metric.format === 'percent' ? ' %' : '';
    return `${nameOf(row)} reaches ${metricFormatter(metric, [value])(value)}${unit} at step ${bestStep} in its selected run`;
  });
  return `Line chart against the training step, one line for each run. ${ends.join('; ')}.`;
}
