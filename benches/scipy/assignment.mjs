// The assignment beside SciPy's linear_sum_assignment: `node benches/scipy/assignment.mjs [python]`, where that Python has
// SciPy. Both solve the same dense matrices of costs, one matrix a call, on one thread; a line compares the medians of
// many calls that were timed right after one another.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gumbel, logistic, matching, setThreads } from '../../dist/index.js';
import { printTable } from '../support/table.mjs';

/** Rows, columns, repeats. */
const SIZES = [
  [50, 50, 301],
  [200, 200, 101],
  [1000, 1000, 21],
  [50, 200, 301],
  [200, 1000, 101],
];

const python = process.argv[2] ?? 'python3';
const script = join(dirname(fileURLToPath(import.meta.url)), 'assignment.py');
const folder = mkdtempSync(join(tmpdir(), 'assignment-'));
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

/** Draws of a law; a logistic draw becomes a uniform one. */
function costs(law, rows, columns) {
  const trick = matching({ rows, columns, utility: law === 'Gumbel' ? gumbel() : logistic() });
  const draws = trick.perturb(new Float64Array(rows * columns), { seed: rows });
  return law === 'Gumbel' ? draws : draws.map((x) => 1 / (1 + Math.exp(-x)));
}

function timeOurs(rows, columns, matrix, repeats) {
  const trick = matching({ rows, columns });
  const out = new Float64Array(matrix.length);
  const milliseconds = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    trick.argmax(matrix, { out });
    milliseconds.push(performance.now() - start);
  }
  return { milliseconds, value: matrix.reduce((sum, u, cell) => sum + u * out[cell], 0) };
}

function timeTheirs(rows, matrix, repeats) {
  const file = join(folder, 'matrix');
  writeFileSync(file, matrix);
  return JSON.parse(execFileSync(python, [script, file, `${rows}`, `${repeats}`], { encoding: 'utf8' }));
}

setThreads(1);
const lines = [];
let version;
try {
  for (const [rows, columns, repeats] of SIZES) {
    for (const law of ['uniform', 'Gumbel']) {
      const matrix = costs(law, rows, columns);
      const theirs = timeTheirs(rows, matrix, repeats);
      const ours = timeOurs(rows, columns, matrix, repeats);
      if (Math.abs(ours.value - theirs.value) > 1e-9 * Math.abs(theirs.value)) {
        throw new Error(`${law}, ${rows} x ${columns}: the values are ${ours.value} and ${theirs.value}`);
      }
      const [own, other] = [median(ours.milliseconds), median(theirs.milliseconds)];
      lines.push([law, `${rows} x ${columns}`, own, other, other / own]);
      version = theirs.version;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
const title = `assignment: milliseconds per call, the median; ratio = SciPy ${version} / library`;
printTable(title, ['costs', 'size', 'library', 'SciPy', 'ratio'], lines);
