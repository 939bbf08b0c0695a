// Which of the prebuilt binaries fits this machine, in the names that the napi tools give them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The C library on Linux: glibc unless Node's own report shows none. */
function usesMusl() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

/** The platform's suffix, as in `linux-x64-gnu`. */
export function platformSuffix() {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${usesMusl() ? 'musl' : 'gnu'}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

/** The addon that a build on this machine leaves in the root folder. */
export function binaryName() {
  return `${manifest.napi.binaryName}.${platformSuffix()}.node`;
}

/** The package that carries this platform's prebuilt addon. */
export function platformPackage() {
  return `${manifest.napi.packageName ?? manifest.name}-${platformSuffix()}`;
}

/** The library's version. */
export const version = manifest.version;
