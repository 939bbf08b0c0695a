import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';

// Shell scripts.
const options = { skip: process.platform === 'win32' };
const read = (file) => readFileSync(join(root, file), 'utf8');

function folderOf(context) {
  const folder = mkdtempSync(join(tmpdir(), 'sst-release-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test(
  'publishing goes on where it broke off: what is there is left alone, the library comes last',
  options,
  (context) => {
    const folder = folderOf(context);
    cpSync(join(root, 'scripts', 'publish.sh'), join(folder, 'scripts', 'publish.sh'));
    const manifest = (name) => JSON.stringify({ name, version: '1.2.3' });
    writeFileSync(join(folder, 'package.json'), manifest('library'));
    for (const platform of ['a', 'b', 'c']) {
      mkdirSync(join(folder, 'npm', platform), { recursive: true });
      writeFileSync(join(folder, 'npm', platform, 'package.json'), manifest(`@scope/binding-${platform}`));
    }
    const tools = join(folder, 'tools');
    mkdirSync(tools);
    // A registry in a file; it refuses what the file `refused` names.
    writeFileSync(
      join(tools, 'npm'),
      `#!/bin/sh
case $1 in
view) grep -qxF "$2" published ;;
publish) name=$(sed 's/.*"name":"\\([^"]*\\)".*/\\1/' "$2/package.json")
  if grep -qsxF "$name" refused; then echo "403 $name" >&2; exit 1; fi
  echo "$name@1.2.3" >> published ;;
esac
`,
    );
    chmodSync(join(tools, 'npm'), 0o755);
    const env = { ...process.env, PATH: [tools, process.env.PATH].join(delimiter) };
    const publish = () =>
      spawnSync('bash', [join(folder, 'scripts', 'publish.sh')], { cwd: folder, env, encoding: 'utf8' });
    writeFileSync(join(folder, 'published'), '');
    writeFileSync(join(folder, 'refused'), '@scope/binding-b\n');
    assert.notStrictEqual(publish().status, 0);
    const published = () => readFileSync(join(folder, 'published'), 'utf8').trim().split('\n');
    assert.deepStrictEqual(published(), ['@scope/binding-a@1.2.3']);
    writeFileSync(join(folder, 'refused'), '');
    const { status, stdout, stderr } = publish();
    assert.strictEqual(status, 0, stderr);
    assert.match(stdout, /@scope\/binding-a@1\.2\.3 is already published/);
    const all = [
      '@scope/binding-a@1.2.3',
      '@scope/binding-b@1.2.3',
      '@scope/binding-c@1.2.3',
      'library@1.2.3',
    ];
    assert.deepStrictEqual(published(), all);
  },
);

test('a Windows addon that needs the Visual C++ runtime is refused', options, (context) => {
  const file = join(folderOf(context), 'addon.node');
  const check = (content) => {
    writeFileSync(file, content);
    return spawnSync('bash', [join(root, 'scripts', 'check-libc.sh'), 'x86_64-pc-windows-msvc', file]).status;
  };
  assert.strictEqual(check('MZ\0KERNEL32.dll\0ntdll.dll\0'), 0);
  for (const name of [
    'VCRUNTIME140.dll',
    'VCRUNTIME140_1.dll',
    'MSVCP140.dll',
    'api-ms-win-crt-heap-l1-1-0.dll',
  ])
    assert.strictEqual(check(`MZ\0KERNEL32.dll\0${name}\0`), 1, name);
});

test('what is published is built by a compiler that Cargo.toml names, and checked on every target', () => {
  assert.match(read('Cargo.toml'), /^published-with = "1\.\d+\.\d+"$/m);
  const binaries = read('.github/workflows/binaries.yml');
  assert.match(binaries, /published-with/);
  assert.doesNotMatch(binaries, /toolchain install stable/);
  const { napi } = JSON.parse(read('package.json'));
  for (const target of napi.targets) assert.ok(binaries.includes(`target: ${target},`), target);
});

test('platform packages stand under a scope, which the loader looks in', () => {
  const { name, napi } = JSON.parse(read('package.json'));
  assert.match(napi.packageName, new RegExp(`^@${name}/`));
  assert.ok(read('ts/native/native-loader.ts').includes(`'${napi.packageName}'`));
});
