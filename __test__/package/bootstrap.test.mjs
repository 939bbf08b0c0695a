import assert from 'node:assert';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exclusively } from '../../scripts/bootstrap/mutex.mjs';
import { packagesAreStale } from '../../scripts/bootstrap/packages.mjs';
import { makeCheckout } from './checkout.mjs';

// The small checkout puts shell scripts on its PATH.
const options = { skip: process.platform === 'win32' };

function temporaryFolder(context) {
  const folder = mkdtempSync(join(tmpdir(), 'sst-bootstrap-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('the first start builds, the second does not, and arguments go through', options, async (context) => {
  const checkout = makeCheckout(context);
  checkout.setRust('1.90.0');
  const first = await checkout.start('--steps', '3');
  assert.strictEqual(first.code, 0, first.stderr);
  assert.match(first.stdout, /^hello --steps 3$/m);
  assert.deepStrictEqual(checkout.takeLog(), ['native', 'typescript']);
  const second = await checkout.start();
  assert.deepStrictEqual(second, { code: 0, stdout: 'hello\n', stderr: '' });
  assert.deepStrictEqual(checkout.takeLog(), []);
});

test('what changed is built again, and nothing else', options, async (context) => {
  const checkout = makeCheckout(context);
  checkout.setRust('1.90.0');
  await checkout.start();
  checkout.takeLog();
  const after = async (change) => {
    change();
    await checkout.start();
    return checkout.takeLog();
  };
  assert.deepStrictEqual(await after(() => checkout.write('crates/core/src/lib.rs', '// new')), ['native']);
  assert.deepStrictEqual(await after(() => checkout.write('crates/core/tests/laws.rs', '// new')), []);
  assert.deepStrictEqual(await after(() => checkout.write('ts/index.ts', '// new')), ['typescript']);
  assert.deepStrictEqual(await after(() => checkout.write('ts/new.ts', '//')), ['typescript']);
  assert.deepStrictEqual(await after(() => checkout.setRust('1.91.0')), ['native']);
  assert.deepStrictEqual(await after(() => checkout.setRust(undefined)), []);
  const newCli = () => checkout.write('node_modules/@napi-rs/cli/package.json', '{"version":"2.0.0"}');
  checkout.setRust('1.91.0');
  assert.deepStrictEqual(await after(newCli), ['native']);
});

test('without Rust one sentence says what to do', options, async (context) => {
  const checkout = makeCheckout(context);
  const { code, stdout, stderr } = await checkout.start();
  assert.strictEqual(code, 1);
  assert.strictEqual(stdout, '');
  assert.match(stderr, /Rust is not installed: get it from https:\/\/rustup\.rs, or .*prebuilt binary\.$/m);
  assert.doesNotMatch(stderr, /\n\s+at /);
  assert.deepStrictEqual(checkout.takeLog(), []);
});

test(
  'without Rust a prebuilt package of the same version does, once and for all',
  options,
  async (context) => {
    const checkout = makeCheckout(context);
    checkout.addPrebuilt('1.2.2');
    assert.strictEqual((await checkout.start()).code, 1);
    checkout.addPrebuilt('1.2.3');
    const { code, stderr } = await checkout.start();
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(checkout.read('native.js'), 'prebuilt');
    assert.deepStrictEqual(checkout.takeLog(), ['typescript']);
    assert.deepStrictEqual(await checkout.start(), { code: 0, stdout: 'hello\n', stderr: '' });
  },
);

test('two first starts at once build once', options, async (context) => {
  const checkout = makeCheckout(context);
  checkout.setRust('1.90.0');
  const results = await Promise.all([checkout.start(), checkout.start(), checkout.start()]);
  for (const { code, stderr } of results) assert.strictEqual(code, 0, stderr);
  assert.deepStrictEqual(checkout.takeLog(), ['native', 'typescript']);
});

test('a build that fails stops the start with its exit code named', options, async (context) => {
  const checkout = makeCheckout(context);
  checkout.setRust('1.90.0');
  checkout.write('build-typescript.cjs', 'process.exit(2)');
  const { code, stderr } = await checkout.start();
  assert.strictEqual(code, 1);
  assert.match(stderr, /Compiling the TypeScript sources failed/);
});

test('a lock left by a process that is gone is taken over; a live one is waited for', async (context) => {
  const lock = join(temporaryFolder(context), 'lock');
  writeFileSync(lock, '999999999');
  assert.strictEqual(await exclusively(lock, () => 'done'), 'done');
  assert.ok(!existsSync(lock));

  const order = [];
  const slow = exclusively(lock, async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push('first');
  });
  const waiting = exclusively(lock, () => order.push('second'), {
    pause: 5,
    onWait: () => order.push('waits'),
  });
  await Promise.all([slow, waiting]);
  assert.deepStrictEqual(order, ['waits', 'first', 'second']);
});

test('packages are stale when one that is locked is missing or another', options, (context) => {
  const base = makeCheckout(context);
  const stale = (locked, installed) => {
    base.write('package-lock.json', JSON.stringify({ packages: { '': {}, ...locked } }));
    base.write('node_modules/.package-lock.json', JSON.stringify({ packages: installed }));
    return packagesAreStale(base.base);
  };
  const a = { version: '1.0.0', integrity: 'sha512-a' };
  assert.ok(!stale({ 'node_modules/a': a }, { 'node_modules/a': a }));
  assert.ok(!stale({ 'node_modules/a': a }, { 'node_modules/a': a, 'node_modules/extra': a }));
  assert.ok(!stale({ 'node_modules/a': { ...a, optional: true } }, {}));
  assert.ok(!stale({ 'node_modules/a': { version: '1.0.0' } }, { 'node_modules/a': a }));
  assert.ok(stale({ 'node_modules/a': a }, {}));
  assert.ok(stale({ 'node_modules/a': a }, { 'node_modules/a': { ...a, version: '1.0.1' } }));
  assert.ok(stale({ 'node_modules/a': a }, { 'node_modules/a': { ...a, integrity: 'sha512-b' } }));
  rmSync(join(base.base, 'node_modules'), { recursive: true });
  assert.ok(packagesAreStale(base.base));
});
