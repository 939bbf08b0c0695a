import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../files/folder';

/**
 * The folders of the trials that a machine works on. A trial that waits has `<id>`; one in work has
 * `<id>.<host>.<process>.<count>`. Taking a folder is a renaming, which one process alone can do; whoever had it before finds
 * nothing at the old name, so that two never write into one folder.
 */
export class WorkFolder {
  readonly #root: string;
  #taken = 0;

  constructor(root: string) {
    this.#root = root;
    makeFolder(root);
  }

  /** A folder for a trial, with what an earlier session that was stopped, or whose process is gone, has left. */
  take(id: string): string {
    const own = join(this.#root, `${id}.${hostname()}.${process.pid}.${++this.#taken}`);
    const left = readdirSync(this.#root).filter((name) => isLeft(name, id));
    // One that was put back is newer than any whose process died.
    for (const name of left.sort()) {
      if (!existsSync(own) && renamed(join(this.#root, name), own)) break;
    }
    makeFolder(own);
    return own;
  }

  /** Puts a trial's folder back for whoever goes on with it. */
  putBack(id: string, folder: string): void {
    const parked = join(this.#root, id);
    rmSync(parked, { recursive: true, force: true });
    renamed(folder, parked);
  }

  /** Removes what a trial has left: its result is safe in the queue. */
  remove(id: string): void {
    rmSync(join(this.#root, id), { recursive: true, force: true });
  }
}

function isLeft(name: string, id: string): boolean {
  if (name === id) return true;
  const prefix = `${id}.${hostname()}.`;
  return name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
