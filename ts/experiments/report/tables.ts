import { type NriExperiment, nriEstimators } from '../nri/config';
import { type Html, html } from './html';
import {
  elboDecimals,
  estimatorLabels,
  formatDuration,
  formatNumber,
  formatPercent,
  runLabel,
  structureLabels,
  structureOrder,
} from './labels';
import type { RunRecord } from './results';
import { type Selection, type TestMetric, testMetrics } from './statistics';

/** The heading of a metric in the table of results. */
export function metricLabel(metric: TestMetric): string {
  return { elbo: 'ELBO', precision: 'Edge precision (%)', recall: 'Edge recall (%)' }[metric];
}

/** A cell of the table of results; `best` marks the best value of its column. */
export interface ResultCell {
  value: string;
  error: string | undefined;
  best: boolean;
}

/** The table of results as text: for each row its label and its cells, precision and recall in per cent. */
export function resultRows(selections: readonly Selection[]): { label: string; cells: ResultCell[] }[] {
  return selections.map((selection) => ({
    label: runLabel(selection.selected),
    cells: testMetrics.map((metric) => {
      const format = metric === 'elbo' ? elboFormat(selections) : (value: number) => formatPercent(value);
      const value = format(selection.test[metric]);
      const values = selections.map(({ test }) => test[metric]).filter(Number.isFinite);
      return {
        value,
        error: selection.standardError && format(selection.standardError[metric]),
        best: values.length > 1 && format(Math.max(...values)) === value,
      };
    }),
  }));
}

/** The table of results, like Table 1 of the paper. */
export function resultTable(selections: readonly Selection[], caption: Html): Html {
  const hasErrors = selections.some(({ standardError }) => standardError !== undefined);
  const cell = ({ value, error, best }: ResultCell) => {
    const text = best ? html`<b>${value}</b>` : value;
    if (!hasErrors) return html`<td>${text}</td>`;
    return html`<td class="value">${text}</td><td class="error">${error === undefined ? '' : `± ${error}`}</td>`;
  };
  const heading = (metric: TestMetric) =>
    html`<th scope="col"${hasErrors ? html` colspan="2"` : ''}>${metricLabel(metric)}</th>`;
  return html`<div class="scroll"><table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Edge distribution</th>${testMetrics.map(heading)}</tr></thead>
<tbody>${resultRows(selections).map(
    ({ label, cells }) => html`<tr><th scope="row">${label}</th>${cells.map(cell)}</tr>\n`,
  )}</tbody>
</table></div>`;
}

/** A table of all runs, finished or not, grouped by structure; the selected ones are marked. */
export function runTable(runs: readonly RunRecord[], selections: readonly Selection[], caption: Html): Html {
  const selected = new Set(selections.map((selection) => selection.selected.name));
  const decimals = elboFormat(selections);
  const row = (run: RunRecord): Html => {
    const { name, config, result, metrics } = run;
    const head = html`<th scope="row">${runLabel(run)}</th><td>${config.seed}</td>`;
    if (!result) {
      const step = metrics.at(-1)?.step ?? 0;
      return html`<tr>${head}<td colspan="7">not finished: step ${step} of ${config.steps}</td></tr>\n`;
    }
    const { validation, test } = result;
    const values = [
      formatNumber(result.bestStep),
      decimals(validation.elbo),
      formatPercent(validation.precision),
      decimals(test.elbo),
      formatPercent(test.precision),
      formatPercent(test.recall),
      formatDuration(result.seconds),
    ];
    const mark = selected.has(name);
    return html`<tr>${head}${values.map((value) => html`<td>${mark ? html`<b>${value}</b>` : value}</td>`)}</tr>\n`;
  };
  const groups = structureOrder
    .flatMap((structure) =>
      nriEstimators.map((estimator) =>
        runs.filter(({ config }) => config.structure === structure && config.estimator === estimator),
      ),
    )
    .filter((group) => group.length > 0);
  return html`<div class="scroll"><table class="compact">
<caption>${caption}</caption>
<thead><tr><th scope="col">Edge distribution</th><th scope="col">Seed</th><th scope="col">Best step</th>
<th scope="col">Valid. ELBO</th><th scope="col">Valid. prec.</th><th scope="col">Test ELBO</th>
<th scope="col">Test prec.</th><th scope="col">Test rec.</th><th scope="col">Time</th></tr></thead>
${groups.map((group) => html`<tbody class="group">${group.map(row)}</tbody>`)}
</table></div>`;
}

const settingLabels: Partial<Record<keyof NriExperiment, string>> = {
  preset: 'Preset',
  vertices: 'Vertices |V|',
  timesteps: 'Frames T',
  trainSize: 'Training sequences',
  validationSize: 'Validation sequences',
  testSize: 'Test sequences',
  dataSeed: 'Seed of the data',
  encoderHidden: 'Hidden size, encoder',
  decoderHidden: 'Hidden size, decoder',
  batch: 'Batch',
  steps: 'Steps',
  learningRate: 'Learning rate (Adam)',
  rollout: 'Rollout in training (frames)',
  variance: 'Variance of the likelihood',
  presentEdgeScale: 'Initial scale of present-edge messages',
  evaluateEvery: 'Steps between evaluations',
  backend: 'Backend',
};

/** The configuration of the experiment. */
export function settingTable(experiment: NriExperiment, caption: Html): Html {
  const rows: [string, string][] = structureOrder
    .filter((structure) => experiment.structures.includes(structure))
    .map((structure) => [
      `Temperature, ${structureLabels[structure]}`,
      String(experiment.temperatures[structure]),
    ]);
  const settings = Object.entries(settingLabels).map(([key, label]): [string, string] => {
    const value = experiment[key as keyof NriExperiment];
    return [label, Number.isInteger(value) ? formatNumber(value as number) : String(value)];
  });
  const estimators = experiment.estimators.map((name) => estimatorLabels[name]).join(', ');
  rows.unshift(
    ...settings,
    ['Gradient estimators', estimators],
    ['Seeds of the runs', experiment.seeds.join(', ')],
  );
  const half = Math.ceil(rows.length / 2);
  const pair = ([label, value]: [string, string]) => html`<th scope="row">${label}</th><td>${value}</td>`;
  const lines = rows.slice(0, half).map((left, i) => {
    const right = rows[half + i];
    return html`<tr>${pair(left)}${right ? pair(right) : html`<td></td><td></td>`}</tr>\n`;
  });
  return html`<div class="scroll"><table class="compact settings">
<caption>${caption}</caption>
<tbody>${lines}</tbody>
</table></div>`;
}

function elboFormat(selections: readonly Selection[]): (value: number) => string {
  const least = Math.min(...selections.map((selection) => Math.abs(selection.test.elbo)));
  return (value) => formatNumber(value, elboDecimals(least));
}
