import { dirname } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file';
import { makeFolder } from '../files/folder';
import { appendLine, readLines } from './json-lines';

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
    makeFolder(dirname(path));
    const kept = readLines<MetricsLine>(path).filter(keep);
    writeFileAtomically(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** Appends a line. */
  write(line: MetricsLine & Record<string, unknown>): void {
    appendLine(this.#path, line);
  }
}
