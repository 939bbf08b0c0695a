import type { Column, Experiment, Metrics, RunRecord, SearchRange, Selection } from '../harness/experiment';
import type { BaseSettings, SettingDescription } from '../harness/settings';
import { formatDuration, formatNumber } from './format';
import { type Html, html } from './html';
import { labelOfRun, metricFormatter, shortLabel, tableMetrics } from './metrics';

/** What the tables and figures of an experiment are made of. */
export interface Shown {
  experiment: Experiment;
  settings: BaseSettings;
  runs: readonly RunRecord[];
  selections: readonly Selection[];
  /** The random search that the runs are trials of. */
  sweep?: { trials: number; seed: number };
}

/** A cell of the table of results; `best` marks the best value of its column. */
export interface ResultCell {
  value: string;
  error: string | undefined;
  best: boolean;
}

/** A row of the table of results, with the published numbers below it where there are any. */
export interface ResultRow {
  label: string;
  group: string | undefined;
  cells: (ResultCell | undefined)[];
  published: (Omit<ResultCell, 'best'> | undefined)[] | undefined;
}

/** The groups of columns; one without a name where the experiment has no groups, or one group. */
export function columnGroups({ experiment, settings }: Pick<Shown, 'experiment' | 'settings'>): Column[] {
  return experiment.columns?.(settings) ?? [{ id: '', label: '' }];
}

/** The table of results as text: for each row its label and a cell for each metric of each group of columns. */
export function resultRows(shown: Shown): ResultRow[] {
  const { experiment, settings, selections } = shown;
  const metrics = tableMetrics(experiment);
  const groups = columnGroups(shown);
  const inGroup = (group: Column, { column }: Selection) => group.id === '' || column?.id === group.id;
  return experiment.rows(settings).flatMap((row) => {
    const own = selections.filter((selection) => selection.row.id === row.id);
    if (own.length === 0) return [];
    const cells = groups.flatMap((group) => {
      const selection = own.find((candidate) => inGroup(group, candidate));
      const rivals = selections.filter((candidate) => inGroup(group, candidate));
      // With several groups a mark stands with the group's first number, since it need not be another's.
      const marks = selection && groups.length > 1 ? labelOfRun(experiment, '', selection.selected) : '';
      return metrics.map((metric, i) => {
        const cell = selection && resultCell(metric, selection, rivals);
        return cell && i === 0 ? { ...cell, value: cell.value + marks } : cell;
      });
    });
    const published = groups.flatMap((group) => {
      const found = experiment.published?.cells.find(
        (cell) => cell.row === row.id && (group.id === '' || (cell.column ?? group.id) === group.id),
      );
      return metrics.map(({ key }) => publishedCell(found?.values[key]));
    });
    return {
      label: groups.length > 1 ? row.label : labelOfRun(experiment, row.label, own[0].selected),
      group: row.group,
      cells,
      published: published.some((cell) => cell !== undefined) ? published : undefined,
    };
  });
}

function resultCell(
  metric: Experiment['metrics'][number],
  { test, standardError }: Selection,
  rivals: readonly Selection[],
): ResultCell | undefined {
  const { key, better } = metric;
  if (test[key] === undefined) return undefined;
  const values = rivals.map((rival) => rival.test[key] ?? Number.NaN).filter(Number.isFinite);
  const format = metricFormatter(metric, values);
  const value = format(test[key]);
  const best = better === 'higher' ? Math.max(...values) : Math.min(...values);
  return {
    value,
    error: standardError && format(standardError[key]),
    best: values.length > 1 && format(best) === value,
  };
}

function publishedCell(printed: number | [number, number] | undefined): Omit<ResultCell, 'best'> | undefined {
  if (printed === undefined) return undefined;
  const [value, error] = typeof printed === 'number' ? [printed, undefined] : printed;
  const print = (number: number) => formatNumber(number, String(number).split('.')[1]?.length ?? 0);
  return { value: print(value), error: error === undefined ? undefined : print(error) };
}

