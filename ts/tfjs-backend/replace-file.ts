import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SstError } from '../arguments/errors';

const reasons: Record<string, string> = {
  EACCES: 'no permission',
  EDQUOT: 'no space left in the quota',
  EEXIST: 'a file is in the way',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'part of the path is not a folder',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
};

/** An error of the file system in one sentence that names the path. */
export function fileError(path: string, doing: 'read' | 'write', error: unknown): SstError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = reasons[code ?? ''] ?? message;
  return new SstError('INVALID_ARGUMENT', `${path}: cannot ${doing} it: ${reason}`, { cause: error });
}

/**
 * Writes a file beside the one at `path`, on the disk when this resolves; `commit` then puts it in its place, all at
 * once, and `discard` removes it.
 */
export async function stageFile(
  path: string,
  parts: (string | Uint8Array)[],
): Promise<{ commit: () => Promise<void>; discard: () => Promise<void> }> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const discard = () => rm(temporary, { force: true });
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard().catch(() => {});
    throw fileError(path, 'write', error);
  }
  const commit = async () => {
    await rename(temporary, path).catch((error) => {
      throw fileError(path, 'write', error);
    });
    // The file is in its place; that not every system can make this last at once is no failure.
    await syncFolder(dirname(path)).catch(() => {});
  };
  return { commit, discard };
}

/** Makes renames in a folder last. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
