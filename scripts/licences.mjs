// Writes THIRD-PARTY-LICENSES, the licences of the crates that are linked into the addon: node scripts/licences.mjs
//
// Needs cargo, and the crates' sources, which it reads the texts from. Run it when Cargo.lock changes; a test compares.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { Problem, runMain } from './run.mjs';

const addon = 'stochastic-softmax-tricks-node';
const file = join(root, 'THIRD-PARTY-LICENSES');

function cargo(...args) {
  const { status, stdout, stderr } = spawnSync('cargo', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Problem(`cargo ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

/** The crates of Cargo.lock that come from elsewhere, as `name version`. */
export function lockedCrates(lock) {
  return lock
    .split('[[package]]')
    .filter((entry) => /^source = /m.test(entry))
    .map((entry) => `${/^name = "(.*)"/m.exec(entry)[1]} ${/^version = "(.*)"/m.exec(entry)[1]}`)
    .sort();
}

/** The crates that are part of the binary on some platform, as `name version`. */
function linkedCrates() {
  const tree = cargo(
    'tree',
    '--locked',
    '-p',
    addon,
    '-e',
    'normal',
    '--target',
    'all',
    '--prefix',
    'none',
    '-f',
    '{p}',
  );
  const crates = tree.split('\n').map((line) => /^(\S+) v(\S+)/.exec(line));
  return new Set(crates.filter(Boolean).map(([, name, version]) => `${name} ${version}`));
}

/** The texts of a crate's licences: of MIT alone where that may be chosen. */
function textsOf(folder, license) {
  const all = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name));
  const mit = all.filter((name) => /mit/i.test(name));
  const names = /\bMIT\b/.test(license) && mit.length > 0 ? mit : all;
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
}

runMain(() => {
  if (import.meta.url !== pathToFileURL(process.argv[1] ?? '').href) return;
  const { packages } = JSON.parse(cargo('metadata', '--locked', '--format-version', '1'));
  const linked = linkedCrates();
  const all = lockedCrates(readFileSync(join(root, 'Cargo.lock'), 'utf8'));
  const byText = new Map();
  const lines = [];
  for (const crate of all.filter((name) => linked.has(name))) {
    const [name, version] = crate.split(' ');
    const { license, manifest_path } = packages.find((p) => p.name === name && p.version === version);
    lines.push(`${crate}: ${license}`);
    for (const text of textsOf(dirname(manifest_path), license))
      byText.set(text, [...(byText.get(text) ?? []), crate]);
  }
  const texts = [...byText].map(([text, crates]) => `${'-'.repeat(78)}\n${crates.join(', ')}\n\n${text}\n`);
  const others = all.filter((name) => !linked.has(name));
  writeFileSync(
    file,
    `The binaries of stochastic-softmax-tricks contain these crates:\n\n${lines.join('\n')}\n\nNo binary contains these, which build and test it:\n\n${others.join('\n')}\n\n${texts.join('\n')}`,
  );
});
