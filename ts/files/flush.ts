import { fsyncSync } from 'node:fs';

/** Waits until what was written to a file is on the disk; nothing where Node's permission model does not have that. */
export function flush(file: number): void {
  try {
    fsyncSync(file);
  } catch (error) {
    // A file may be written but not flushed there, whatever flags are given.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ACCESS_DENIED') throw error;
  }
}
