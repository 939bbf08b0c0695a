// The native addon: the binary, its loader native.js and its types native.d.ts, all in the root folder.
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { binaryName, platformPackage, version } from '../platform.mjs';
import { npm, Problem, versionOf } from '../run.mjs';
import { hashOf, readStamp, writeStamp } from './fingerprint.mjs';

const stampFile = join(root, 'target', 'bootstrap', 'native.json');

/** Files that napi writes beside the binary, and that the platform packages carry too. */
export const companions = ['native.js', 'native.d.ts'];

function readManifest(...path) {
  return JSON.parse(readFileSync(join(root, ...path, 'package.json'), 'utf8'));
}

/** What the addon depends on. Tests and benchmarks of the crates are not part of it. */
function inputs() {
  const { napi, scripts } = readManifest();
  const paths = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', '.cargo', 'crates'];
  return {
    sources: hashOf(paths, { except: ['tests', 'benches', 'examples', 'target'] }),
    command: [version, scripts['build:native'], JSON.stringify(napi)].join('\n'),
    cli: readManifest('node_modules', '@napi-rs', 'cli').version,
    rustc: versionOf('rustc'),
  };
}

function isStale(now) {
  const built = readStamp(stampFile);
  if (built === undefined || ![binaryName(), ...companions].every((file) => existsSync(join(root, file))))
    return true;
  // Without Rust nothing can be rebuilt, and the compiler that made a binary does not make it unfit.
  return Object.keys(now).some(
    (key) => now[key] !== built[key] && !(key === 'rustc' && now.rustc === undefined),
  );
}

/** The folder of this platform's prebuilt package, when it is installed in this very version. */
function prebuiltFolder() {
  const folder = join(root, 'node_modules', platformPackage());
  if (!existsSync(join(folder, 'package.json'))) return undefined;
  if (readManifest('node_modules', platformPackage()).version !== version) return undefined;
  return companions.every((file) => existsSync(join(folder, file))) ? folder : undefined;
}

/** Whether the addon must be made: it is missing, or something it is built from has changed. */
export function nativeIsStale() {
  const now = inputs();
  if (!isStale(now)) return false;
  return now.rustc !== undefined || !usesPrebuilt();
}

/** Whether a prebuilt package is already in use: no binary of one's own, and the package's loader in place. */
function usesPrebuilt() {
  const folder = prebuiltFolder();
  if (folder === undefined || existsSync(join(root, binaryName()))) return false;
  const same = (file) =>
    existsSync(join(root, file)) && readFileSync(join(root, file)).equals(readFileSync(join(folder, file)));
  return companions.every(same);
}

/** Builds the addon with Rust, or, without Rust, takes the loader of the prebuilt package. */
export async function makeNative() {
  const now = inputs();
  if (now.rustc === undefined) {
    usePrebuilt();
    return;
  }
  const code = await npm(['run', 'build:native', '--loglevel=error']);
  if (code !== 0) throw new Problem(`Building the native addon failed (exit code ${code}).`);
  writeStamp(stampFile, now);
}

function usePrebuilt() {
  const folder = prebuiltFolder();
  if (folder === undefined || existsSync(join(root, binaryName()))) {
    throw new Problem(
      'The native addon has to be built from its Rust sources, and Rust is not installed: get it from ' +
        'https://rustup.rs, or use the published package (npm install stochastic-softmax-tricks), which brings a ' +
        'prebuilt binary.',
    );
  }
  for (const file of companions) copyFileSync(join(folder, file), join(root, file));
}
