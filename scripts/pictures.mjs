// Draws the pictures of docs/: node scripts/bootstrap.mjs scripts/pictures.mjs [name ...]
//
// What they show is computed by the library as they are drawn, and drawn by the report's plotting code.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { pictures } from './pictures/pictures.mjs';
import { Problem, runMain } from './run.mjs';

const { renderSvg } = createRequire(import.meta.url)(
  join(root, 'dist', 'experiments', 'report', 'render.js'),
);
const folder = join(root, 'docs', 'pictures');

runMain(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in pictures));
  if (unknown.length > 0) throw new Problem(`There is no picture named ${unknown.join(', ')}.`);
  mkdirSync(folder, { recursive: true });
  for (const [name, draw] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const { title, description, spec } = draw();
    const figure = { name, title, description, spec: { background: '#ffffff', padding: 8, ...spec } };
    writeFileSync(join(folder, `${name}.svg`), `${await renderSvg(figure)}\n`);
    console.log(`docs/pictures/${name}.svg`);
  }
});
