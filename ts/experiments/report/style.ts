import { darkColours } from './palette';

const dark = Object.entries(darkColours)
  .flatMap(([light, partner]) => [
    `svg [stroke="${light}"] { stroke: ${partner}; }`,
    `svg [fill="${light}"] { fill: ${partner}; }`,
  ])
  .join('\n  ');

/** The style sheet of the report: one column, light and dark, printable, without external fonts. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fffffd; --ink: #1a1a1a; --quiet: #5c5c5c; --rule: #1a1a1a; --hair: #d8d8d4; --code: #f3f3ef;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #16171a; --ink: #e6e4df; --quiet: #a3a19b; --rule: #b9b7b1; --hair: #34363b; --code: #202226; }
  ${dark}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.55 Charter, 'Bitstream Charter', 'Sitka Text', Cambria, 'Liberation Serif', Georgia, serif; }
main { max-width: 54rem; margin: 0 auto; padding: 3.5rem 1.5rem 4rem; }
header { border-bottom: 1px solid var(--hair); margin-bottom: 2rem; padding-bottom: 1.2rem; }
h1 { font-size: 2rem; line-height: 1.2; font-weight: 600; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; font-weight: 600; margin: 2.8rem 0 .6rem; }
p { margin: 0 0 .9rem; max-width: 42rem; text-wrap: pretty; }
header p { color: var(--quiet); margin: 0; }
figure { margin: 1.6rem 0; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem 1.5rem; }
svg { display: block; max-width: 100%; height: auto; color: var(--ink) !important; }
.scroll { overflow-x: auto; }
.scroll svg { min-width: 40rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums lining-nums;
  border-top: 1.5px solid var(--rule); border-bottom: 1.5px solid var(--rule); }
figcaption, caption { text-align: left; font-size: .92rem; line-height: 1.45; color: var(--quiet); max-width: min(42rem, 100vw - 3rem); }
caption { caption-side: top; padding: 0 0 .6rem; }
figcaption { margin-top: .8rem; }
figcaption b, caption b { color: var(--ink); font-weight: 600; }
th, td { padding: .3rem .8rem; text-align: right; vertical-align: baseline; font-weight: 400; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-bottom: .75px solid var(--rule); }
tbody th { font-style: italic; }
tbody.group + tbody.group tr:first-child > * { border-top: 1px solid var(--hair); }
td b { font-weight: 700; }
th.group { text-align: left; font-style: normal; font-weight: 600; padding-top: .6rem; }
thead th.group { text-align: center; border-bottom: .75px solid var(--hair); padding-top: .3rem; }
table.results thead th, table.results tbody th { white-space: normal; }
table.results tbody th { min-width: 8.5rem; }
table.wide { font-size: .82rem; line-height: 1.4; }
table.wide th, table.wide td { padding-left: .45rem; padding-right: .2rem; }
table.wide td.error { padding-left: 0; padding-right: .45rem; }
tr.published > * { color: var(--quiet); font-size: .86em; padding-top: 0; }
tr.published th { padding-left: 1rem; }
h1.chapter { margin-top: 4.5rem; border-top: 1px solid var(--hair); padding-top: 2rem; }
a { color: inherit; }
td.error { color: var(--quiet); padding-left: 0; text-align: left; width: 1%; }
td.value { padding-right: .3rem; }
table.compact { font-size: .88rem; line-height: 1.35; }
table.compact thead th { white-space: normal; vertical-align: bottom; }
table.compact th, table.compact td { padding-left: .4rem; padding-right: .4rem; }
table.compact th:first-child, table.compact td:first-child { padding-left: 0; }
table.settings th, table.settings td { font-style: normal; text-align: left; white-space: normal; }
.note { font-size: .92rem; color: var(--quiet); }
pre, code { font: .84rem/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
pre { background: var(--code); padding: .8rem 1rem; overflow-x: auto; border-radius: 3px; margin: 0 0 1rem; white-space: pre-wrap; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--hair); font-size: .85rem; color: var(--quiet); }
@media print {
  @page { margin: 18mm 16mm; }
  :root { --paper: #fff; --ink: #000; --quiet: #333; }
  :root { font-size: 12px; }
  body { font-size: 10pt; line-height: 1.45; }
  main { max-width: none; padding: 0; }
  h2 { margin-top: 1.6rem; }
  .scroll { overflow: visible; }
  table.compact { line-height: 1.1; }
  th, td { padding: .25rem .5rem; }
  figure, figcaption, table, pre, p, svg, .panels > * { break-inside: avoid; }
  figcaption { break-before: avoid; }
  h1, h2, p:has(+ pre) { break-after: avoid; }
  h1.chapter { break-before: page; border-top: 0; margin-top: 0; }
  table { font-size: .92em; }
  .scroll svg { min-width: 0; }
}
`;
