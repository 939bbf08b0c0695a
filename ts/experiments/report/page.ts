import type { FinishedRun, Selection } from '../harness/experiment';
import { document } from './document';
import { count, formatDuration } from './format';
import { type Html, html, raw } from './html';
import { metricFormatter, tableMetrics } from './metrics';
import { columnGroups, resultTable, runTable, type Shown, settingTable } from './tables';

/** A figure of the page, drawn. */
export interface DrawnFigure {
  title: string;
  content: Html;
  caption: Html;
}

/** What the page needs of an experiment beside its results: how to run it again, and the figures as SVG text. */
export interface PageParts {
  command: string;
  curves: string[];
  figures: DrawnFigure[];
}

/** Numbers the tables and figures of a page. */
export class Numbering {
  #tables = 0;
  #figures = 0;
  table = (): Html => html`<b>Table ${++this.#tables}.</b>`;
  figure = (): Html => html`<b>Figure ${++this.#figures}.</b>`;
}

/** The report of an experiment as one self-contained HTML page; `more` are sections at its end. */
export function page(shown: Shown, parts: PageParts, version: string, more: Html = html``): string {
  const { title } = shown.experiment;
  const body = html`<main>
<header>
<h1>${title}</h1>
<p>${subtitle(shown)}</p>
</header>
${experimentSections(shown, parts, new Numbering())}
${more}
${footer(version, [shown])}
</main>`;
  return document(title, body);
}

/** The end of a page. */
export function footer(version: string, shown: readonly Shown[]): Html {
  return html`<footer>stochastic-softmax-tricks ${version}, Node ${process.version}. ${effort(shown.flatMap(({ runs }) => finished(runs)))}</footer>`;
}

/** One line below the title. */
export function subtitle({ experiment, settings, sweep }: Shown): string {
  const rows = count(experiment.rows(settings).length, 'row');
  const groups = columnGroups({ experiment, settings }).map(({ label }) => label);
  const columns = groups.filter((label) => label !== '').join(', ');
  return [
    ...(columns === '' ? [] : [columns]),
    sweep === undefined
      ? `${rows}, ${count(settings.seeds.length, 'seed')} each`
      : `${rows}, random search of ${count(sweep.trials, 'trial')} each, seed ${sweep.seed}`,
    `preset “${settings.preset}”`,
  ].join(' · ');
}

/** Everything about one experiment. */
export function experimentSections(shown: Shown, parts: PageParts, numbering: Numbering): Html {
  const { experiment, settings } = shown;
  return html`${unfinishedNote(shown)}
<section>
<h2>Results</h2>
${experiment.about(settings).map((paragraph) => html`<p>${paragraph}</p>\n`)}
${findings(shown).map((sentence) => html`<p>${sentence}</p>\n`)}
${resultTable(shown, resultCaption(shown, numbering))}
</section>
${parts.curves.length === 0 ? '' : curves(shown, parts.curves, numbering)}
${parts.figures.map(
  ({ title, content, caption }) => html`<section>
<h2>${title}</h2>
<figure><div class="scroll">${content}</div>
<figcaption>${numbering.figure()} ${caption}</figcaption></figure>
</section>
`,
)}
<section>
<h2>All runs</h2>
${runTable(shown, html`${numbering.table()} Every run, evaluated with the weights of its best ${objectiveLabel(shown)} on the validation set; the selected runs are bold.${percentNote(shown)}${markNotes(shown, finished(shown.runs))}`)}
</section>
<section>
<h2>Configuration and reproduction</h2>
${settingTable(shown, html`${numbering.table()} Configuration shared by all runs.`)}
<p style="margin-top:1.4rem">The data set, the initial weights, the batches and the noise depend on the seeds alone.
${effort(finished(shown.runs))} To run the experiment again:</p>
<pre>${parts.command}</pre>
</section>`;
}

function curves(shown: Shown, drawn: readonly string[], numbering: Numbering): Html {
  return html`<section>
<h2>Learning curves</h2>
<figure><div class="panels">${drawn.map(raw)}</div>
<figcaption>${numbering.figure()} The validation set during training, with hard samples. A thin line is one run; the thick line
is the run with the best validation ${objectiveLabel(shown)}, and the mark on it is the step whose weights are evaluated on the
test set.</figcaption></figure>
</section>`;
}

function unfinishedNote({ runs }: Shown): Html {
  const unfinished = runs.filter((run) => run.result === undefined).length;
  if (unfinished === 0) return html``;
  return html`<p role="note" class="note"><b>Not complete.</b> ${unfinished} of ${count(runs.length, 'run')} ${unfinished === 1 ? 'is' : 'are'}
not finished; the tables of results use the others.</p>`;
}

