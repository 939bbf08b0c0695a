import type { ExperimentFigure, Selection } from '../harness/experiment';
import { type Html, html } from '../report/html';
import type { ReviewsExample } from './examples';
import type { ReviewsSettings } from './settings';

/** Reviews that are shown. */
const shownReviews = 2;

/** Of each number of words the same reviews as every selected model reads them (the paper's Figure 5). */
export function figures(selections: readonly Selection[], { aspect }: ReviewsSettings): ExperimentFigure[] {
  const columns = [...new Set(selections.map(({ column }) => column?.id))];
  return columns.flatMap((id): ExperimentFigure[] => {
    const readings = selections.filter(({ column }) => column?.id === id).flatMap(readingOf);
    if (readings.length === 0) return [];
    const label = selections.find(({ column }) => column?.id === id)?.column?.label;
    return [
      {
        title: label === undefined ? 'Chosen words' : `Chosen words, ${label}`,
        content: html`<div>${Array.from({ length: Math.min(shownReviews, ...readings.map(({ examples }) => examples.length)) }, (_, i) => review(readings, i))}</div>`,
        caption: html`Test reviews with the words that a draw of each selected model chooses <mark style="${markStyle}">framed</mark>, neighbours together; sentences
about the ${aspect} are <span style="${goldStyle}">underlined</span>.`,
      },
    ];
  });
}

interface ModelReading {
  label: string;
  examples: ReviewsExample[];
}

function readingOf({ row, selected }: Selection): ModelReading[] {
  const examples = selected.result.examples as ReviewsExample[] | undefined;
  if (examples === undefined || examples.length === 0) return [];
  return [
    { label: row.group === undefined ? row.label : `${row.label} (${row.group.toLowerCase()})`, examples },
  ];
}

function review(readings: readonly ModelReading[], index: number): Html {
  const { rating } = readings[0].examples[index];
  const texts = readings.map(
    ({
      label,
      examples,
    }) => html`<p style="margin:.5rem 0"><b>${label}</b> tells ${examples[index].prediction.toFixed(2)}:
${markedText(examples[index])}</p>`,
  );
  return html`<div style="margin-bottom:1.8rem"><p class="note">Review ${index + 1}, rated ${rating.toFixed(1)}</p>${texts}</div>`;
}

/** Told by a frame and by weight, not by colour: marks are read in black and white too. */
const markStyle =
  'background:none;color:inherit;font-weight:700;border:1.5px solid currentColor;border-radius:3px;padding:0 .2em;-webkit-box-decoration-break:clone;box-decoration-break:clone';
const goldStyle = 'text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.35em';

/** The text of an example: runs of chosen words as one mark, sentences about the aspect underlined. */
export function markedText({
  tokens,
  gold,
  chosen,
}: Pick<ReviewsExample, 'tokens' | 'gold' | 'chosen'>): Html {
  const isGold = new Set(gold);
  const isChosen = new Set(chosen);
  const indices = tokens.map((_, i) => i);
  const sentences = runs(indices, (i) => isGold.has(i)).map(([part, inGold]) => {
    const words = runs(part, (i) => isChosen.has(i)).map(([run, marked]) => {
      const text = run.map((i) => tokens[i]).join(' ');
      return marked ? html`<mark style="${markStyle}">${text}</mark>` : html`${text}`;
    });
    return inGold ? html`<span style="${goldStyle}">${spaced(words)}</span>` : spaced(words);
  });
  return spaced(sentences);
}

function spaced(parts: readonly Html[]): Html {
  return html`${parts.map((part, i) => (i === 0 ? part : html` ${part}`))}`;
}

/** Splits a list where the answer of a question changes. */
function runs(list: readonly number[], question: (item: number) => boolean): [number[], boolean][] {
  const parts: [number[], boolean][] = [];
  for (const item of list) {
    const answer = question(item);
    const last = parts.at(-1);
    if (last !== undefined && last[1] === answer) last[0].push(item);
    else parts.push([[item], answer]);
  }
  return parts;
}
