import type { TopLevelSpec } from 'vega-lite';
import { variantLabel } from './labels';
import { estimatorColours, estimatorDashes, structureColours, structureShapes } from './palette';
import type { Figure } from './render';
import type { RunRecord } from './results';
import type { Selection } from './statistics';

/** Steps in full up to four digits, above in thousands. */
const stepLabel = "datum.value < 10000 ? format(datum.value, 'd') : format(datum.value, '~s')";

type Curve = 'elbo' | 'precision';

/** A value below this share of the range of the selected runs' curves would flatten everything else. */
const logarithmicFrom = 20;

/**
 * Learning curves of every run on the validation set: a thin line for each seed, a thick one for the selected seed
 * with a mark at its best step.
 */
export function learningCurve(
  curve: Curve,
  runs: readonly RunRecord[],
  selections: readonly Selection[],
): Figure {
  const selected = new Set(selections.map((selection) => selection.selected.name));
  const points = runs.flatMap((run) =>
    run.metrics.flatMap((metric) => {
      if (metric.kind !== 'validation' || !Number.isFinite(metric[curve])) return [];
      return {
        run: run.name,
        variant: variantLabel(run.config),
        step: metric.step,
        value: curve === 'precision' ? 100 * metric.precision : metric.elbo,
        selected: selected.has(run.name),
        best: selected.has(run.name) && run.result?.bestStep === metric.step,
      };
    }),
  );
  const scale = curve === 'precision' ? { domain: [0, 100] } : elboScale(points.map((point) => point.value));
  const title = curve === 'precision' ? 'Edge precision (%)' : 'ELBO';
  const name = curve === 'precision' ? 'edge-precision' : 'validation-elbo';
  return {
    name,
    title: `${title.replace(' (%)', '')} on the validation set during training`,
    description: describe(curve, selections),
    spec: spec(points, title, scale, selections),
  };
}

function spec(
  points: readonly { value: number }[],
  title: string,
  { values, ...scale }: { domain?: number[]; type?: 'symlog'; values?: number[] },
  selections: readonly Selection[],
): TopLevelSpec {
  const labels = selections.map(variantLabel);
  // Dashes tell estimators apart, where there are any but the relaxed one; colours do, where there is one structure.
  const dashed = selections.some(({ estimator }) => estimator !== 'relaxed');
  const single = new Set(selections.map(({ structure }) => structure)).size === 1;
  const legend = {
    title: null,
    ...(dashed
      ? { orient: 'bottom' as const, columns: 1, symbolType: 'stroke', symbolSize: 500 }
      : { orient: 'top' as const, columnPadding: 4, symbolSize: 80 }),
    symbolOpacity: 1,
  };
  const colour = {
    field: 'variant',
    type: 'nominal' as const,
    scale: {
      domain: labels,
      range: selections.map(({ structure, estimator }) =>
        single && dashed ? estimatorColours[estimator] : structureColours[structure],
      ),
    },
    legend,
  };
  const shape = {
    field: 'variant',
    type: 'nominal' as const,
    scale: { domain: labels, range: selections.map(({ structure }) => structureShapes[structure]) },
    legend,
  };
  const dash = {
    field: 'variant',
    type: 'nominal' as const,
    // A range of dashes is a list of lists, for which the types have no room.
    scale: { domain: labels, range: selections.map(({ estimator }) => estimatorDashes[estimator]) as never },
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
    height: dashed ? 320 + 18 * labels.length : 320,
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
        // The legend of dashes is of strokes, which filled points would fill.
        mark: dashed
          ? { type: 'point', filled: false, size: 90, opacity: 1, strokeWidth: 2.5 }
          : { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'none' },
        encoding: { x, y, color: colour, ...(!dashed && { shape }) },
      },
    ],
  };
}

/** A logarithmic axis, mirrored for negative values, when the curves span much; else a linear one. */
function elboScale(values: readonly number[]): { type?: 'symlog'; values?: number[]; domain?: number[] } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (!(high < 0 && low / high > logarithmicFrom)) return {};
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(-high)); power <= -low; power *= 10) {
    for (const tick of [power, 3 * power]) if (tick >= -high && tick <= -low) ticks.push(-tick);
  }
  return { type: 'symlog', values: ticks, domain: [low, high] };
}

function describe(curve: Curve, selections: readonly Selection[]): string {
  const ends = selections.map(({ structure, estimator, selected }) => {
    const { bestStep, validation } = selected.result;
    const value =
      curve === 'precision' ? `${(100 * validation.precision).toFixed(1)} %` : validation.elbo.toFixed(1);
    return `${variantLabel({ structure, estimator })} reaches ${value} at step ${bestStep} in its selected run`;
  });
  return `Line chart against the training step, one line for each run. ${ends.join('; ')}.`;
}
