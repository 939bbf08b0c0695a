import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-file';
import { columnBlocks } from '../report/column-blocks';
import { document } from '../report/document';
import { formatDuration, formatNumber } from '../report/format';
import { type Html, html } from '../report/html';
import type { L2xSettings } from './config';
import { l2xMethod } from './methods';
import { type L2xProblem, l2xProblems } from './problems';
import type { L2xResult } from './train';

type Metric = 'rank' | 'excess';

/** A cell of a table: the mean over seeds with its spread; `best` marks the best of a column. */
interface Cell {
  value: string;
  deviation: string | undefined;
  best: boolean;
}

/** The rows of a table: methods against problems. */
export function l2xRows(
  { problems, methods }: Pick<L2xSettings, 'problems' | 'methods'>,
  results: readonly L2xResult[],
  metric: Metric,
): { label: string; cells: Cell[] }[] {
  const decimals = metric === 'rank' ? 2 : 3;
  const summaries = methods.map((method) =>
    problems.map((problem) => {
      const values = results
        .filter((r) => r.method === method && r.problem === problem)
        .map((r) => r[metric]);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const square = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      return { mean, deviation: values.length < 2 ? undefined : Math.sqrt(square / (values.length - 1)) };
    }),
  );
  return methods.map((method, i) => ({
    label: l2xMethod(method).label,
    cells: problems.map((_, column) => {
      const { mean, deviation } = summaries[i][column];
      const least = Math.min(...summaries.map((row) => row[column].mean));
      const value = formatNumber(mean, decimals);
      return {
        value,
        deviation: deviation === undefined ? undefined : formatNumber(deviation, decimals),
        best: methods.length > 1 && formatNumber(least, decimals) === value,
      };
    }),
  }));
}

/** The table of ranks for a terminal. */
export function l2xText(settings: L2xSettings, results: readonly L2xResult[]): string {
  const heading = ['Method', ...settings.problems.map((name) => l2xProblems[name].label)];
  const rows = l2xRows(settings, results, 'rank').map(({ label, cells }) => [
    label,
    ...cells.map(({ value, deviation, best }) => {
      const text = deviation === undefined ? value : `${value} ± ${deviation}`;
      return `${text}${best ? '*' : ' '}`;
    }),
  ]);
  const perfect = ['Perfect', ...settings.problems.map((name) => `${perfectRank(l2xProblems[name])} `)];
  const lines = [heading, ...rows, perfect];
  const widths = heading.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const tables = columnBlocks(widths, 3).map((columns) => {
    const text = (line: string[]) =>
      columns
        .map((i) => (i === 0 ? line[i].padEnd(widths[i]) : line[i].padStart(widths[i])))
        .join('   ')
        .trimEnd();
    const rule = '─'.repeat(columns.reduce((sum, i) => sum + widths[i] + 3, -3));
    return [text(heading), rule, ...rows.map(text), rule, text(perfect)].join('\n');
  });
  return tables.join('\n\n');
}

function perfectRank({ k }: L2xProblem): string {
  return formatNumber((k + 1) / 2, 2);
}

/** Writes report.html and results.json; the path of the page. */
export function writeL2xReport(
  directory: string,
  settings: L2xSettings,
  results: readonly L2xResult[],
  options: { command: string; version: string },
): string {
  writeFileAtomically(
    join(directory, 'results.json'),
    `${JSON.stringify({ settings, results }, undefined, 1)}\n`,
  );
  const path = join(directory, 'report.html');
  writeFileAtomically(path, page(settings, results, options));
  return path;
}

function page(
  settings: L2xSettings,
  results: readonly L2xResult[],
  { command, version }: { command: string; version: string },
): string {
  const { seeds, steps, batch, temperature } = settings;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const spread = seeds.length === 1 ? '' : ` ± is the standard deviation over ${seeds.length} seeds.`;
  const body = html`<main>
<header>
<h1>Learning to explain: feature selection on synthetic data</h1>
<p>${formatNumber(steps)} steps of ${batch} inputs · temperature ${temperature} · ${seeds.length} seeds each</p>
</header>
<section>
<p>An explainer scores the ten features of an input and chooses k of them; a predictor sees only those, and tells the label. Both are
trained on the prediction alone. Which features matter is known, and nobody tells the explainer (Chen et al., 2018).</p>
${table(
  settings,
  results,
  'rank',
  html`<b>Table 1.</b> Median rank of the features that matter, averaged over ${formatNumber(settings.testSize)} test inputs; small is
good.${spread} The best of each column is bold.`,
)}
</section>
<section>
<h2>What the choice costs</h2>
${table(settings, results, 'excess', html`<b>Table 2.</b> Cross-entropy of the prediction from the k best features, less the entropy of the labels, in nats.${spread}`)}
</section>
<section>
<h2>Reproduction</h2>
<p>Data, initial weights and noise depend on the seeds alone.</p>
<pre>${command}</pre>
</section>
<footer>stochastic-softmax-tricks ${version}, Node ${process.version}. ${results.length} runs in ${formatDuration(seconds)} of computing.</footer>
</main>`;
  return document('Learning to explain: synthetic data', body);
}

function table(settings: L2xSettings, results: readonly L2xResult[], metric: Metric, caption: Html): Html {
  const { problems } = settings;
  const heads = problems.map(
    (name) => html`<th scope="col" colspan="2">${l2xProblems[name].label}, k = ${l2xProblems[name].k}</th>`,
  );
  const cell = ({ value, deviation, best }: Cell) =>
    html`<td class="value">${best ? html`<b>${value}</b>` : value}</td><td class="error">${deviation === undefined ? '' : `± ${deviation}`}</td>`;
  const perfect = html`<tbody class="group"><tr><th scope="row">Perfect</th>${problems.map(
    (name) => html`<td class="value">${perfectRank(l2xProblems[name])}</td><td class="error"></td>`,
  )}</tr></tbody>`;
  return html`<div class="scroll"><table>
<caption>${caption}</caption>
<thead><tr><th scope="col">Method</th>${heads}</tr></thead>
<tbody class="group">${l2xRows(settings, results, metric).map(
    ({ label, cells }) => html`<tr><th scope="row">${label}</th>${cells.map(cell)}</tr>\n`,
  )}</tbody>${metric === 'rank' ? perfect : ''}
</table></div>`;
}
