import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../report/render';
import type { LabExperiment } from './config';
import { labMethod } from './methods';
import type { LabMethod } from './names';
import type { LabResult } from './run';
import { methodColours, methodShapes } from './style';

/** The sample count that the figures over temperatures show: the middle one. */
export function shownSamples({ samples }: LabExperiment): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)];
}

/** Those that estimate the mean loss of the hard structure from noise: what the figures compare. */
function compared(results: readonly LabResult[]): LabResult[] {
  return results.filter(({ estimator }) => {
    const { objective, noiseless } = labMethod(estimator);
    return objective === 'hard' && noiseless === undefined;
  });
}

type Axis = 'bias' | 'deviation';

/** Bias, or standard deviation, against temperature; an estimator without one is a level line. */
export function temperatureFigure(
  axis: Axis,
  experiment: LabExperiment,
  results: readonly LabResult[],
): Figure {
  const samples = shownSamples(experiment);
  const ends = [Math.min(...experiment.temperatures), Math.max(...experiment.temperatures)];
  const here = compared(results).filter((result) => result.samples === samples);
  const points = here.flatMap((result) => {
    const { value, low, high } = axis === 'bias' ? result.bias : deviationOf(result);
    const level = result.temperature === null;
    return (level ? ends : [result.temperature]).map((temperature) => ({
      method: labMethod(result.estimator).label,
      temperature,
      value,
      low,
      high,
      level,
    }));
  });
  const words = { bias: 'Bias', deviation: 'Standard deviation' }[axis];
  return {
    name: `${axis}-temperature`,
    title: `${words} against temperature`,
    description: `${words} of each estimator with ${samples} draws an estimate, against the temperature of its relaxation or its step lambda, with 95 % confidence intervals. ${extremes(here, axis)}`,
    spec: temperatureSpec(points, words, axis, methodsOf(here)),
  };
}

/** Root mean squared error against the time of an estimate, at each estimator's best temperature. */
export function costFigure(results: readonly LabResult[]): Figure {
  const best = bestOf(compared(results));
  const points = best.map((result) => ({
    method: labMethod(result.estimator).label,
    samples: result.samples,
    microseconds: result.microseconds,
    error: Math.sqrt(result.error.value),
    low: Math.sqrt(Math.max(0, result.error.low)),
    high: Math.sqrt(result.error.high),
  }));
  const least = best.reduce((a, b) => (b.error.value < a.error.value ? b : a));
  return {
    name: 'error-cost',
    title: 'Error against cost',
    description: `Root mean squared error of each estimator at its best temperature, against the microseconds of an estimate; one point for each number of draws. The least error is that of ${labMethod(least.estimator).label}.`,
    spec: costSpec(points, methodsOf(best)),
  };
}

/** Of each estimator and sample count the temperature of the least mean squared error. */
export function bestOf(results: readonly LabResult[]): LabResult[] {
  const best = new Map<string, LabResult>();
  for (const result of results) {
    const key = `${result.estimator} ${result.samples}`;
    const known = best.get(key);
    if (known === undefined || result.error.value < known.error.value) best.set(key, result);
  }
  return [...best.values()];
}

function deviationOf({ variance }: LabResult) {
  const root = (x: number) => Math.sqrt(Math.max(0, x));
  return { value: root(variance.value), low: root(variance.low), high: root(variance.high) };
}

function methodsOf(results: readonly LabResult[]): LabMethod[] {
  return [...new Set(results.map(({ estimator }) => estimator))];
}

/** Colour and shape of each method, with the one legend for both. */
function marks(methods: readonly LabMethod[]) {
  const domain = methods.map((name) => labMethod(name).label);
  const legend = {
    title: null,
    orient: 'bottom' as const,
    columns: 3,
    symbolOpacity: 1,
    symbolSize: 70,
    symbolStrokeWidth: 2,
    columnPadding: 14,
  };
  const field = { field: 'method', type: 'nominal' as const, legend };
  return {
    color: { ...field, scale: { domain, range: methods.map((name) => methodColours[name]) } },
    shape: { ...field, scale: { domain, range: methods.map((name) => methodShapes[name]) } },
  };
}

const size = { width: 600, height: 380 } as const;

function temperatureSpec(
  points: object[],
  title: string,
  axis: Axis,
  methods: readonly LabMethod[],
): TopLevelSpec {
  const { color, shape } = marks(methods);
  const scale =
    axis === 'bias'
      ? { type: 'symlog' as const, constant: 0.1, domainMin: 0 }
      : { type: 'log' as const, nice: false, padding: 10 };
  const x = {
    field: 'temperature',
    type: 'quantitative' as const,
    title: 'Temperature t, or step λ',
    scale: { type: 'log' as const, nice: false, padding: 10 },
    axis: { grid: false, format: '~g', values: ticks },
  };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title,
    scale,
    axis: { format: '~g', values: axis === 'bias' ? [0, ...ticks.filter((tick) => tick >= 0.1)] : ticks },
  };
  const tempered = [{ filter: '!datum.level' }];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    ...size,
    data: { values: points },
    layer: [
      {
        transform: [{ filter: 'datum.level' }],
        mark: { type: 'line', strokeWidth: 1.5, strokeDash: [6, 4] },
        encoding: { x, y, color },
      },
      { transform: tempered, mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color } },
      {
        mark: { type: 'rule', strokeWidth: 1.25 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
      },
      {
        mark: { type: 'point', filled: true, size: 45, opacity: 1 },
        encoding: { x, y, color, shape },
      },
    ],
  };
}

function costSpec(points: object[], methods: readonly LabMethod[]): TopLevelSpec {
  const { color, shape } = marks(methods);
  const x = {
    field: 'microseconds',
    type: 'quantitative' as const,
    title: 'Microseconds of an estimate',
    scale: { type: 'log' as const, nice: false, padding: 12 },
    axis: { grid: false, format: '~g', values: ticks },
  };
  const y = {
    field: 'error',
    type: 'quantitative' as const,
    title: 'Root mean squared error',
    scale: { type: 'log' as const, nice: false, padding: 10 },
    axis: { format: '~g', values: ticks },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    ...size,
    data: { values: points },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 1.5, opacity: 0.7 },
        encoding: { x, y, color, order: { field: 'samples', type: 'quantitative' } },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.25 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
      },
      { mark: { type: 'point', filled: true, size: 60, opacity: 1 }, encoding: { x, y, color, shape } },
    ],
  };
}

/** 1, 2 and 5 times the powers of ten. */
const ticks = [-3, -2, -1, 0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((m) => Number(`${m}e${power}`)));

function extremes(results: readonly LabResult[], axis: Axis): string {
  const valued = results.map((result) => ({
    label: labMethod(result.estimator).label,
    value: axis === 'bias' ? result.bias.value : deviationOf(result).value,
  }));
  const least = valued.reduce((a, b) => (b.value < a.value ? b : a));
  const most = valued.reduce((a, b) => (b.value > a.value ? b : a));
  return `The least is that of ${least.label}, ${least.value.toPrecision(2)}, the most that of ${most.label}, ${most.value.toPrecision(2)}.`;
}