/** The order of the rows by the metric of the experiment's finding, a sentence for each group of columns. */
function findings(shown: Shown): string[] {
  const { experiment, selections } = shown;
  const metric = experiment.metrics.find(({ key }) => key === experiment.finding);
  if (metric === undefined) return [];
  const sign = metric.better === 'higher' ? 1 : -1;
  const unit = metric.format === 'percent' ? ' %' : '';
  const name = metric.label
    .replace(/ \(.*\)$/, '')
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  const groups = columnGroups(shown);
  return groups.flatMap((group) => {
    const rivals = selections
      .filter(({ column }) => group.id === '' || column?.id === group.id)
      .flatMap((selection) => {
        const value = selection.test[metric.key];
        return Number.isFinite(value) ? [{ name: nameOf(selection), value }] : [];
      })
      .sort((a, b) => sign * (b.value - a.value));
    const where = groups.length > 1 ? `${group.label}: ` : '';
    const [first, ...others] = rivals;
    if (first === undefined) return [`${where}No finished run has a finite result.`];
    const format = metricFormatter(
      metric,
      rivals.map(({ value }) => value),
    );
    if (others.length === 0) {
      return [`${where}${first.name} has ${name} ${format(first.value)}${unit} on the test set.`];
    }
    const extreme = metric.better === 'higher' ? 'the highest' : 'the lowest';
    const direction = metric.better === 'higher' ? 'above' : 'below';
    const points = metric.format === 'percent' ? ' points' : '';
    const gaps = others
      .slice(0, 4)
      .map((other) => `${format(sign * (first.value - other.value))}${points} ${direction} ${other.name}`);
    const list = new Intl.ListFormat('en').format(gaps);
    return [
      `${where}${first.name} has ${extreme} ${name} on the test set, ${format(first.value)}${unit}: ${list}.`,
    ];
  });
}

function nameOf({ row }: Selection): string {
  return row.group === undefined ? row.label : `${row.label} (${row.group})`;
}

/** The headings of the table of runs are short, without units. */
function percentNote({ experiment: { metrics } }: Shown): string {
  const inPercent = metrics.filter(({ format }) => format === 'percent').map(({ short }) => short);
  if (inPercent.length === 0) return '';
  const list = new Intl.ListFormat('en').format(inPercent);
  return ` ${list[0].toUpperCase()}${list.slice(1)} in per cent.`;
}

function objectiveLabel({ experiment: { objective, metrics } }: Shown): string {
  return metrics.find(({ key }) => key === objective.key)?.short ?? objective.key;
}

function resultCaption(shown: Shown, numbering: Numbering): Html {
  const { experiment, selections } = shown;
  const metrics = new Intl.ListFormat('en').format(tableMetrics(experiment).map(({ label }) => label));
  const counts = [...new Set(selections.map(({ runs }) => runs.length))];
  const most = Math.max(...counts);
  const among = counts.length === 1 ? count(most, 'run') : 'its finished runs';
  const objective = objectiveLabel(shown);
  const run =
    most === 1 ? 'of one run each' : `of the run with the best validation ${objective} among ${among}`;
  const error =
    most === 1
      ? ''
      : ` ± is the bootstrap standard error over this selection: the spread over all ways to draw
as many runs with replacement and select among them.`;
  const best = selections.length === 1 ? '' : ' The best value of each column is bold.';
  const published =
    experiment.published === undefined
      ? ''
      : ` “As published” is ${experiment.published.table} of the paper.`;
  return html`${numbering.table()} ${metrics} on the test set, ${run}.${error}${best}${published}${markNotes(
    shown,
    selections.map(({ selected }) => selected),
  )}`;
}

/** Explains the marks that some of the runs bear. */
function markNotes({ experiment: { marks = [] } }: Shown, runs: readonly FinishedRun[]): string {
  return marks
    .filter((mark) => runs.some(({ result }) => mark.when(result)))
    .map(({ symbol, note }) => ` ${symbol} ${note}`)
    .join('');
}

function finished(runs: Shown['runs']): FinishedRun[] {
  return runs.filter((run): run is FinishedRun => run.result !== undefined);
}

function effort(runs: readonly FinishedRun[]): string {
  const seconds = runs.reduce((sum, { result }) => sum + result.seconds, 0);
  return `${count(runs.length, 'run')} in ${formatDuration(seconds)} of computing.`;
}
