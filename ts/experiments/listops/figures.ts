import type { ExperimentFigure, Selection } from '../harness/experiment';
import { type Html, html, raw } from '../report/html';
import { judgementColours } from '../report/palette';
import { tokens as vocabulary } from './corpus/tokens';
import type { ListopsExample } from './records';

/** Expressions as every selected model parses them: arcs that are right, wrong or missed. */
export function figures(selections: readonly Selection[]): ExperimentFigure[] {
  const models = selections.flatMap(({ row, selected }) => {
    const examples = selected.result.examples as ListopsExample[] | undefined;
    const drawn = examples?.filter(({ arcs }) => arcs !== undefined) ?? [];
    return drawn.length === 0 || row.id === 'gold' ? [] : [{ label: row.label, examples: drawn }];
  });
  if (models.length === 0) return [];
  const shown = Math.min(...models.map(({ examples }) => examples.length));
  return [
    {
      title: 'Parses',
      content: html`<div>${Array.from({ length: shown }, (_, i) => expression(models, i))}</div>`,
      caption: html`Test expressions with a graph that each selected model draws. Above the tokens the arcs, from heads down to modifiers:
solid where they are right, dashed where they are wrong; below them, dotted, those of the true parse that the graph lacks. Arcs of closing brackets are left out. An
undirected edge is right if it joins a token with its operator.`,
    },
  ];
}

function expression(models: readonly { label: string; examples: ListopsExample[] }[], index: number): Html {
  const { tokens, label } = models[0].examples[index];
  const panels = models.map(
    (model) =>
      html`<div><p class="note" style="margin:0"><b>${model.label}</b> tells ${model.examples[index].answer}</p>${arcDiagram(model.examples[index])}</div>`,
  );
  const text = tokens.map((token) => vocabulary[token]).join(' ');
  return html`<div style="margin-bottom:1.8rem"><p><code>${text}</code> = ${label}</p><div class="panels">${panels}</div></div>`;
}

const column = 30;
const rise = 11;
const margin = 18;

/** How an arc is judged. */
type Judgement = 'right' | 'wrong' | 'missed';
const strokes: Record<Judgement, string> = {
  right: 'stroke="currentColor" stroke-width="1.6"',
  wrong: `stroke="${judgementColours.wrong}" stroke-width="1.3" stroke-dasharray="5 3"`,
  missed: `stroke="${judgementColours.missed}" stroke-width="1.3" stroke-dasharray="1.5 3"`,
};

/** The arcs of an example with what they are worth; two arcs that are each other's reverse are one if either is right. */
export function judgedArcs({ tokens, heads, arcs = [] }: ListopsExample): [number, number, Judgement][] {
  const touches = (at: number) => vocabulary[tokens[at]] === ']';
  const kept = arcs.filter(([head, modifier]) => !touches(head) && !touches(modifier));
  const isTrue = (head: number, modifier: number) => heads[modifier] === head;
  const has = new Set(kept.map((arc) => arc.join()));
  const drawn = kept
    .filter(([head, modifier]) => {
      const mirrored = has.has([modifier, head].join());
      if (!mirrored) return true;
      return isTrue(head, modifier) || (!isTrue(modifier, head) && head < modifier);
    })
    .map(([head, modifier]): [number, number, Judgement] => [
      head,
      modifier,
      isTrue(head, modifier) ? 'right' : 'wrong',
    ]);
  const missed = heads.flatMap((head, modifier): [number, number, Judgement][] =>
    head < 0 || touches(modifier) || has.has([head, modifier].join()) ? [] : [[head, modifier, 'missed']],
  );
  return [...drawn, ...missed];
}

/** Arcs over a line of tokens, those that are missed below it. */
function arcDiagram(example: ListopsExample): Html {
  const names = example.tokens.map((token) => vocabulary[token].replace('[', ''));
  const judged = judgedArcs(example);
  const height = (below: boolean) =>
    rise *
    Math.max(
      1,
      ...judged
        .filter(([, , judgement]) => (judgement === 'missed') === below)
        .map(([head, modifier]) => Math.abs(head - modifier)),
    );
  const base = height(false) + 8;
  const x = (at: number) => margin + at * column;
  const paths = judged.map(([head, modifier, judgement]) => {
    const below = judgement === 'missed';
    const y = below ? base + 18 : base;
    const reach = rise * Math.abs(head - modifier) * (4 / 3) * (below ? 1 : -1);
    const shift = Math.sign(modifier - head) * 4;
    return `<path fill="none" ${strokes[judgement]} d="M${x(head) + shift} ${y} C${x(head) + shift} ${y + reach} ${x(modifier)} ${y + reach} ${x(modifier)} ${y}"/>`;
  });
  const texts = names.map(
    (name, at) =>
      `<text x="${x(at)}" y="${base + 13}" text-anchor="middle" font-size="11" fill="currentColor">${name}</text>`,
  );
  const [w, h] = [2 * margin + (names.length - 1) * column, base + 20 + height(true) + 4];
  const summary = `Arcs of ${names.join(' ')}`;
  return raw(
    `<svg viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-label="${summary}">${paths.join('')}${texts.join('')}</svg>`,
  );
}
