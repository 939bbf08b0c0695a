// What the tests of the packed package share: a folder outside the repository, and running things in it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exclusively } from '../../scripts/bootstrap/mutex.mjs';
import { root } from '../../scripts/paths.mjs';
import { platformSuffix } from '../../scripts/platform.mjs';
import { npmCommand, Problem } from '../../scripts/run.mjs';

/** Where everything of this process goes; it is the caller's to remove. */
export const folder = mkdtempSync(join(tmpdir(), 'sst-package-'));

/** Runs a program to its end and gives its output; `status` and `stderr` are on the error when it fails. */
export function execute(command, args, options = {}) {
  const pipes = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 };
  return execFileSync(command, args, { cwd: folder, ...pipes, ...options });
}

export function npm(args, options) {
  const { command, prefix, shell } = npmCommand();
  return execute(command, [...prefix, ...args], { shell, ...options });
}

/** Packs the package in `source`: its tarball and the paths of the files in it. */
function pack(source) {
  const out = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: source });
  const [{ filename, files }] = JSON.parse(out);
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

/** Packs the library and this platform's binary, one process at a time: the packages of the platforms are in one folder. */
export function packAll() {
  return exclusively(join(root, 'target', 'packing'), () => {
    execute(process.execPath, [join(root, 'scripts', 'platform-packages.mjs')], { cwd: root });
    return { library: pack(root), binary: pack(join(root, 'npm', platformSuffix())) };
  });
}

/** Does one check and says how it went. The first one that fails ends the test. */
export async function step(title, work) {
  const started = performance.now();
  try {
    const result = await work();
    console.log(`passed  ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    const output = [error.stdout, error.stderr].filter(Boolean).join('\n');
    throw new Problem(`FAILED  ${title}\n${output || error.stack}`);
  }
}
