// One bootstrap at a time in one checkout.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether the process that wrote the lock file is gone, or left it empty ten seconds ago. */
function isAbandoned(file) {
  let owner;
  try {
    owner = Number(readFileSync(file, 'utf8'));
    if (!(owner > 0)) return Date.now() - statSync(file).mtimeMs > 10_000;
  } catch {
    return false; // just given back
  }
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Takes the lock, does `work`, and gives the lock back. Waits while another live process holds it. */
export async function exclusively(file, work, { onWait = () => {}, pause = 200 } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waits = 0; ; waits++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (waits === 0) onWait();
    await sleep(pause);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
