// The library on the WebAssembly that browsers get, in Node: laws and references, and the bits of the native addon.
//
//   npm test -- wasm
import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { makeWasm, wasm, withoutTarget } from '../../scripts/browser/build.mjs';
import { root } from '../../scripts/paths.mjs';
import { Problem, run, runMain, timed } from '../../scripts/run.mjs';

/** What napi's loader takes in the place of the native addon. */
const onWasm = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: wasm.node };

/** Of the tests of the package, those that ask most of numbers, arrays and promises. */
const tests = [
  'laws/references.test.ts',
  'laws/methods.test.ts',
  'laws/draws.test.ts',
  'laws/padding.test.ts',
  'laws/reading.test.ts',
  'sparse-map.test.ts',
  'custom-structure/custom-structure.test.ts',
];

async function runTests() {
  const files = tests.map((file) => join('__test__', ...file.split('/')));
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const code = await run(process.execPath, [jest, '--runTestsByPath', ...files], { env: onWasm });
  if (code !== 0) throw new Problem('Tests failed on the WebAssembly.');
}

/** Digests of results, by structure and method. */
function digests(env) {
  const args = ['-r', './__test__/children/register.cjs', join('__test__', 'browser', 'digests.ts')];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
  if (status !== 0) throw new Problem(`Digests could not be had: ${stderr}`);
  return JSON.parse(stdout);
}

runMain(async () => {
  if (!(await makeWasm())) {
    console.log(`Skipped, and so untested here: ${withoutTarget}`);
    return;
  }
  await timed('Comparing bits with the native addon', () => {
    const native = digests(process.env);
    assert.ok(Object.keys(native).length > 500);
    assert.deepStrictEqual(digests(onWasm), native);
  });
  await timed('Running tests on the WebAssembly', runTests);
});
