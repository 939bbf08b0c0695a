import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, statSync, unlinkSync } from 'node:fs';

/** How a lock waits. */
export interface LockOptions {
  /** Milliseconds after which a lock that nobody has touched is taken to be left behind (default 30,000). */
  grace?: number;
}

/**
 * Does some work while holding a lock file, which is made with O_CREAT and O_EXCL beside the file it guards, as Optuna's
 * JournalFileOpenLock does, so that both keep each other out. A lock whose time does not change for as long as the grace is
 * taken away from whoever died with it.
 */
export async function withLock<T>(
  path: string,
  work: () => T,
  { grace = 30_000 }: LockOptions = {},
): Promise<T> {
  const lock = `${path}.lock`;
  await acquire(lock, grace);
  try {
    return work();
  } finally {
    release(lock);
  }
}

async function acquire(lock: string, grace: number): Promise<void> {
  let seen: number | undefined;
  let since = performance.now();
  for (let pause = 1; ; pause = Math.min(2 * pause, 1000)) {
    try {
      closeSync(openSync(lock, 'wx'));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const touched = timeOf(lock);
    if (touched !== seen) {
      seen = touched;
      since = performance.now();
    } else if (performance.now() - since > grace) {
      release(lock);
      pause = 1;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, grace)));
  }
}

/** When a lock was made; undefined if it is gone. Optuna's other kind of lock is a link to the journal. */
function timeOf(lock: string): number | undefined {
  try {
    return statSync(lock).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Removes a lock under another name first, so that of two who take it away one does. */
function release(lock: string): void {
  const away = `${lock}${randomUUID()}.rename`;
  try {
    renameSync(lock, away);
  } catch {
    // Somebody took it to be left behind.
    return;
  }
  unlinkSync(away);
}