/** The table of results, like the paper's; the published numbers stand below each row. */
export function resultTable(shown: Shown, caption: Html): Html {
  const { experiment } = shown;
  const metrics = tableMetrics(experiment);
  const groups = columnGroups(shown);
  const named = groups.some(({ label }) => label !== '');
  const cell = (of: ResultCell | Omit<ResultCell, 'best'> | undefined) => {
    if (of === undefined) return html`<td class="value">–</td><td class="error"></td>`;
    const text = 'best' in of && of.best ? html`<b>${of.value}</b>` : of.value;
    return html`<td class="value">${text}</td><td class="error">${of.error === undefined ? '' : `± ${of.error}`}</td>`;
  };
  const rows = resultRows(shown);
  const byGroup = [...new Set(rows.map(({ group }) => group))].map((group) => ({
    group,
    rows: rows.filter((row) => row.group === group),
  }));
  const width = 1 + 2 * metrics.length * groups.length;
  const lines = ({
    label,
    cells,
    published,
  }: ResultRow) => html`<tr><th scope="row">${label}</th>${cells.map(cell)}</tr>
${published === undefined ? '' : html`<tr class="published"><th scope="row">as published</th>${published.map(cell)}</tr>\n`}`;
  return html`<div class="scroll"><table class="results${groups.length > 1 ? ' wide' : ''}">
<caption>${caption}</caption>
<thead>${
    named
      ? html`<tr><td></td>${groups.map(
          ({ label }) =>
            html`<th scope="colgroup" class="group" colspan="${2 * metrics.length}">${label}</th>`,
        )}</tr>\n`
      : ''
  }<tr><th scope="col">${experiment.rowHeading}</th>${groups.map(() =>
    metrics.map(
      (metric) =>
        html`<th scope="col" colspan="2">${groups.length > 1 ? shortLabel(metric) : metric.label}</th>`,
    ),
  )}</tr></thead>
${byGroup.map(
  ({ group, rows: own }) =>
    html`<tbody class="group">${
      group === undefined
        ? ''
        : html`<tr><th scope="rowgroup" class="group" colspan="${width}">${group}</th></tr>\n`
    }${own.map(lines)}</tbody>\n`,
)}</table></div>`;
}

/** A table of all runs, finished or not, grouped by cell; the selected ones are marked. */
export function runTable(shown: Shown, caption: Html): Html {
  const { experiment, settings, runs, selections } = shown;
  const { objective, metrics } = experiment;
  const groups = columnGroups(shown);
  const several = groups.length > 1;
  const chosen = new Set(selections.map((selection) => selection.selected.name));
  const watched = metrics.filter(({ key }) => key === objective.key || key === experiment.finding);
  const validated = watched.some(({ key }) => key === objective.key)
    ? watched
    : [{ key: objective.key, short: objective.key, format: { decimals: 3 } }, ...watched];
  const finite = (of: (run: RunRecord) => Metrics | undefined, key: string) =>
    runs.map((run) => of(run)?.[key] ?? Number.NaN).filter(Number.isFinite);
  const cells = [
    ...validated.map((metric) => ({
      heading: `Valid. ${metric.short}`,
      format: metricFormatter(
        metric,
        finite((run) => run.result?.validation, metric.key),
      ),
      of: (run: RunRecord) => run.result?.validation[metric.key],
    })),
    ...metrics.map((metric) => ({
      heading: `Test ${metric.short}`,
      format: metricFormatter(
        metric,
        finite((run) => run.result?.test, metric.key),
      ),
      of: (run: RunRecord) => run.result?.test[metric.key],
    })),
  ];
  const searched = shown.sweep === undefined ? [] : experiment.searchRanges;
  const drawn = ({ config }: RunRecord) =>
    searched.map(({ key, applies }) => {
      if (applies?.(config) === false) return html`<td>–</td>`;
      const value = (config as unknown as Record<string, number>)[key];
      return html`<td>${Number.isInteger(value) ? value : value.toPrecision(3)}</td>`;
    });
  const row = (label: string, column: Column, run: RunRecord): Html => {
    const { name, config, result } = run;
    const head = html`<th scope="row">${labelOfRun(experiment, label, run)}</th>${
      several ? html`<td>${column.label}</td>` : ''
    }<td>${shown.sweep ? (/\d+$/.exec(name)?.[0] ?? '') : config.seed}</td>${drawn(run)}`;
    if (!result) {
      const step = run.metrics.at(-1)?.step ?? 0;
      return html`<tr>${head}<td colspan="${cells.length + 2}">not finished: step ${step} of ${config.steps}</td></tr>\n`;
    }
    const values = [
      formatNumber(result.bestStep),
      ...cells.map(({ of, format }) => format(of(run) ?? Number.NaN)),
      formatDuration(result.seconds),
    ];
    const mark = chosen.has(name);
    return html`<tr>${head}${values.map((value) => html`<td>${mark ? html`<b>${value}</b>` : value}</td>`)}</tr>\n`;
  };
  const bodies = experiment.rows(settings).flatMap(({ id, label }) =>
    groups.flatMap((column) => {
      const own = runs.filter((run) => run.row === id && (column.id === '' || run.column === column.id));
      return own.length === 0
        ? []
        : [html`<tbody class="group">${own.map((run) => row(label, column, run))}</tbody>`];
    }),
  );
  return html`<div class="scroll"><table class="compact">
<caption>${caption}</caption>
<thead><tr><th scope="col">${experiment.rowHeading}</th>${several ? html`<th scope="col"></th>` : ''}<th scope="col">${shown.sweep ? 'Trial' : 'Seed'}</th>${searched.map(({ key }) => html`<th scope="col">${labelOf(experiment, key)}</th>`)}<th scope="col">Best step</th>
${cells.map(({ heading }) => html`<th scope="col">${heading}</th>`)}<th scope="col">Time</th></tr></thead>
${bodies}
</table></div>`;
}

