// Whether what was built still fits what it was built from, by content: clones and branch switches change times.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { root } from '../paths.mjs';

/** Files under `path` (itself a file or a folder, relative to `base`), sorted; folders named in `except` are left out. */
export function filesUnder(path, { base = root, except = [] } = {}) {
  const full = join(base, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => !(entry.isDirectory() && except.includes(entry.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesUnder(join(path, entry.name), { base, except }));
}

/** SHA-256 over the names and contents of the files under `paths`. */
export function hashOf(paths, { base = root, except = [] } = {}) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesUnder(path, { base, except })) {
      const content = readFileSync(join(base, file));
      hash.update(`${file.split(sep).join('/')}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/** What was noted at the last build; undefined when there was none. */
export function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Notes what a build was made from. */
export function writeStamp(file, stamp) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(stamp, null, 2)}\n`);
}
