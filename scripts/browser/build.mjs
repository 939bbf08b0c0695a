// The addon as WebAssembly, for browsers: the target wasm32-wasip1, without threads, into target/browser.
//
//   node scripts/browser/build.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hashOf, readStamp, writeStamp } from '../bootstrap/fingerprint.mjs';
import { exclusively } from '../bootstrap/mutex.mjs';
import { root } from '../paths.mjs';
import { Problem, run, runMain, timed, versionOf } from '../run.mjs';

const target = 'wasm32-wasip1';
const folder = join(root, 'target', 'browser');
const stampFile = join(root, 'target', 'bootstrap', 'wasm.json');

/** What a build leaves: the module, and the loader that napi writes for Node. */
export const wasm = {
  module: join(folder, 'stochastic-softmax-tricks.wasm32-wasip1.wasm'),
  loader: join(folder, 'stochastic-softmax-tricks.wasip1.cjs'),
};

const build = [
  join('node_modules', '@napi-rs', 'cli', 'dist', 'cli.js'),
  ...['build', '--platform', '--target', target, '--profile', 'browser', '--no-default-features'],
  ...[
    '--manifest-path',
    'crates/node/Cargo.toml',
    '--output-dir',
    folder,
    '--js',
    'native.js',
    '--dts',
    'native.d.ts',
  ],
];

function inputs() {
  const paths = [
    'Cargo.toml',
    'Cargo.lock',
    'crates',
    'package.json',
    join('node_modules', 'emnapi', 'package.json'),
  ];
  return {
    sources: hashOf(paths, { except: ['tests', 'benches', 'examples', 'target', 'kernels'] }),
    command: build.slice(1).join(' '),
    rustc: versionOf('rustc'),
  };
}

function isStale(now) {
  const built = readStamp(stampFile);
  return !Object.values(wasm).every(existsSync) || Object.keys(now).some((key) => now[key] !== built?.[key]);
}

/** Whether the compiler has the target; where rustup is at hand, it is asked to bring it. */
function hasTarget() {
  const ask = (command, args) => spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const { stdout, status } = ask('rustc', ['--print', 'target-libdir', '--target', target]);
  if (status === 0 && existsSync(stdout.trim())) return true;
  return ask('rustup', ['target', 'add', target]).status === 0;
}

/** Why there is no WebAssembly, to those who do without. */
export const withoutTarget = `Rust has no target ${target} here (rustup target add ${target}).`;

/**
 * Builds the WebAssembly if it is missing or was built from other sources.
 *
 * @returns whether it is there: not where the target cannot be had
 * @throws Problem if a build fails
 */
export async function makeWasm() {
  const lock = join(root, 'target', 'bootstrap', 'wasm-lock');
  return exclusively(lock, async () => {
    const now = inputs();
    if (!isStale(now)) return true;
    if (!hasTarget()) return false;
    mkdirSync(folder, { recursive: true });
    await timed('Building the WebAssembly', async () => {
      const code = await run(process.execPath, build);
      if (code !== 0) throw new Problem(`Building the WebAssembly failed (exit code ${code}).`);
    });
    writeStamp(stampFile, now);
    return true;
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  runMain(async () => {
    if (!(await makeWasm())) throw new Problem(withoutTarget);
  });
