// Completes package-lock.json with the platform packages that npm left out.
//
// npm locks an optional dependency only when it could read it. Where a registry mirror lacks the binaries of other
// platforms, npm writes a lock file that `npm ci` then refuses, on every platform. What npm needs to know of such
// a package (its version, and where it fits) follows from its dependent's entry and from its own name.
//
//   node scripts/lockfile.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/** Where a package fits, as its name spells it (`@scope/tool-linux-arm64-musl`): npm's `os`, `cpu` and `libc`. */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }), ...(os && { os: [os] }) };
}

/** Whether the package in `folder` finds `name` in its own or in an enclosing node_modules. */
function isLocked(packages, folder, name) {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at && `${at}/`}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

/** The entries that `lock.packages` lacks, by key: one for each optional dependency on an exact version without one. */
export function missingEntries(lock) {
  const missing = {};
  for (const [folder, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!/^\d/.test(version) || isLocked(lock.packages, folder, name)) continue;
      const dev = entry.dev ? { dev: true } : {};
      missing[`node_modules/${name}`] = { version, ...platformOf(name), ...dev, optional: true };
    }
  }
  return missing;
}

const file = join(root, 'package-lock.json');

/** Adds the missing entries to package-lock.json and says so. */
export function completeLock() {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock);
  const count = Object.keys(missing).length;
  if (count === 0) return;
  const entries = Object.entries({ ...lock.packages, ...missing });
  lock.packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.error(
    `package-lock.json lacked ${count} packages of other platforms; they are added, please commit it.`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) completeLock();
