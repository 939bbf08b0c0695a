// The playground as a folder of static files: the page, the library in one script, and the WebAssembly.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../paths.mjs';
import { wasm } from './build.mjs';

const page = join(root, 'docs', 'playground');
const here = join(root, 'scripts', 'browser');

/** Writes the playground into a folder, which is emptied first. The WebAssembly must have been made. */
export async function bundlePlayground(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ['index.html', 'playground.css']) copyFileSync(join(page, file), join(folder, file));
  copyFileSync(wasm.module, join(folder, 'library.wasm'));
  const { metafile } = await build({
    metafile: true,
    entryPoints: [join(page, 'playground.mjs')],
    outfile: join(folder, 'playground.mjs'),
    bundle: true,
    minify: true,
    keepNames: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    define: { 'process.stdout': '{}' },
    plugins: [inBrowsers],
  });
  writeFileSync(join(folder, 'licences.txt'), licencesOf(Object.keys(metafile.inputs)));
}

/** The licences of what the folder contains: of the crates, and of the packages that these files are of. */
function licencesOf(files) {
  const names = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  const packages = [...new Set(names)].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const text = ['LICENSE', 'LICENSE.txt', 'LICENSE.md'].map((file) => join(folder, file)).find(existsSync);
    return `${name} ${version}: ${license}\n\n${text ? readFileSync(text, 'utf8') : ''}`;
  });
  const own = readFileSync(join(root, 'LICENSE'), 'utf8');
  return [own, readFileSync(join(root, 'THIRD-PARTY-LICENSES'), 'utf8'), ...packages].join('\n-----\n\n');
}

/** What a browser does not have, by the way it is imported, and the library from its sources. */
const substitutes = [
  [/^node:util$/, join(here, 'util.mjs')],
  [/^node:worker_threads$/, join(here, 'worker-threads.mjs')],
  [/[\\/]native\.js$/, join(here, 'holder.cjs')],
  [/[\\/]dist[\\/]index\.js$/, join(root, 'ts', 'index.ts')],
];

const inBrowsers = {
  name: 'in browsers',
  setup({ onResolve }) {
    for (const [filter, path] of substitutes) onResolve({ filter }, () => ({ path }));
  },
};
