// The playground as a folder of static files: the page, the library in one script, and the WebAssembly.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
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
  await build({
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
