import { join } from 'node:path';
import { appendLine, takeUpLines } from '../../json-lines';
import { effortOf, type ToySettings } from './settings';
import type { ToyCell, ToyResult } from './toy';
import { toys } from './toys';

export interface ToyRunOptions {
  /** Where cells.jsonl is kept; cells that stand there are not run again. */
  directory: string;
  signal?: AbortSignal;
  /** Told of the steps or estimates done and to do, the cells found in the directory included. */
  onProgress?: (done: number, total: number, cell: ToyCell) => void;
}

const millisecondsAtOnce = 50;

/** Runs all cells of a problem; undefined if the signal stopped it, which keeps the finished cells. */
export async function runToy(
  settings: ToySettings,
  { directory, signal, onProgress }: ToyRunOptions,
): Promise<ToyResult[] | undefined> {
  const toy = toys[settings.problem];
  const path = join(directory, 'cells.jsonl');
  const results = new Map(takeUpLines<ToyResult>(path).map((result) => [result.name, result]));
  const cells = toy.cells(settings);
  const effort = effortOf(settings);
  let done = results.size * effort;
  for (const cell of cells) {
    if (results.has(cell.name)) continue;
    if (signal?.aborted) return undefined;
    const run = toy.run(cell, settings);
    let last = performance.now();
    let step = run.next();
    for (; !step.done; step = run.next()) {
      if (performance.now() - last < millisecondsAtOnce) continue;
      onProgress?.(done + step.value, cells.length * effort, cell);
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) return undefined;
      last = performance.now();
    }
    const result = { ...cell, ...step.value };
    results.set(cell.name, result);
    appendLine(path, result);
    done += effort;
    onProgress?.(done, cells.length * effort, cell);
  }
  return cells.flatMap(({ name }) => results.get(name) ?? []);
}
