import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { usageError } from './failure';

/** The output directory that `--out` names, which need not exist. @throws CliError when there can be none of that name */
export function checkOut(out: string | undefined): string | undefined {
  if (out === '') throw usageError('--out: expected the name of a directory, got the empty string');
  for (let at = out; at !== undefined; at = dirname(at)) {
    if (existsSync(at)) {
      if (!statSync(at).isDirectory()) throw usageError(`--out: ${at} is not a directory`);
      break;
    }
    if (at === dirname(at)) break;
  }
  return out;
}

/** The first of base, base-2, base-3, ... that does not exist. */
export function freeDirectory(base: string): string {
  for (let i = 1; ; i += 1) {
    const directory = i === 1 ? base : `${base}-${i}`;
    if (!existsSync(directory)) return directory;
  }
}
