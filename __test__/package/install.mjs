// Packs the package and this platform's binary package, installs both in an empty folder outside the repository, and
// uses them there as a stranger would: from CommonJS, an ES module, TypeScript, the command line.
import assert from 'node:assert';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { platformPackage, version } from '../../scripts/platform.mjs';
import { runMain } from '../../scripts/run.mjs';
import { execute, folder, npm as npmIn, packAll, step } from './packing.mjs';

const consumer = join(folder, 'consumer');
const installed = (...path) => join(consumer, 'node_modules', ...path);
const node = (...args) => execute(process.execPath, args, { cwd: consumer });
const npm = (args) => npmIn(args, { cwd: consumer });

/** Type-checks one consumer with the repository's compiler, strictly and without Node's types. */
function typeCheck(file, module, moduleResolution, skipLibCheck = false) {
  const target = 'es2022';
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target,
    types: [],
    module,
    moduleResolution,
    skipLibCheck,
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json');
}

function checkFiles({ files }) {
  const allowed =
    /^(dist\/.+|native\.(js|d\.ts)|package\.json|README\.md|CHANGELOG\.md|LICENSE|THIRD-PARTY-LICENSES)$/;
  assert.deepStrictEqual(
    files.filter((file) => !allowed.test(file) || /\.(rs|node)$|\.test\.|__test__/.test(file)),
    [],
  );
  for (const needed of [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/sst.js',
    'native.js',
    'native.d.ts',
    'LICENSE',
    'THIRD-PARTY-LICENSES',
    'README.md',
    'CHANGELOG.md',
  ]) {
    assert.ok(files.includes(needed), `the package lacks ${needed}`);
  }
}

/** Packages of TensorFlow.js as the peers that their user would have installed: the repository's copies. */
function linkTensorflow(names) {
  mkdirSync(installed('@tensorflow'), { recursive: true });
  for (const name of names) {
    symlinkSync(join(root, 'node_modules', '@tensorflow', name), installed('@tensorflow', name), 'junction');
  }
}

/** Without the binary's package: one readable message that names the platform and the remedy. */
function checkMissingBinary() {
  rmSync(installed(platformPackage()), { recursive: true });
  let stderr = '';
  assert.throws(
    () => node('commonjs.cjs'),
    (error) => {
      stderr = error.stderr;
      return error.status === 1;
    },
  );
  assert.match(stderr, new RegExp(`could not be loaded on ${process.platform} ${process.arch}`));
  assert.match(stderr, new RegExp(`${platformPackage()}, which brings the binary, is not installed`));
}

await runMain(async () => {
  const { library, binary } = await step('packs the library and the binary', packAll);
  await step('packs no more than it should', () => checkFiles(library));
  cpSync(join(root, '__test__', 'package', 'consumer'), consumer, { recursive: true });
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  await step('installs', () => {
    npm(['install', '--prefer-offline', '--no-audit', '--no-fund', library.tarball, binary.tarball]);
    assert.ok(!readdirSync(installed()).includes('@tensorflow'), 'TensorFlow.js came along');
  });
  await step('is required from CommonJS', () => node('commonjs.cjs'));
  await step('is imported from an ES module', () => node('module.mjs'));
  await step('type-checks as a Node module', () => typeCheck('types.ts', 'node16', 'node16'));
  await step('type-checks with the old module resolution', () => typeCheck('types.ts', 'commonjs', 'node10'));
  await step('type-checks for a bundler', () => typeCheck('types.ts', 'esnext', 'bundler'));
  await step('runs as a command', () => {
    for (const name of ['sst', 'stochastic-softmax-tricks'])
      assert.strictEqual(npm(['exec', '--no', '--', name, '--version']).trim(), version);
  });
  const core = ['tfjs-core', 'tfjs-backend-cpu'];
  linkTensorflow(core);
  await step('gives tensors their gradient with the core alone', () => node('core.cjs'));
  const rest = readdirSync(join(root, 'node_modules', '@tensorflow')).filter((name) => !core.includes(name));
  linkTensorflow(rest);
  await step('gives tensors their gradient', () => node('tensor.cjs'));
  await step('type-checks with tensors', () => typeCheck('tensor.ts', 'node16', 'node16', true));
  await step('type-checks with tensors by the old resolution', () =>
    typeCheck('tensor.ts', 'commonjs', 'node10', true),
  );
  await step('explains a missing binary', checkMissingBinary);
});

rmSync(folder, { recursive: true, force: true });
