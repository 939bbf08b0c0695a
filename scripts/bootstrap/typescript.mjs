// dist: the TypeScript sources, compiled.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { npm, Problem } from '../run.mjs';
import { hashOf, readStamp, writeStamp } from './fingerprint.mjs';

const stampFile = join(root, 'target', 'bootstrap', 'typescript.json');
const dist = join(root, 'dist');

function inputs() {
  const compiler = join(root, 'node_modules', 'typescript', 'package.json');
  return {
    sources: hashOf(['ts', 'native.d.ts', 'tsconfig.json', 'tsconfig.build.json']),
    compiler: existsSync(compiler) ? JSON.parse(readFileSync(compiler, 'utf8')).version : undefined,
  };
}

/** Whether dist is missing or was compiled from other sources. */
export function typescriptIsStale() {
  const built = readStamp(stampFile);
  const now = inputs();
  return (
    !existsSync(join(dist, 'index.js')) || now.sources !== built?.sources || now.compiler !== built?.compiler
  );
}

/** Compiles ts into an empty dist, so that no module outlives its source. */
export async function compileTypescript() {
  const now = inputs();
  rmSync(dist, { recursive: true, force: true });
  const code = await npm(['run', 'build:ts', '--loglevel=error']);
  if (code !== 0) throw new Problem(`Compiling the TypeScript sources failed (exit code ${code}).`);
  writeStamp(stampFile, now);
}
