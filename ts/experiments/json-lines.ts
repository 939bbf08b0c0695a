import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { writeFileAtomically } from '../files/atomic-file';

/** The values of a file of one JSON value a line. A torn last line is cut off; a missing file has none. */
export function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) writeFileAtomically(path, whole);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Appends a value. */
export function appendLine(path: string, value: unknown): void {
  appendFileSync(path, `${JSON.stringify(value)}\n`);
}
