// Draws the pictures of docs/: node scripts/bootstrap.mjs scripts/pictures.mjs [name ...]
//
// What they show is computed by the library as they are drawn, and drawn by the report's plotting code.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './paths.mjs';
import { pictures } from './pictures/pictures.mjs';
import { svgOf } from './pictures/svg.mjs';
import { Problem, runMain } from './run.mjs';

const folder = join(root, 'docs', 'pictures');

runMain(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in pictures));
  if (unknown.length > 0) throw new Problem(`There is no picture named ${unknown.join(', ')}.`);
  for (const [name, draw] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const file = join(folder, `${name}.svg`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await svgOf(name, draw()));
    console.log(`docs/pictures/${name}.svg`);
  }
});
