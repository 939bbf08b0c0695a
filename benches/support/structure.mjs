// The benchmark of a structure: each operation on batches of several sizes, on one thread and on all, beside the same
// operation in plain JavaScript.
import { setThreads } from '../../dist/index.js';
import { time } from './measure.mjs';
import { printTable } from './table.mjs';

const BATCHES = [1, 128, 4096];
const TEMPERATURE = 1;
/** Rows of the batch that the baseline is timed on: its time per row does not depend on it. */
const BASELINE_ROWS = 16;

/**
 * Times a structure.
 *
 * `sizes`: for each, a `label`, the `trick`, its `baseline` (the four operations on one row), if it has one, and the
 * `largestBatch`.
 */
export async function benchmark(title, sizes, { seconds }) {
  const lines = [];
  for (const { label, trick, baseline, largestBatch = Number.POSITIVE_INFINITY } of sizes) {
    if (baseline) checkAgreement(label, trick, baseline);
    const plain = baseline ? await timeBaseline(trick, baseline, seconds) : {};
    const batches = new Set(BATCHES.map((rows) => Math.min(rows, largestBatch)));
    for (const rows of batches) {
      const calls = callsOf(trick, batchOf(trick, rows));
      for (const [operation, call] of Object.entries(calls)) {
        const one = await timeOn(1, call, rows, seconds);
        const all = await timeOn(0, call, rows, seconds);
        const ratio = plain[operation] && plain[operation] / one;
        lines.push([label, String(rows), operation, one, all, plain[operation], ratio]);
      }
    }
  }
  const header = ['size', 'batch', 'operation', '1 thread', 'all threads', 'plain JS', 'ratio'];
  printTable(`${title}: nanoseconds per row; ratio = plain JS / 1 thread`, header, lines);
}

/** Utilities, cotangents and results of a batch, the same in every run. */
function batchOf(trick, rows) {
  const theta = new Float64Array(rows * trick.utilityDimension);
  const utility = trick.perturb(theta, { seed: 1 });
  const out = new Float64Array(rows * trick.dimension);
  return { theta, utility, cotangent: out.map((_, i) => Math.sin(i)), out, gradient: theta.slice() };
}

/** The operations on a batch; none of them allocates its result. */
function callsOf(trick, { theta, utility, cotangent, out, gradient }) {
  const temperature = TEMPERATURE;
  return {
    perturb: () => trick.perturb(theta, { seed: 1, out: gradient }),
    argmax: () => trick.argmax(utility, { out }),
    softmax: () => trick.softmax(utility, { temperature, out }),
    softmaxVjp: () => trick.softmaxVjp(utility, cotangent, { temperature, out: gradient }),
  };
}

async function timeOn(threads, call, rows, seconds) {
  setThreads(threads);
  const { fastest } = await time(call, seconds);
  setThreads(0);
  return fastest / rows;
}

/** Nanoseconds per row of each operation of a baseline. */
async function timeBaseline(trick, baseline, seconds) {
  const times = {};
  for (const [operation, call] of Object.entries(baselineCalls(trick, baseline, BASELINE_ROWS))) {
    times[operation] = (await time(call, seconds)).fastest / BASELINE_ROWS;
  }
  return times;
}

/** The operations of a baseline, row by row, on the batch that the library gets. */
function baselineCalls(trick, baseline, rows) {
  const batch = batchOf(trick, rows);
  const { theta, utility, cotangent, out } = Object.fromEntries(
    Object.entries(batch).map(([name, cells]) => [name, rowsOf(cells, rows)]),
  );
  const onRows = (operation) => () => {
    for (let row = 0; row < rows; row++) operation(row);
    return batch.out;
  };
  return {
    perturb: onRows((row) => baseline.perturb(theta[row], out[row])),
    argmax: onRows((row) => baseline.argmax(utility[row], out[row])),
    softmax: onRows((row) => baseline.softmax(utility[row], TEMPERATURE, out[row])),
    softmaxVjp: onRows((row) => baseline.softmaxVjp(utility[row], TEMPERATURE, cotangent[row], out[row])),
  };
}

function rowsOf(cells, rows) {
  const width = cells.length / rows;
  return Array.from({ length: rows }, (_, row) => cells.subarray(row * width, (row + 1) * width));
}

/** Both must compute the same before it means anything that one of them is faster. */
function checkAgreement(label, trick, baseline) {
  const rows = 8;
  const calls = callsOf(trick, batchOf(trick, rows));
  const plain = baselineCalls(trick, baseline, rows);
  for (const operation of ['argmax', 'softmax', 'softmaxVjp']) {
    const [got, expected] = [calls[operation](), plain[operation]()];
    const worst = got.reduce((largest, x, i) => Math.max(largest, Math.abs(x - expected[i])), 0);
    if (!(worst < 1e-6)) throw new Error(`${label}: ${operation} and its baseline differ by ${worst}`);
  }
}
