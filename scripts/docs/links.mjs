// Links within a built site: every one must lead to a file, and to a place in it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, sep } from 'node:path';

const unescaped = (text) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');

/** What an HTML text refers to, and the places in it that can be referred to. */
export function referencesOf(html) {
  const ids = new Set();
  const links = new Set();
  for (const [tag] of html.matchAll(/<[a-z][^>]*>/gi)) {
    for (const [, name, value] of tag.matchAll(/\s(href|src|id)="([^"]*)"/gi))
      (name === 'id' ? ids : links).add(unescaped(value));
  }
  return { ids, links };
}

/**
 * The links of a site's pages that lead nowhere, each as `page -> link`. Links to other sites are not followed.
 *
 * @param folder the built site
 * @param base the path below which it is published
 */
export function deadLinks(folder, base = '/') {
  const pages = new Map();
  for (const name of readdirSync(folder, { recursive: true }))
    if (name.endsWith('.html'))
      pages.set(name.split(sep).join('/'), referencesOf(readFileSync(join(folder, name), 'utf8')));
  return [...pages].flatMap(([page, { links }]) =>
    [...links].filter((link) => isDead(link, page)).map((link) => `${page} -> ${link}`),
  );

  function isDead(link, page) {
    if (/^([a-z][a-z+.-]*:|\/\/)/i.test(link)) return false;
    const [path, anchor] = link.split('#', 2);
    const file = decodeURI(path.replace(/\?.*/, ''));
    if (file.startsWith('/') && !file.startsWith(base)) return true;
    const within = file.startsWith('/')
      ? file.slice(base.length)
      : file === ''
        ? page
        : posix.join(posix.dirname(page), file);
    const found = fileOf(within);
    if (found === undefined) return true;
    return Boolean(anchor) && pages.has(found) && !pages.get(found).ids.has(decodeURIComponent(anchor));
  }

  function fileOf(path) {
    const candidates = [path, posix.join(path, 'index.html'), `${path}.html`];
    return candidates.find((file) => existsSync(join(folder, file)) && statSync(join(folder, file)).isFile());
  }
}
