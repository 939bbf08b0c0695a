import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file';

/** A line of a metrics file. */
export interface MetricsLine {
  kind: string;
  step: number;
}

/** Appends one JSON object a line. */
export class MetricsFile {
  readonly #path: string;

  /** Opens a file, keeping of its lines those that `keep` admits: a resumed run redoes what it did past its checkpoint. */
  constructor(path: string, keep: (line: MetricsLine) => boolean) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    const kept = readMetrics(path).filter(keep);
    writeFileAtomically(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** Appends a line. */
  write(line: MetricsLine & Record<string, unknown>): void {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** The lines of a metrics file; a torn last line is left out, a missing file has none. */
export function readMetrics(path: string): MetricsLine[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last newline is empty, or torn.
  return lines
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as MetricsLine);
}
