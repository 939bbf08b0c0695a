import { join } from 'node:path';
import { writeFileAtomically } from '../../../files/atomic-file';
import { document } from '../../report/document';
import { formatNumber } from '../../report/format';
import { html, raw } from '../../report/html';
import { renderSvg } from '../../report/render';
import { effortOf, type ToySettings } from './settings';
import type { Finding, Toy, ToyResult } from './toy';
import { toys } from './toys';

export interface ToyReportOptions {
  command: string;
  version: string;
}

/** Writes results.json, report.html and the figure of a problem; the path of the page. */
export async function writeToyReport(
  directory: string,
  settings: ToySettings,
  results: readonly ToyResult[],
  options: ToyReportOptions,
): Promise<string> {
  const figure = toys[settings.problem].figure(results, settings);
  const drawn = await renderSvg(figure);
  writeFileAtomically(join(directory, 'figures', `${figure.name}.svg`), drawn);
  const findings = toys[settings.problem].findings(results, settings);
  writeFileAtomically(
    join(directory, 'results.json'),
    `${JSON.stringify({ settings, results, findings }, undefined, 1)}\n`,
  );
  const path = join(directory, 'report.html');
  writeFileAtomically(path, page(settings, results, drawn, options));
  return path;
}

/** What came out, for a terminal. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(({ claim, found, holds }) => `${holds ? 'yes' : 'NO '}  ${claim}: ${found}.`)
    .join('\n');
}

function page(
  settings: ToySettings,
  results: readonly ToyResult[],
  figure: string,
  { command, version }: ToyReportOptions,
): string {
  const toy = toys[settings.problem];
  const findings = toy.findings(results, settings);
  const effort = `${formatNumber(effortOf(settings))} ${settings.steps === undefined ? 'estimates a cell' : 'steps a descent'}`;
  const body = html`<main>
<header>
<h1>${toy.title}</h1>
<p>${effort} · ${results.length} cells · seed ${settings.seed}</p>
</header>
<section>
${toy.about(settings).map((paragraph) => html`<p>${paragraph}</p>\n`)}
</section>
<section>
<h2>What should come out, and does it</h2>
<div class="scroll"><table class="compact">
<thead><tr><th scope="col">Claim</th><th scope="col">Found</th><th scope="col"></th></tr></thead>
<tbody>${findings.map(({ claim, found, holds }) => html`<tr><th scope="row">${claim}</th><td>${found}</td><td>${holds ? 'yes' : 'NO'}</td></tr>\n`)}</tbody>
</table></div>
</section>
<section>
<h2>Picture</h2>
<figure><div class="scroll">${raw(figure)}</div></figure>
</section>
<section>
<h2>All cells</h2>
${table(toy, results)}
</section>
<section>
<h2>Reproduction</h2>
<p>All numbers depend on the seed alone. They are in <code>results.json</code>.</p>
<pre>${command}</pre>
</section>
<footer>stochastic-softmax-tricks ${version}, Node ${process.version}.</footer>
</main>`;
  return document(toy.title, body);
}

function table({ columns }: Toy, results: readonly ToyResult[]) {
  const cell = (result: ToyResult, key: string, decimals: number) => {
    const value = result.at[key] ?? result.values[key];
    return html`<td>${value === undefined ? '–' : formatNumber(value, decimals)}</td>`;
  };
  return html`<div class="scroll"><table class="compact">
<thead><tr><th scope="col">Estimator</th>${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${results.map((result) => html`<tr><th scope="row">${result.label}</th>${columns.map(({ key, decimals }) => cell(result, key, decimals))}</tr>\n`)}</tbody>
</table></div>`;
}
