import { permissionFlag } from './permissions';

/** The machine, as far as it decides which binary fits. */
export interface Host {
  platform: string;
  arch: string;
  /** `glibc 2.36` or `musl` on Linux, otherwise undefined. */
  libc: string | undefined;
  node: string;
}

const packageName = 'stochastic-softmax-tricks';

/** The platform packages stand under a scope, and are named by this and their platform. */
const binding = '@stochastic-softmax-tricks/binding';

/** Platforms with a prebuilt binary, by the suffix of their package. */
export const prebuiltPlatforms = [
  'linux-x64-gnu',
  'linux-arm64-gnu',
  'linux-x64-musl',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64-msvc',
  'win32-arm64-msvc',
];

/** What this process runs on. */
export function currentHost(): Host {
  const { platform, arch, version: node } = process;
  if (platform !== 'linux') return { platform, arch, libc: undefined, node };
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const glibc = report.header.glibcVersionRuntime;
  return { platform, arch, libc: glibc === undefined ? 'musl' : `glibc ${glibc}`, node };
}

/** The suffix of the platform package that fits `host`. */
export function platformSuffix(host: Host): string {
  const base = `${host.platform}-${host.arch}`;
  if (host.platform === 'win32') return `${base}-msvc`;
  return host.libc === undefined ? base : `${base}-${host.libc === 'musl' ? 'musl' : 'gnu'}`;
}

/** Platform packages of this library that are installed, whether they fit or not. */
function installedPlatforms(): string[] {
  return prebuiltPlatforms.filter((suffix) => {
    try {
      require.resolve(`${binding}-${suffix}/package.json`);
      return true;
    } catch {
      return false;
    }
  });
}

/** What made `error`, oldest first, without attempts that only found that a file is not there. */
function realCauses(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let at = (error as Error | null)?.cause; at instanceof Error; at = at.cause) {
    if (!at.message.startsWith('Cannot find module')) causes.unshift(at);
  }
  return causes;
}

function remedies(host: Host, installed: string[], causes: readonly Error[]): string[] {
  const flags = new Set(causes.map(permissionFlag).filter((flag) => flag !== undefined));
  if (flags.size > 0) return [`Node's permission model forbids it: start node with ${[...flags].join(' ')}.`];
  const wanted = platformSuffix(host);
  if (!prebuiltPlatforms.includes(wanted)) {
    return [`There is no prebuilt binary for ${wanted}: build the addon from the sources, with Rust.`];
  }
  if (installed.includes(wanted)) {
    return ['The binaries need glibc 2.17 or musl 1.2 on Linux, macOS 11 or Windows 10, or later versions.'];
  }
  return [
    `The package ${binding}-${wanted}, which brings the binary, is not installed.`,
    ...(installed.length > 0 ? [`Installed for another machine: ${installed.join(', ')}.`] : []),
    'Delete node_modules and install again on this machine, without --omit=optional. If that does not help,',
    'delete the lock file too: npm may have locked one platform only (https://github.com/npm/cli/issues/4828).',
    'In a checkout of the sources, npm start builds the addon.',
  ];
}

/** Why no binary could be loaded, and what to do: a text of a few lines. */
export function explainLoadFailure(error: unknown, host: Host, installed: string[]): string {
  const machine = [`${host.platform} ${host.arch}`, host.libc, `Node ${host.node}`]
    .filter(Boolean)
    .join(', ');
  const causes = realCauses(error);
  const messages = new Set(causes.map(({ message }) => message.split('\nRequire stack')[0].trim()));
  return [
    `${packageName}: the native addon could not be loaded on ${machine}.`,
    ...[...[...messages].map((message) => `Cause: ${message}`), ...remedies(host, installed, causes)].map(
      (line) => `  ${line}`,
    ),
  ].join('\n');
}

/**
 * Loads the native addon.
 *
 * @param load loads it, as `() => require('../../native.js')`
 * @throws Error naming the platform, the real causes and the remedy
 */
export function loadNative<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    throw new Error(explainLoadFailure(error, currentHost(), installedPlatforms()), { cause: error });
  }
}
