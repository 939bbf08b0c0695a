import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  currentHost,
  explainLoadFailure,
  type Host,
  loadNative,
  platformSuffix,
  prebuiltPlatforms,
} from '../ts/native/native-loader';

const glibc: Host = { platform: 'linux', arch: 'x64', libc: 'glibc 2.36', node: 'v20.0.0' };
const musl: Host = { ...glibc, libc: 'musl' };

/** An error as napi's generated loader throws it: every attempt is the cause of the one after it. */
function loaderError(...attempts: string[]): Error {
  const chain = attempts.reduce<Error | undefined>(
    (cause, message) => new Error(message, { cause }),
    undefined,
  );
  return new Error('Cannot find native binding.', { cause: chain });
}

const absent =
  "Cannot find module './stochastic-softmax-tricks.linux-x64-gnu.node'\nRequire stack:\n- /a/native.js";

test('platforms are named as napi names their packages', () => {
  expect(platformSuffix(glibc)).toBe('linux-x64-gnu');
  expect(platformSuffix(musl)).toBe('linux-x64-musl');
  expect(platformSuffix({ platform: 'darwin', arch: 'arm64', libc: undefined, node: '' })).toBe(
    'darwin-arm64',
  );
  expect(platformSuffix({ platform: 'win32', arch: 'x64', libc: undefined, node: '' })).toBe(
    'win32-x64-msvc',
  );
});

test('every target of package.json is known, and no other', () => {
  const { napi } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'));
  expect(explainLoadFailure(loaderError(absent), glibc, [])).toContain(
    `The package ${napi.packageName}-linux`,
  );
  const suffixes = napi.targets.map((triple: string) => {
    const [cpu, , os, abi] = triple.split('-');
    const arch = cpu === 'x86_64' ? 'x64' : 'arm64';
    return os === 'darwin' ? `darwin-${arch}` : `${os === 'windows' ? 'win32' : os}-${arch}-${abi}`;
  });
  expect([...prebuiltPlatforms].sort()).toEqual(suffixes.sort());
});

test('a missing package is named, with the packages of other platforms that are there', () => {
  const message = explainLoadFailure(loaderError(absent, absent), glibc, ['linux-x64-musl']);
  expect(message).toMatch(/on linux x64, glibc 2\.36, Node v20\.0\.0/);
  expect(message).toMatch(
    /@stochastic-softmax-tricks\/binding-linux-x64-gnu, which brings the binary, is not installed/,
  );
  expect(message).toMatch(/Installed for another machine: linux-x64-musl\./);
  expect(message).not.toMatch(/Cannot find module|Cause:/);
});

test('what the system said is shown, once, in the order of the attempts', () => {
  const first = "/lib/libc.so.6: version `GLIBC_2.40' not found (required by /a/x.node)";
  const message = explainLoadFailure(loaderError(first, absent, 'second', first), glibc, ['linux-x64-gnu']);
  expect(message.match(/Cause: .*/g)).toEqual([`Cause: ${first}`, 'Cause: second']);
  expect(message).toMatch(/need glibc 2\.17/);
  expect(message).not.toMatch(/not installed/);
});

test('what the permission model forbids is said with the flag that allows it, and nothing else', () => {
  const denied = (details: object) =>
    new Error('loader', { cause: Object.assign(new Error('restricted'), details) });
  const addons = explainLoadFailure(denied({ code: 'ERR_DLOPEN_DISABLED' }), glibc, []);
  expect(addons).toMatch(/start node with --allow-addons\.$/);
  expect(addons).not.toMatch(/not installed|node_modules/);
  // As the loader hands it on, without its code.
  const restricted = loaderError(absent, 'Cannot load native addon because loading addons is disabled.');
  expect(explainLoadFailure(restricted, glibc, [])).toMatch(/start node with --allow-addons\.$/);
  const access = { code: 'ERR_ACCESS_DENIED', permission: 'FileSystemRead', resource: '/a/x.node' };
  expect(explainLoadFailure(denied(access), glibc, [])).toMatch(
    /start node with --allow-fs-read=\/a\/x\.node\./,
  );
});

test('a platform without a prebuilt binary is told so', () => {
  const host: Host = { platform: 'freebsd', arch: 'x64', libc: undefined, node: 'v20.0.0' };
  expect(explainLoadFailure(loaderError(absent), host, [])).toMatch(
    /no prebuilt binary for freebsd-x64: build/,
  );
});

test('loadNative gives the addon, or an error of this machine that keeps the original', () => {
  expect(loadNative(() => 42)).toBe(42);
  const original = loaderError('cannot open shared object file');
  const host = currentHost();
  let thrown: Error | undefined;
  try {
    loadNative(() => {
      throw original;
    });
  } catch (error) {
    thrown = error as Error;
  }
  expect(thrown?.message).toContain(`${host.platform} ${host.arch}`);
  expect(thrown?.message).toContain('Cause: cannot open shared object file');
  expect(thrown?.cause).toBe(original);
});
