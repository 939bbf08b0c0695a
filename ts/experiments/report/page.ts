import type { NriExperiment } from '../nri/config';
import { document } from './document';
import { type Html, html, raw } from './html';
import {
  dagger,
  estimatorLabels,
  formatDuration,
  formatPercent,
  structureLabels,
  variantLabel,
} from './labels';
import type { ExperimentRecord, RunRecord } from './results';
import type { Selection } from './statistics';
import { resultTable, runTable, settingTable } from './tables';

/** What the page needs beside the results: how to run the experiment again, and the figures as SVG text. */
export interface PageParts {
  command: string;
  version: string;
  figures: { elbo: string; precision: string; graphs: string };
}

/** The report as one self-contained HTML page. */
export function page(record: ExperimentRecord, selections: readonly Selection[], parts: PageParts): string {
  const { experiment, runs } = record;
  const body = html`<main>
${heading(experiment)}
${unfinishedNote(runs)}
<section>
<h2>Recovery of the latent tree</h2>
<p>A force-directed layout draws a hidden random spanning tree over ${experiment.vertices} vertices, one step a frame. A
variational autoencoder (neural relational inference) sees the positions in ${experiment.timesteps} frames, not the tree: its
encoder gives a distribution over graphs, its decoder predicts each next frame by messages along the edges of a sampled graph.
${training(experiment)}, every evaluation the hard one.</p>
<p>${finding(selections)}</p>
${resultTable(selections, resultCaption(selections))}
</section>
<section>
<h2>Learning curves</h2>
<figure><div class="panels">${raw(parts.figures.elbo)}${raw(parts.figures.precision)}</div>
<figcaption><b>Figure 1.</b> ELBO (left) and edge precision (right) on the validation set during training, with hard samples.
A thin line is one seed; the thick line is the seed with the best validation ELBO, and the mark on it is the step whose weights
are evaluated on the test set.</figcaption></figure>
</section>
<section>
<h2>Sampled graphs</h2>
<figure><div class="scroll">${raw(parts.figures.graphs)}</div>
<figcaption><b>Figure 2.</b> The hidden tree of ${exampleCount(selections)} test sequences and a hard sample from the encoder of each
selected run; vertices are where the last frame shows them. P and R are the precision and recall of that graph, in
per cent.${directedNote(selections)}</figcaption></figure>
</section>
<section>
<h2>All runs</h2>
${runTable(runs, selections, runCaption(runs))}
</section>
<section>
<h2>Configuration and reproduction</h2>
${settingTable(experiment, html`<b>Table 3.</b> Configuration shared by all runs.`)}
<p style="margin-top:1.4rem">The data set, the initial weights, the batches and the noise depend on the seeds alone. To run the experiment again:</p>
<pre>${parts.command}</pre>
</section>
<footer>stochastic-softmax-tricks ${parts.version}, Node ${process.version}. ${effort(runs)}</footer>
</main>`;
  return document(`NRI graph layout: ${experiment.vertices} vertices, T = ${experiment.timesteps}`, body);
}

function heading({ preset, vertices, timesteps, seeds, structures, estimators }: NriExperiment): Html {
  const methods = estimators.length === 1 ? '' : `, ${estimators.length} gradient estimators`;
  return html`<header>
<h1>Neural relational inference for graph layout</h1>
<p>|V| = ${vertices}, T = ${timesteps} · ${count(structures.length, 'edge distribution')}${methods}, ${count(seeds.length, 'seed')} each · preset “${preset}”</p>
</header>`;
}

function unfinishedNote(runs: readonly RunRecord[]): Html {
  const unfinished = runs.filter((run) => run.result === undefined).length;
  if (unfinished === 0) return html``;
  return html`<p role="note" class="note"><b>Not complete.</b> ${unfinished} of ${count(runs.length, 'run')} ${unfinished === 1 ? 'is' : 'are'}
not finished; the tables of results use the others.</p>`;
}

/** What training uses of a sample. */
function training({ estimators }: NriExperiment): string {
  const others = estimators.filter((name) => name !== 'relaxed').map((name) => estimatorLabels[name]);
  if (others.length === 0) return 'Training uses the relaxed sample';
  const list = new Intl.ListFormat('en').format(others);
  const relaxed = estimators.includes('relaxed') ? 'the relaxed sample where no estimator is named, ' : '';
  return `Training uses ${relaxed}the hard sample with ${list}`;
}

/** The order of the variants by edge precision, in one sentence. */
function finding(selections: readonly Selection[]): string {
  const [first, ...others] = [...selections]
    .filter(({ test }) => Number.isFinite(test.precision))
    .sort((a, b) => b.test.precision - a.test.precision)
    .map((selection) => ({ name: variantLabel(selection), precision: selection.test.precision }));
  if (!first) return 'No finished run has a finite result.';
  const value = `${formatPercent(first.precision)} %`;
  if (others.length === 0) return `${first.name} has an edge precision of ${value} on the test set.`;
  const gaps = others.map(
    ({ name, precision }) => `${formatPercent(first.precision - precision)} points above ${name}`,
  );
  return `${first.name} has the highest edge precision on the test set, ${value}: ${gaps.join(' and ')}.`;
}

function resultCaption(selections: readonly Selection[]): Html {
  const counts = [...new Set(selections.map(({ runs }) => runs.length))];
  const most = Math.max(...counts);
  const among = counts.length === 1 ? count(most, 'seed') : 'its finished seeds';
  const run = most === 1 ? 'of one run each' : `of the run with the best validation ELBO among ${among}`;
  const error =
    most === 1
      ? ''
      : ` ± is the bootstrap standard error over this selection: the spread over all ways to draw
as many runs with replacement and select among them.`;
  const best = selections.length === 1 ? '' : ' The best value of each column is bold.';
  return html`<b>Table 1.</b> Test ELBO (nats per vertex) and recovery of the true edges, ${run}.${error}${best}${labellingNote(selections.map(({ selected }) => selected))}`;
}

function runCaption(runs: readonly RunRecord[]): Html {
  return html`<b>Table 2.</b> Every run, evaluated with the weights of its best validation ELBO; the selected runs are bold. Precision
and recall in per cent.${labellingNote(runs)}`;
}

/** Explains the dagger where one of the runs has it. */
function labellingNote(runs: readonly RunRecord[]): string {
  return runs.some(({ result }) => result?.labelling === 'complement')
    ? ` ${dagger} The model uses X for absent edges: 1 − X is read as the graph, by the precision on the validation set.`
    : '';
}

function directedNote(selections: readonly Selection[]): string {
  return selections.some(({ structure }) => structure === 'independent')
    ? ` ${structureLabels.independent} samples each direction of an edge by itself: a direction is the half of the line next to its sender.`
    : '';
}

function exampleCount(selections: readonly Selection[]): number {
  return Math.min(...selections.map(({ selected }) => selected.result.examples.length));
}

function effort(runs: readonly RunRecord[]): string {
  const finished = runs.flatMap((run) => run.result ?? []);
  const seconds = finished.reduce((sum, result) => sum + result.seconds, 0);
  return `${count(finished.length, 'run')} in ${formatDuration(seconds)} of computing.`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
