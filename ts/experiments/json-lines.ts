import { appendFileSync, existsSync } from 'node:fs';
import { writeFileAtomically } from '../files/atomic-file';
import { parseObject, readText } from './json-file';

/** The objects of a file of one JSON object a line. A torn last line is left out; a missing file has none. */
export function readLines<T extends object>(path: string): T[] {
  if (!existsSync(path)) return [];
  // What follows the last newline is empty, or torn.
  const lines = readText(path).split('\n').slice(0, -1);
  return lines.flatMap((line, i) => (line === '' ? [] : [parseObject<T>(line, `${path}, line ${i + 1},`)]));
}

/** {@link readLines} of a file that is appended to next: a torn last line is cut off. */
export function takeUpLines<T extends object>(path: string): T[] {
  const values = readLines<T>(path);
  if (existsSync(path) && !/(^|\n)$/.test(readText(path))) {
    writeFileAtomically(path, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  }
  return values;
}

/** Appends a value. */
export function appendLine(path: string, value: unknown): void {
  try {
    appendFileSync(path, `${JSON.stringify(value)}\n`);
  } catch (error) {
    // What a full disk refuses does not name the file by itself.
    throw Object.assign(error as Error, { path });
  }
}
