// The site: API reference, pages, the playground, and a check of every link within it, into target/site/html.
//
//   node scripts/docs.mjs            builds it, then serves it at a loopback address
//   node scripts/docs.mjs build      builds and checks it
//   node scripts/docs.mjs edit       serves the pages as they are edited
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, packagesAreStale } from './bootstrap/packages.mjs';
import { makeWasm, withoutTarget } from './browser/build.mjs';
import { deadLinks } from './docs/links.mjs';
import { root } from './paths.mjs';
import { Problem, run, runMain, timed } from './run.mjs';

const site = join(root, 'target', 'site');
const base = process.env.GITHUB_REPOSITORY ? `/${process.env.GITHUB_REPOSITORY.split('/')[1]}/` : '/';

/** Runs the program of a development dependency. @throws Problem if it fails */
async function tool(file, ...args) {
  const code = await run(process.execPath, [join(root, 'node_modules', file), ...args]);
  if (code !== 0) throw new Problem(`${file} failed (exit code ${code}).`);
}

const vitepress = (command, ...args) => tool('vitepress/bin/vitepress.js', command, 'docs', ...args);

async function writeApi() {
  rmSync(join(site, 'api'), { recursive: true, force: true });
  await tool('typedoc/bin/typedoc', '--options', 'docs/.vitepress/typedoc.json', '--logLevel', 'Warn');
}

/** The playground, or, where there is no WebAssembly, a page that says so. */
async function writePlayground() {
  const folder = join(site, 'html', 'playground');
  if (await makeWasm()) {
    const { bundlePlayground } = await import('./browser/bundle.mjs');
    return bundlePlayground(folder);
  }
  console.error(`The site is without its playground: ${withoutTarget}`);
  mkdirSync(folder, { recursive: true });
  const text = 'This build of the site is without its playground, for want of the compiler for WebAssembly.';
  writeFileSync(join(folder, 'index.html'), `<!doctype html><title>Playground</title><p>${text}</p>\n`);
}

function checkLinks() {
  const dead = deadLinks(join(site, 'html'), base);
  if (dead.length > 0) throw new Problem(`Links that lead nowhere:\n${dead.join('\n')}`);
}

runMain(async () => {
  const [mode = 'serve', ...rest] = process.argv.slice(2);
  if (!['serve', 'build', 'edit'].includes(mode) || rest.length > 0)
    throw new Problem('Usage: node scripts/docs.mjs [build | edit]');
  if (packagesAreStale()) await timed('Installing the npm packages', installPackages);
  await timed('Writing the API reference', writeApi);
  if (mode === 'edit') return vitepress('dev', '--host', '127.0.0.1');
  await timed('Building the pages', () => vitepress('build'));
  await timed('Making the playground', writePlayground);
  await timed('Checking the links', checkLinks);
  if (mode === 'serve') await vitepress('preview', '--host', '127.0.0.1');
});
