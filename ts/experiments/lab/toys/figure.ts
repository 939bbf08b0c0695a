import type { TopLevelSpec } from 'vega-lite';
import { rowColours, rowShapes } from '../../report/palette';

/** A point of a line; lines of one `panel` share a picture. */
export interface LinePoint {
  line: string;
  panel: string;
  x: number;
  y: number;
}

/** Lines over a number, a picture for each panel. */
export function lineSpec(
  points: readonly LinePoint[],
  titles: { x: string; y: string },
  { marked = false, logarithmic = false }: { marked?: boolean; logarithmic?: boolean } = {},
): TopLevelSpec {
  const domain = [...new Set(points.map(({ line }) => line))];
  const style = {
    field: 'line',
    type: 'nominal' as const,
    legend: { title: null, orient: 'bottom' as const, columns: 3 },
  };
  const color = {
    ...style,
    scale: { domain, range: domain.map((_, i) => rowColours[i % rowColours.length]) },
  };
  const shape = { ...style, scale: { domain, range: domain.map((_, i) => rowShapes[i % rowShapes.length]) } };
  const scale = (zero: boolean) =>
    logarithmic ? { type: 'log' as const, nice: false } : { zero, nice: true };
  const x = {
    field: 'x',
    type: 'quantitative' as const,
    title: titles.x,
    scale: scale(false),
    axis: { grid: false, format: '~s' },
  };
  const y = {
    field: 'y',
    type: 'quantitative' as const,
    title: titles.y,
    scale: scale(false),
    axis: { format: '~g' },
  };
  const panels = [...new Set(points.map(({ panel }) => panel))];
  const width = panels.length > 1 ? 300 : 600;
  const layer = [
    { mark: { type: 'line' as const, strokeWidth: 1.75 }, encoding: { x, y, color } },
    ...(marked
      ? [
          {
            mark: { type: 'point' as const, filled: true, size: 45, opacity: 1 },
            encoding: { x, y, color, shape },
          },
        ]
      : []),
  ];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    data: { values: points as object[] },
    facet: { field: 'panel', type: 'nominal', title: null, sort: panels },
    columns: Math.min(2, panels.length),
    resolve: { scale: { y: 'independent' } },
    spec: { width, height: panels.length > 1 ? 220 : 380, layer },
  };
}
