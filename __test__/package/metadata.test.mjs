import assert from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockedCrates } from '../../scripts/licences.mjs';
import { missingEntries, platformOf } from '../../scripts/lockfile.mjs';
import { root } from '../../scripts/paths.mjs';

const read = (file) => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));

/** The value of `key` in the section `[section]` of a TOML text. */
function tomlString(text, section, key) {
  const body = text.split(/^\[/m).find((part) => part.startsWith(`${section}]`)) ?? '';
  return body.match(new RegExp(`^${key} *= *"(.*)"`, 'm'))?.[1];
}

/** The strings of the list `key = [...]` in a TOML text. */
function tomlArray(text, key) {
  return [...text.match(new RegExp(`^${key} *= *\\[([^\\]]*)\\]`, 'm'))[1].matchAll(/"([^"]*)"/g)].map(
    ([, item]) => item,
  );
}

test('the versions of the npm package and of the crates are equal', () => {
  const cargo = read('Cargo.toml');
  assert.match(manifest.version, /^\d+\.\d+\.\d+/);
  assert.strictEqual(tomlString(cargo, 'workspace.package', 'version'), manifest.version);
  assert.strictEqual(lock.version, manifest.version);
  assert.strictEqual(lock.packages[''].version, manifest.version);
  const locked = read('Cargo.lock').split('[[package]]');
  const own = locked.filter(
    (entry) => /^name = "stochastic-softmax-tricks/m.test(entry) && !/^source/m.test(entry),
  );
  assert.ok(own.length >= 2);
  for (const entry of own) assert.match(entry, new RegExp(`^version = "${manifest.version}"`, 'm'));
});

test('the citation and the badges tell the truth', () => {
  assert.match(
    read('CITATION.cff'),
    new RegExp(`^version: ${manifest.version.replaceAll('.', '\\.')}$`, 'm'),
  );
  assert.match(read('CITATION.cff'), new RegExp(`^license: ${manifest.license}$`, 'm'));
  const badges = [...read('README.md').matchAll(/badge\/([^-]+)-([^-]+)-/g)].map(([, name, value]) => [
    decodeURIComponent(name),
    decodeURIComponent(value),
  ]);
  assert.deepStrictEqual(badges, [
    ['license', manifest.license],
    ['node', manifest.engines.node],
    ['rust', `>=${tomlString(read('Cargo.toml'), 'workspace.package', 'rust-version')}`],
  ]);
});

test('what is tagged with a version came with one that the changelog has', () => {
  const known = [...read('CHANGELOG.md').matchAll(/^## \[(\d+\.\d+\.\d+)\]/gm)].map(([, version]) => version);
  const tags = readdirSync(join(root, 'ts'), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => unknownVersions(file, read(join('ts', file)), [...known, manifest.version]));
  assert.deepStrictEqual(tags, []);
  assert.deepStrictEqual(unknownVersions('a.ts', '@since 0.2.0\n @since 0.1.0 \n@since soon', ['0.1.0']), [
    'a.ts: @since 0.2.0',
    'a.ts: @since soon',
  ]);
});

/** The tags of a text whose version is not among these. */
function unknownVersions(file, text, versions) {
  return [...text.matchAll(/@since\s+(\S+)/g)]
    .filter(([, version]) => !versions.includes(version))
    .map(([, version]) => `${file}: @since ${version}`);
}

test('workflows name the actions of others by their commit, and say which version that is', () => {
  const folder = '.github/workflows';
  const used = readdirSync(join(root, folder)).flatMap((file) =>
    [...read(join(folder, file)).matchAll(/uses: (.*)/g)].map(([, action]) => action),
  );
  assert.ok(used.length > 10);
  for (const action of used) assert.match(action, /^\.\/|@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('the crates depend on each other in the version they have', () => {
  for (const member of tomlArray(read('Cargo.toml'), 'members')) {
    for (const [, version] of read(`${member}/Cargo.toml`).matchAll(/version = "([^"]*)", path =/g)) {
      assert.strictEqual(version, manifest.version, member);
    }
  }
});

test('package-lock.json fits package.json and names the packages of every platform', () => {
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
    assert.deepStrictEqual(lock.packages[''][kind], manifest[kind], kind);
  }
  assert.deepStrictEqual(missingEntries(lock), {});
});

test('THIRD-PARTY-LICENSES names every crate of Cargo.lock (node scripts/licences.mjs writes it)', () => {
  const [linked, others] = read('THIRD-PARTY-LICENSES').split('\nNo binary contains');
  const named = [
    ...[...linked.matchAll(/^(\S+ \d\S*): ./gm)].map(([, crate]) => crate),
    ...others
      .split('-----')[0]
      .split('\n')
      .filter((line) => /^\S+ \d\S*$/.test(line)),
  ];
  assert.deepStrictEqual(named.sort(), lockedCrates(read('Cargo.lock')));
});

test('platforms are read from the names of packages', () => {
  assert.deepStrictEqual(platformOf('@a/b-linux-arm64-musl'), {
    cpu: ['arm64'],
    libc: ['musl'],
    os: ['linux'],
  });
  assert.deepStrictEqual(platformOf('b-linux-x64-gnu'), { cpu: ['x64'], libc: ['glibc'], os: ['linux'] });
  assert.deepStrictEqual(platformOf('@a/b-win32-x64-msvc'), { cpu: ['x64'], os: ['win32'] });
  assert.deepStrictEqual(platformOf('@a/b-linux-arm-gnueabihf'), { cpu: ['arm'], os: ['linux'] });
  assert.deepStrictEqual(platformOf('b-wasm32-wasi'), { cpu: ['wasm32'] });
});

test('a missing platform package is found, and one that is nested is not missing', () => {
  const packages = {
    'node_modules/a': {
      dev: true,
      optionalDependencies: { 'a-darwin-x64': '1.0.0', 'a-linux-x64': '1.0.0' },
    },
    'node_modules/a/node_modules/a-linux-x64': { version: '1.0.0' },
  };
  assert.deepStrictEqual(missingEntries({ packages }), {
    'node_modules/a-darwin-x64': {
      version: '1.0.0',
      cpu: ['x64'],
      os: ['darwin'],
      dev: true,
      optional: true,
    },
  });
});

test('every entry of the package exists once it is built, and is published', () => {
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  for (const file of [manifest.main, manifest.types, ...Object.values(manifest.bin), ...entries]) {
    const path = file.replace(/^\.\//, '');
    assert.ok(existsSync(join(root, path)), `${path} is missing`);
    assert.ok(
      manifest.files.includes(path.split('/')[0]) || path === 'package.json',
      `${path} is not published`,
    );
  }
});
