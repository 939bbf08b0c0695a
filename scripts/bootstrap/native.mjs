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

/** What the addon depends on, as far as it is there. Tests and benchmarks of the crates are not part of it. */
function inputs() {
  const { napi, scripts } = readManifest();
  const paths = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', '.cargo', 'crates'];
  const cli = join('node_modules', '@napi-rs', 'cli');
  return {
    sources: hashOf(paths, { except: ['tests', 'benches', 'examples', 'target'] }),
    command: [version, scripts['build:native'], JSON.stringify(napi)].join('\n'),
    cli: existsSync(join(root, cli)) ? readManifest(cli).version : undefined,
    rustc: versionOf('rustc'),
  };
}

/** Whether the binary is missing or was built from something else. A tool that is gone does not make it unfit. */
function isStale(now) {
  const built = readStamp(stampFile);
  const files = [binaryName(), ...companions];
  if (built === undefined || !files.every((file) => existsSync(join(root, file)))) return true;
  return Object.keys(now).some((key) => now[key] !== undefined && now[key] !== built[key]);
}

/** The folder of this platform's prebuilt package, if it can serve: in this very version, and no binary before it. */
function prebuiltFolder() {
  const folder = join(root, 'node_modules', platformPackage());
  const files = ['package.json', ...companions];
  if (existsSync(join(root, binaryName())) || !files.every((file) => existsSync(join(folder, file))))
    return undefined;
  return readManifest('node_modules', platformPackage()).version === version ? folder : undefined;
}

/** Whether the root folder has the loader and the types of the prebuilt package in `folder`. */
function usesPrebuilt(folder) {
  const textOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  return companions.every((file) => textOf(join(root, file)) === textOf(join(folder, file)));
}

/**
 * Whether the addon must be made.
 *
 * @throws Problem when it must be built and there is no Rust
 */
export function nativeIsStale() {
  const now = inputs();
  if (!isStale(now)) return false;
  if (now.rustc !== undefined) return true;
  const folder = prebuiltFolder();
  if (folder !== undefined) return !usesPrebuilt(folder);
  throw new Problem(
    'The native addon has to be built from its Rust sources, and Rust is not installed: get it from ' +
      'https://rustup.rs, or use the published package (npm install stochastic-softmax-tricks), which brings a ' +
      'prebuilt binary.',
  );
}

/** Builds the addon with Rust, or, without Rust, takes the loader of the prebuilt package. */
export async function makeNative() {
  const now = inputs();
  if (now.rustc === undefined) {
    for (const file of companions) copyFileSync(join(prebuiltFolder(), file), join(root, file));
    return;
  }
  const code = await npm(['run', 'build:native', '--loglevel=error']);
  if (code !== 0) throw new Problem(`Building the native addon failed (exit code ${code}).`);
  writeStamp(stampFile, now);
}
