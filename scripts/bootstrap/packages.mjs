// node_modules: fresh when it holds what package-lock.json names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeLock } from '../lockfile.mjs';
import { root } from '../paths.mjs';
import { npm, Problem } from '../run.mjs';

function readJson(...path) {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

/**
 * Whether node_modules lacks a locked package or holds another version of one, by npm's own record of what it
 * installed. Optional packages may be missing (other platforms), and further ones may be there.
 */
export function packagesAreStale(base = root) {
  let installed;
  try {
    installed = readJson(base, 'node_modules', '.package-lock.json').packages;
  } catch {
    return true;
  }
  return Object.entries(readJson(base, 'package-lock.json').packages).some(([folder, locked]) => {
    if (folder === '' || locked.link) return false;
    const found = installed[folder];
    if (found === undefined) return !(locked.optional || locked.devOptional);
    return found.version !== locked.version || (locked.integrity ?? found.integrity) !== found.integrity;
  });
}

/** Installs exactly what package-lock.json names, development dependencies included, running no package's scripts. */
export async function installPackages() {
  completeLock();
  const code = await npm([
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  if (code !== 0) throw new Problem(`Installing the npm packages failed (npm ci, exit code ${code}).`);
}
