import { document } from './document';
import { count } from './format';
import { type Html, html } from './html';
import { experimentSections, footer, Numbering, type PageParts, subtitle } from './page';
import type { Shown } from './tables';

/** An experiment of the page: made, or with the command that makes it. */
export type Chapter =
  | { kind: 'made'; shown: Shown; parts: PageParts }
  | { kind: 'missing'; title: string; command: string };

/** The paper's tables remade, as one self-contained page. */
export function reproductionPage(chapters: readonly Chapter[], preset: string, version: string): string {
  const title = 'Gradient Estimation with Stochastic Softmax Tricks: the tables, remade';
  const numbering = new Numbering();
  const made = chapters.filter((chapter) => chapter.kind === 'made');
  const body = html`<main>
<header>
<h1>${title}</h1>
<p>${made.length} of ${count(chapters.length, 'experiment')} · preset “${preset}”</p>
</header>
<p>Section 8 of Paulus, Choi, Tarlow, Krause and Maddison (2020), made anew with this library. Below each row stand the paper’s own
numbers; what the settings here differ in is listed with each experiment.</p>
<ul>${chapters.map((chapter, i) => html`<li><a href="#chapter-${i + 1}">${titleOf(chapter)}</a></li>\n`)}</ul>
${chapters.map((chapter, i) => section(chapter, i, numbering))}
${footer(
  version,
  made.map(({ shown }) => shown),
)}
</main>`;
  return document(title, body);
}

function titleOf(chapter: Chapter): string {
  return chapter.kind === 'made' ? chapter.shown.experiment.title : chapter.title;
}

function section(chapter: Chapter, place: number, numbering: Numbering): Html {
  const heading = html`<h1 class="chapter" id="chapter-${place + 1}">${titleOf(chapter)}</h1>`;
  if (chapter.kind === 'missing') {
    return html`${heading}<p>Not made yet. To make it:</p><pre>${chapter.command}</pre>`;
  }
  return html`${heading}<p class="note">${subtitle(chapter.shown)}</p>
${experimentSections(chapter.shown, chapter.parts, numbering)}`;
}
