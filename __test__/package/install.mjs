// Packs the package and this platform's binary package, installs both in an empty folder outside the repository, and
// uses them there as a stranger would: from CommonJS, an ES module, TypeScript, the command line.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { platformPackage, platformSuffix, version } from '../../scripts/platform.mjs';
import { npmCommand, Problem, runMain } from '../../scripts/run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sst-package-'));
const consumer = join(folder, 'consumer');
const installed = (...path) => join(consumer, 'node_modules', ...path);

/** Runs a program to its end and gives its output; `status` and `stderr` are on the error when it fails. */
function execute(command, args, options = {}) {
  const pipes = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 };
  return execFileSync(command, args, { cwd: consumer, ...pipes, ...options });
}

const node = (...args) => execute(process.execPath, args);

function npm(args, options) {
  const { command, prefix, shell } = npmCommand();
  return execute(command, [...prefix, ...args], { shell, ...options });
}

/** Packs the package in `source`: its tarball and the paths of the files in it. */
function pack(source) {
  const out = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: source });
  const [{ filename, files }] = JSON.parse(out);
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

/** Does one check and says how it went. The first one that fails ends the test. */
function step(title, work) {
  const started = performance.now();
  try {
    const result = work();
    console.log(`passed  ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    const output = [error.stdout, error.stderr].filter(Boolean).join('\n');
    throw new Problem(`FAILED  ${title}\n${output || error.stack}`);
  }
}

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

/** TensorFlow.js as the peer that its user would have installed: the repository's copy. */
function linkTensorflow() {
  mkdirSync(installed('@tensorflow'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules', '@tensorflow'))) {
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

await runMain(() => {
  execute(process.execPath, [join(root, 'scripts', 'platform-packages.mjs')], { cwd: root });
  const library = step('packs the library', () => pack(root));
  step('packs no more than it should', () => checkFiles(library));
  const binary = step('packs the binary', () => pack(join(root, 'npm', platformSuffix())));
  cpSync(join(root, '__test__', 'package', 'consumer'), consumer, { recursive: true });
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  step('installs', () => {
    npm(['install', '--prefer-offline', '--no-audit', '--no-fund', library.tarball, binary.tarball]);
    assert.ok(!readdirSync(installed()).includes('@tensorflow'), 'TensorFlow.js came along');
  });
  step('is required from CommonJS', () => node('commonjs.cjs'));
  step('is imported from an ES module', () => node('module.mjs'));
  step('type-checks as a Node module', () => typeCheck('types.ts', 'node16', 'node16'));
  step('type-checks for a bundler', () => typeCheck('types.ts', 'esnext', 'bundler'));
  step('runs as a command', () => {
    assert.strictEqual(npm(['exec', '--no', '--', 'sst', '--version']).trim(), version);
  });
  linkTensorflow();
  step('gives tensors their gradient', () => node('tensor.cjs'));
  step('type-checks with tensors', () => typeCheck('tensor.ts', 'node16', 'node16', true));
  step('explains a missing binary', checkMissingBinary);
});

rmSync(folder, { recursive: true, force: true });
