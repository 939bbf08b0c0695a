import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SstError } from '../arguments/errors';
import { readJson } from '../experiments/json-file';
import { writeFileAtomically } from '../files/atomic-file';
import { makeFolder } from '../files/folder';
import { checkOut, freeDirectory } from './directories';
import { asUsage, usageError } from './failure';

/** A kind of experiment whose settings are one file in its directory. */
export interface SettingsKind<Settings extends object> {
  /** In words, with an article. */
  name: string;
  file: string;
  /** The directory's name, if none is chosen. */
  directory: (settings: Settings) => string;
  /** Complete settings; may throw SstError. */
  complete: (options: Partial<Settings>) => Settings;
}

/** An experiment with its directory. */
export interface Settled<Settings> {
  directory: string;
  settings: Settings;
}

/**
 * Starts an experiment in a directory, or with `resume` takes up the one that is there, whose settings the options must
 * not contradict.
 *
 * @throws CliError when the directory holds an experiment already, holds none to resume, or holds another one
 */
export function settle<Settings extends object>(
  kind: SettingsKind<Settings>,
  options: Partial<Settings>,
  out: string | undefined,
  resume: boolean,
): Settled<Settings> {
  const directory = checkOut(out);
  return resume ? resumed(kind, options, directory) : created(kind, options, directory);
}

function created<Settings extends object>(
  kind: SettingsKind<Settings>,
  options: Partial<Settings>,
  out: string | undefined,
): Settled<Settings> {
  const settings = asUsage(() => kind.complete(options));
  const directory = out ?? freeDirectory(join('runs', kind.directory(settings)));
  const path = join(directory, kind.file);
  if (existsSync(path)) {
    throw usageError(
      `${directory} already holds ${kind.name}: add --resume to go on with it, or choose another directory with --out`,
    );
  }
  makeFolder(directory);
  writeFileAtomically(path, `${JSON.stringify(settings, undefined, 2)}\n`);
  return { directory, settings };
}

function resumed<Settings extends object>(
  kind: SettingsKind<Settings>,
  options: Partial<Settings>,
  directory: string | undefined,
): Settled<Settings> {
  if (directory === undefined) throw usageError(`--resume needs --out with the directory of ${kind.name}`);
  const path = join(directory, kind.file);
  if (!existsSync(path)) throw usageError(`${directory} does not hold ${kind.name} to resume`);
  const settings = asUsage(() => readSettings(kind, path));
  for (const [key, asked] of Object.entries(options)) {
    const stored: unknown = settings[key as keyof Settings];
    if (isDeepStrictEqual(stored, asked)) continue;
    throw usageError(
      `${directory} holds ${kind.name} with ${key} ${JSON.stringify(stored)}, asked for ${JSON.stringify(asked)}: resume without it, or choose another directory with --out`,
    );
  }
  return { directory, settings };
}

/** The settings that a file holds. */
function readSettings<Settings extends object>(kind: SettingsKind<Settings>, path: string): Settings {
  const stored = readJson<Partial<Settings>>(path);
  try {
    return kind.complete(stored);
  } catch (error) {
    throw new SstError('INVALID_ARGUMENT', `${path}: ${(error as Error).message}`);
  }
}

/** Settings as words of a command line, those that differ from `plain`. */
export function settingWords<Settings extends object>(
  settings: Settings,
  plain: Settings,
  flags: Partial<Record<keyof Settings, string>>,
): string[] {
  return Object.entries(flags).flatMap(([key, flag]) => {
    const value = settings[key as keyof Settings];
    if (isDeepStrictEqual(value, plain[key as keyof Settings])) return [];
    return `--${flag} ${Array.isArray(value) ? value.join(',') : value}`;
  });
}
