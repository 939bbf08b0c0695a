import assert from 'node:assert';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { linkOf, pageOf, siteHref } from '../../docs/.vitepress/pages.mjs';
import { orderedLinks } from '../../docs/.vitepress/reading-order.mjs';
import { deadLinks } from '../../scripts/docs/links.mjs';
import { root } from '../../scripts/paths.mjs';

test('links of the repository lead to the pages of the site', () => {
  assert.strictEqual(siteHref('docs/faq.md', 'README.md'), '/faq');
  assert.strictEqual(siteHref('../README.md', 'docs/faq.md'), '/');
  assert.strictEqual(siteHref('../lab.md#what', 'docs/estimators/arms.md'), '/lab#what');
  assert.strictEqual(siteHref('../benches/README.md', 'docs/performance.md'), '/benches');
  assert.strictEqual(siteHref('playground/index.html', 'docs/choose.md'), '/playground/');
  assert.strictEqual(siteHref('https://arxiv.org/', 'README.md'), 'https://arxiv.org/');
  assert.strictEqual(siteHref('#there', 'README.md'), '#there');
  assert.strictEqual(siteHref('../Topic.md', 'target/site/api/a/b.md'), '/api/Topic');
  assert.strictEqual(siteHref('LICENSE', 'README.md'), null);
  assert.strictEqual(
    siteHref('../LICENSE', 'docs/a.md', 'https://x/blob/main'),
    'https://x/blob/main/LICENSE',
  );
});

test('the order of reading names every page once, and no other', () => {
  const documents = readdirSync(join(root, 'docs'), { recursive: true })
    .map((name) => join('docs', String(name)).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md'));
  const ofTheRoot = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'benches/README.md',
  ];
  const links = [...documents, ...ofTheRoot].map((file) => linkOf(pageOf(file)));
  assert.deepStrictEqual([...orderedLinks].sort(), links.sort());
});

test('links that lead nowhere are found, others are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  const write = (name, html) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), html);
  };
  try {
    write(
      'index.html',
      '<a href="/base/a.html#b&amp;c">x</a> <a href="/base/sub/">y</a> <a href="https://x.org/">z</a>',
    );
    write('a.html', '<h2 class="t" id="b&amp;c"></h2><img src="picture.svg"><a href="#b&amp;c">x</a>');
    write('sub/index.html', '<a href="../a">x</a> &lt;a href="/nowhere">');
    write('picture.svg', '<svg/>');
    assert.deepStrictEqual(deadLinks(folder, '/base/'), []);
    write('b.html', '<a href="#no">1</a><a href="/a.html">2</a><img src="no.svg"><a href="a.html#no">3</a>');
    assert.deepStrictEqual(deadLinks(folder, '/base/'), [
      'b.html -> #no',
      'b.html -> /a.html',
      'b.html -> no.svg',
      'b.html -> a.html#no',
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  assert.ok(!existsSync(folder));
});
