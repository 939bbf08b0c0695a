// Which Markdown files are pages, and at which address. The files stay where a reader of the repository expects them.
import { posix } from 'node:path';

/** Where typedoc writes the API reference, as seen from the repository's root. */
export const apiFolder = 'target/site/api';

const ofTheRoot = {
  'README.md': 'index.md',
  'ARCHITECTURE.md': 'architecture.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'COMPARE.md': 'compare.md',
  'SECURITY.md': 'security.md',
  'benches/README.md': 'benches.md',
};

/** The playground's page, which is no Markdown: it is made beside the others. */
export const playground = { file: 'docs/playground/index.html', link: '/playground/' };

/** The page of a Markdown file of the repository; undefined if the site has none. */
export function pageOf(file) {
  if (file in ofTheRoot) return ofTheRoot[file];
  for (const [folder, prefix] of [
    [`${apiFolder}/`, 'api/'],
    ['docs/', ''],
  ])
    if (file.startsWith(folder)) return `${prefix}${file.slice(folder.length)}`;
  return undefined;
}

/** The link of a page's address: without its ending, and of an index its folder. */
export const linkOf = (page) => `/${page.replace(/\.md$/, '').replace(/(^|\/)index$/, '$1')}`;

/**
 * Where a link of a Markdown file leads on the site. Links are written for the repository, where files lie elsewhere:
 * one to a page becomes the page's, one to another file that file's in the repository. Others are left alone.
 *
 * @param repository the address of the repository's files, if it is known
 * @returns null for a file without a page, if the repository's address is not known
 */
export function siteHref(href, file, repository) {
  if (/^([a-z][a-z+.-]*:|\/\/|\/|#)/i.test(href)) return href;
  const [path, anchor] = href.split('#', 2);
  const target = posix.normalize(posix.join(posix.dirname(file), decodeURI(path)));
  if (target === playground.file) return playground.link;
  const page = pageOf(target);
  const suffix = anchor === undefined ? '' : `#${anchor}`;
  if (page !== undefined) return `${linkOf(page)}${suffix}`;
  if (repository === undefined) return null;
  return `${repository}/${target}${suffix}`;
}
