import assert from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { pictures } from '../../scripts/pictures/pictures.mjs';
import { svgOf } from '../../scripts/pictures/svg.mjs';

const folder = join(root, 'docs', 'pictures');
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

for (const [name, draw] of Object.entries(pictures))
  test(`docs/pictures/${name}.svg shows what the library computes (node scripts/pictures.mjs ${name})`, async () => {
    const drawn = await svgOf(name, draw());
    // A message of its own: nobody reads the difference of two lines of 20,000 letters.
    assert.ok(
      drawn === read('docs', 'pictures', `${name}.svg`),
      'the picture has changed: draw it, look at it',
    );
  });

test('there are no other pictures', () => {
  const files = readdirSync(folder, { recursive: true })
    .map((file) => String(file).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.svg'));
  assert.deepStrictEqual(
    files.sort(),
    Object.keys(pictures)
      .map((name) => `${name}.svg`)
      .sort(),
  );
});

test('the gallery has every relaxation of every structure', () => {
  // What is one's own has no picture.
  const files = readdirSync(join(root, 'ts', 'structures'), { recursive: true })
    .map(String)
    .filter(
      (file) =>
        file.endsWith('.ts') && !/(custom-structure|-trick|[\\/]derivations|[\\/]index)\.ts$/.test(file),
    );
  const relaxationsOf = (code) => /^const relaxations = \[([^\]]*)\]/m.exec(code)?.[1] ?? '';
  const ofForests = relaxationsOf(read('ts', 'structures', 'derivations', 'forest-trick.ts'));
  const all = files.flatMap((file) => {
    const code = read('ts', 'structures', file);
    const factory = /^export function (\w+)/m.exec(code)?.[1];
    if (factory === undefined) return [];
    const list = /\bforestTrick\(/.test(code) ? ofForests : relaxationsOf(code);
    const relaxations = [...list.matchAll(/'([^']*)'/g)].map(([, relaxation]) => `${factory}-${relaxation}`);
    return relaxations.length > 0 ? relaxations : [factory];
  });
  assert.ok(all.length >= 43);
  const drawn = Object.keys(pictures).filter((name) => name.startsWith('gallery/'));
  assert.deepStrictEqual(drawn.sort(), all.map((name) => `gallery/${name}`).sort());
  const page = read('docs', 'gallery.md');
  for (const name of drawn) assert.ok(page.includes(`(pictures/${name}.svg)`), name);
});
