// The library on the WebAssembly that browsers get, in Node: laws and references, and the bits of the native addon.
//
//   npm test -- wasm
import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { makeWasm, wasm, withoutTarget } from '../../scripts/browser/build.mjs';
import { root } from '../../scripts/paths.mjs';
import { Problem, run, runMain, timed } from '../../scripts/run.mjs';

/** The loader with what it imports: Jest cannot `require` modules of ECMAScript. */
const loader = join(dirname(wasm.loader), 'loader.cjs');

/** What napi's loader takes in the place of the native addon. */
const onWasm = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: loader, NODE_NO_WARNINGS: '1' };

const bundleLoader = () =>
  build({
    entryPoints: [wasm.loader],
    outfile: loader,
    bundle: true,
    platform: 'node',
    external: ['@stochastic-softmax-tricks/*'],
    logLevel: 'warning',
  });

/** Of the tests of the package, those that ask most of numbers, arrays and promises. */
const tests = [
  'background.test.ts',
  'laws/references.test.ts',
  'sparse-map.test.ts',
  'custom-structure/custom-structure.test.ts',
];

async function runTests() {
  const files = tests.map((file) => join('__test__', ...file.split('/')));
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const config = join('__test__', 'browser', 'jest.config.js');
  const code = await run(process.execPath, [jest, '--config', config, '--runTestsByPath', ...files]);
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
  await bundleLoader();
  await timed('Comparing bits with the native addon', () => {
    const native = digests(process.env);
    assert.ok(Object.keys(native).length > 500);
    assert.deepStrictEqual(digests(onWasm), native);
  });
  await timed('Running tests on the WebAssembly', runTests);
});
