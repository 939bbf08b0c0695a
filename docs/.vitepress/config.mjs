// The site: docs/, the Markdown of the repository's root, and the API reference (npm run docs).
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { apiFolder, linkOf, pageOf, playground, siteHref } from './pages.mjs';
import { orderedLinks, readingOrder } from './reading-order.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const posixPath = (file) => file.split(sep).join('/');

// GitHub's workflow says where the repository is, and pages are published below its name.
const { GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server = 'https://github.com' } = process.env;
const files = repository && `${server}/${repository}/blob/main`;
const apiSidebar = join(root, apiFolder, 'typedoc-sidebar.json');

/** Leads the links of a Markdown file, which are written for the repository, to the pages of the site. */
function repositoryLinks(md) {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const file = posixPath(relative(root, env.realPath ?? env.path));
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type !== 'link_open') continue;
      const href = siteHref(token.attrGet('href'), file, files);
      // No page that the site's script could show in the place of this one.
      if (href === playground.link) token.attrSet('target', '_self');
      if (href !== null) token.attrSet('href', href);
      else token.attrs = [['title', `${token.attrGet('href')} in the repository`]];
    }
  });
}

/** The entries of the package with what each exports; none before the reference is written. */
function apiItems() {
  if (!existsSync(apiSidebar)) return [];
  const entries = JSON.parse(readFileSync(apiSidebar, 'utf8'));
  const main = ({ text }) => (text === 'index' ? 0 : 1);
  return entries
    .sort((a, b) => main(a) - main(b))
    .map((entry) => ({
      ...entry,
      text: entry.text === 'index' ? 'stochastic-softmax-tricks' : `…/${entry.text}`,
    }));
}

export default defineConfig({
  srcDir: '..',
  outDir: join(root, 'target', 'site', 'html'),
  cacheDir: join(root, 'target', 'site', 'cache'),
  srcExclude: [
    '!(docs|benches|target|*.md)/**',
    'target/!(site)/**',
    'target/site/!(api)/**',
    'benches/*/**',
  ],
  rewrites: (file) => pageOf(file) ?? file,
  base: repository ? `/${repository.split('/')[1]}/` : '/',
  cleanUrls: false,
  ignoreDeadLinks: [playground.link],
  lang: 'en',
  title: 'stochastic-softmax-tricks',
  description: 'Structured, differentiable random choices for Node, with exact gradients',
  markdown: {
    math: true,
    config: repositoryLinks,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
  },
  vite: {
    publicDir: false,
    logLevel: 'warn',
    build: { reportCompressedSize: false, chunkSizeWarningLimit: 4096 },
  },
  themeConfig: {
    nav: [
      { text: 'Choose', link: '/choose' },
      { text: 'Playground', link: playground.link, target: '_self' },
      { text: 'API', link: '/api/' },
      { text: 'Compare', link: '/compare' },
    ],
    sidebar: [
      ...readingOrder,
      { text: 'API', link: '/api/', collapsed: true, items: apiItems() },
      { text: 'Compare', link: '/compare' },
    ],
    outline: [2, 3],
    search: { provider: 'local' },
    ...(repository && {
      socialLinks: [{ icon: 'github', link: `${server}/${repository}` }],
    }),
    footer: { message: 'MIT licence' },
  },
  buildEnd({ pages }) {
    const links = pages
      .map((file) => linkOf(pageOf(file) ?? file))
      .filter((link) => !link.startsWith('/api/'));
    const known = new Set([...orderedLinks, '/compare']);
    const missing = links.filter((link) => !known.has(link));
    if (missing.length > 0)
      throw new Error(`Not in docs/.vitepress/reading-order.mjs: ${missing.join(', ')}`);
  },
});
