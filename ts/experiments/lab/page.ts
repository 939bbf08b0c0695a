import { document } from '../report/document';
import { formatNumber } from '../report/format';
import { type Html, html, raw } from '../report/html';
import type { LabExperiment } from './config';
import { bestOf, shownSamples } from './figures';
import { labMethod } from './methods';
import { labProblem } from './problems';
import type { LabResult } from './run';
import { columns, labRow, significance } from './table';

/** What the page needs beside the results. */
export interface LabPageParts {
  command: string;
  version: string;
  figures: { bias: string; deviation: string; cost: string };
}

/** The report of a laboratory as one self-contained HTML page. */
export function labPage(
  experiment: LabExperiment,
  results: readonly LabResult[],
  parts: LabPageParts,
): string {
  const name = structureName(experiment);
  const body = html`<main>
<header>
<h1>Gradient estimators on ${name}</h1>
<p>${experiment.loss} loss · ${formatNumber(experiment.repeats)} estimates a cell · ${results.length} cells · seed ${experiment.seed}</p>
</header>
<section>
<p>Each estimator gives many estimates of one gradient, <i>d</i> E[L(X)] / <i>dθ</i>, at random parameters θ and for a random loss.
${truth(experiment)}</p>
<p>${verdict(results)}</p>
</section>
<section>
<h2>Bias and variance</h2>
<figure><div class="scroll">${raw(parts.figures.bias)}</div>
<figcaption><b>Figure 1.</b> Bias: the length of the mean error of estimates from ${shownSamples(experiment)} draws, with 95 % confidence
intervals. What has no temperature is a dashed line. For implicit MLE the axis
is its step λ. Blackbox differentiation draws nothing, and is in the tables only, as are those with another objective.</figcaption></figure>
<figure><div class="scroll">${raw(parts.figures.deviation)}</div>
<figcaption><b>Figure 2.</b> Standard deviation of the same estimates.</figcaption></figure>
</section>
<section>
<h2>Error and cost</h2>
<figure><div class="scroll">${raw(parts.figures.cost)}</div>
<figcaption><b>Figure 3.</b> Root mean squared error against the time of an estimate, the loss included, each estimator at the
temperature of its least error; a point for each of ${experiment.samples.join(', ')} draws.</figcaption></figure>
</section>
<section>
<h2>At the best temperature</h2>
${table(
  bestOf(results),
  html`<b>Table 1.</b> Each estimator at the temperature of its least mean squared error, by the number of draws. Bias
is the length of the mean error; small print gives 95 % confidence intervals.`,
)}
</section>
<section>
<h2>All cells</h2>
${table(
  results,
  html`<b>Table 2.</b> Every setting. Where theory says that there is no bias, the last column says whether one was found: a
mean error that chance would give with a probability below ${significance}.`,
)}
</section>
<section>
<h2>Reproduction</h2>
<p>Parameters, loss and draws depend on the seed alone; times are this machine's. The numbers are in <code>results.json</code>.</p>
<pre>${parts.command}</pre>
</section>
<footer>stochastic-softmax-tricks ${parts.version}, Node ${process.version}.</footer>
</main>`;
  return document(`Gradient estimators on ${name}`, body);
}

/** The structure in words. */
export function structureName({ structure, size, k }: LabExperiment): string {
  return {
    'one-hot': `one of ${size} categories`,
    subset: `subsets of ${size} elements`,
    'top-k': `${k}-subsets of ${size} elements`,
    'spanning-tree': `spanning trees of ${size} vertices`,
    arborescence: `arborescences of ${size} vertices`,
    'projective-tree': `projective trees of ${size} words`,
    matching: `matchings of ${size} rows`,
  }[structure];
}

/** How the true gradient is known. */
function truth(experiment: LabExperiment): string {
  return labProblem(experiment).law === undefined
    ? 'The law of X has no closed form: the true gradient is a mean over a million draws, and its standard errors are part of the intervals below.'
    : "The law of X is enumerated, so the true gradient is known to the last digits, and the errors below are the estimators' own.";
}

/** Whether theory and numbers agree, in a sentence. */
function verdict(results: readonly LabResult[]): string {
  const exact = results.filter(({ estimator }) => labMethod(estimator).unbiased);
  const odd = exact.filter(({ chance }) => chance < significance);
  if (exact.length === 0) return 'None of these estimators is unbiased by theory.';
  if (odd.length === 0) {
    return `All ${exact.length} cells whose estimator is unbiased by theory are so within chance.`;
  }
  return `${odd.length} of ${exact.length} cells whose estimator is unbiased by theory show a bias: this should not be.`;
}

function table(results: readonly LabResult[], caption: Html): Html {
  const groups = [...new Set(results.map(({ estimator }) => estimator))].map((name) =>
    results.filter(({ estimator }) => estimator === name),
  );
  const row = (result: LabResult) => {
    const { label, cells, remark } = labRow(result);
    const cell = ({ value, interval }: (typeof cells)[number]) =>
      html`<td>${value}${interval === undefined ? '' : html`<br><small>${interval}</small>`}</td>`;
    return html`<tr><th scope="row">${label}</th>${cells.map(cell)}<td>${remark}</td></tr>\n`;
  };
  return html`<div class="scroll"><table class="compact">
<caption>${caption}</caption>
<thead><tr><th scope="col">Estimator</th>${columns.map((column) => html`<th scope="col">${column}</th>`)}<th scope="col"></th></tr></thead>
${groups.map((group) => html`<tbody class="group">${group.map(row)}</tbody>`)}
</table></div>`;
}
