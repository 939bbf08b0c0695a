/** How to start this program: by the package's name, since outside a project `npx sst` is another package. */
export const npx = 'npx stochastic-softmax-tricks';

/** A path as one word of a command line. */
export function quoted(path: string): string {
  return /^[\w./\\:,=-]+$/.test(path) ? path : `"${path}"`;
}
