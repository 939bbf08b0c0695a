import type { Experiment, MetricDescription, Metrics, RunRecord } from '../harness/experiment';
import { formatNumber } from './format';

/** The metrics of the table of results. */
export function tableMetrics({ metrics }: Pick<Experiment, 'metrics'>): MetricDescription[] {
  return metrics.filter(({ inTable = true }) => inTable);
}

/** A heading for narrow columns: `precision (%)`. */
export function shortLabel({ short, label }: MetricDescription): string {
  return short + (/ \(.*\)$/.exec(label)?.[0] ?? '');
}

/** Prints a metric; `values` are those it stands among, which settle its decimals. */
export function metricFormatter(
  { format }: Pick<MetricDescription, 'format'>,
  values: readonly number[],
): (value: number) => string {
  if (format === 'percent') return (value) => formatNumber(100 * value, 1);
  if (format === 'nats') {
    const decimals = Math.min(...values.map(Math.abs)) >= 100 ? 0 : 1;
    return (value) => formatNumber(value, decimals);
  }
  const { decimals, factor = 1 } = format;
  return (value) => formatNumber(factor * value, decimals);
}

/** What a metric's number is multiplied by to be printed. */
export function metricFactor({ format }: Pick<MetricDescription, 'format'>): number {
  if (format === 'percent') return 100;
  return format === 'nats' ? 1 : (format.factor ?? 1);
}

/** A metric's number with its unit: `ELBO −1235`, `precision 87.7 %`. */
export function metricText(metric: MetricDescription, value: number): string {
  const unit = metric.format === 'percent' ? ' %' : '';
  return `${metric.short} ${metricFormatter(metric, [value])(value)}${unit}`;
}

/** The numbers of an evaluation that tell most in a line: the objective and what the page finds by. */
export function evaluationText({ metrics, objective, finding }: Experiment, found: Metrics): string {
  return metrics
    .filter(({ key }) => (key === objective.key || key === finding) && found[key] !== undefined)
    .map((metric) => metricText(metric, found[metric.key]))
    .join(', ');
}

/** The label of a run's row with the marks that the run bears. */
export function labelOfRun({ marks = [] }: Experiment, label: string, { result }: RunRecord): string {
  const own = result === undefined ? [] : marks.filter((mark) => mark.when(result));
  return label + own.map(({ symbol }) => symbol).join('');
}
