import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { flush } from './flush';
import { makeFolder } from './folder';

/**
 * Writes a file so that a reader finds the old content or the new, never a part, whatever happens meanwhile: to a
 * temporary name beside it, flushed to the disk, then renamed. If anything fails the old content stays.
 */
export function writeFileAtomically(path: string, ...parts: (string | Uint8Array)[]): void {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (const part of parts) {
        const bytes = typeof part === 'string' ? Buffer.from(part) : part;
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      }
      flush(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    // What a full disk refuses does not name the file by itself.
    throw error instanceof Error ? Object.assign(error, { dest: path }) : error;
  }
  flushDirectory(dirname(path));
}

/** Makes a renaming survive a loss of power, where the system can (Windows opens no directories). */
function flushDirectory(directory: string): void {
  try {
    const handle = openSync(directory, 'r');
    try {
      flush(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // The file itself is written; some file systems do not flush directories.
  }
}