/** The settings of an experiment, and what the published one has where it is otherwise. */
export function settingTable({ experiment, settings, sweep }: Shown, caption: Html): Html {
  const searched = new Map((sweep ? experiment.searchRanges : []).map((range) => [range.key, range]));
  const { paper } = experiment.presets;
  const rows = [
    ...(settings.preset === 'paper' ? [] : [{ label: 'Preset', value: settings.preset, published: '' }]),
    ...experiment.settings
      .filter(({ key }) => sweep === undefined || key !== 'seeds')
      .flatMap((setting) => settingRows(setting, settings, paper, searched)),
  ];
  return html`<div class="scroll"><table class="compact settings">
<caption>${caption}</caption>
<thead><tr><th scope="col">Setting</th><th scope="col">Here</th><th scope="col">Published, if different</th></tr></thead>
<tbody>${rows.map(
    ({ label, value, published }) =>
      html`<tr><th scope="row">${label}</th><td>${value}</td><td>${published}</td></tr>\n`,
  )}</tbody>
</table></div>`;
}

/** What the page calls a key of the configuration: as the setting of that name, or of its plural. */
function labelOf({ settings }: Experiment, key: string): string {
  return settings.find((setting) => setting.key === key || setting.key === `${key}s`)?.label ?? key;
}

/** Settings that say how a run is watched, not what it is. */
const own = new Set(['seeds', 'backend', 'evaluateEvery']);

function settingRows(
  setting: SettingDescription,
  settings: BaseSettings,
  paper: BaseSettings | undefined,
  searched: ReadonlyMap<string, SearchRange>,
) {
  const { key, label } = setting;
  if (label === undefined) return [];
  const range = searched.get(key) ?? searched.get(key.replace(/s$/, ''));
  if (range !== undefined) {
    const { low, high, log = true } = range;
    return [{ label, value: `${low} to ${high}${log ? ', log-uniform' : ''}`, published: '' }];
  }
  const of = (from: BaseSettings | undefined) => (from as Record<string, unknown> | undefined)?.[key];
  const differing = (value: string, published: string) =>
    paper === undefined || own.has(key) || value === published ? '' : published;
  if (setting.kind === 'numbers') {
    const [here, there] = [of(settings), of(paper)] as (Record<string, number> | undefined)[];
    return setting.names.map((name) => {
      const value = String(here?.[name]);
      return {
        label: `${label}, ${setting.labels?.[name] ?? name}`,
        value,
        published: differing(value, String(there?.[name])),
      };
    });
  }
  const value = settingText(setting, of(settings));
  if (value === '') return [];
  return [{ label, value, published: differing(value, settingText(setting, of(paper))) }];
}

function settingText(setting: SettingDescription, value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) {
    const labels: Readonly<Record<string, string>> =
      (setting.kind === 'choices' ? setting.labels : undefined) ?? {};
    return value.map((item) => labels[item] ?? String(item)).join(', ');
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Number.isInteger(value) ? formatNumber(value as number) : String(value);
}
