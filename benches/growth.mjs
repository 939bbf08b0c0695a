// How the cost of a row grows with the size of its structure: the fitted exponent beside the theoretical one.
import { setThreads } from '../dist/index.js';
import { families } from './growth/families.mjs';
import { time } from './support/measure.mjs';
import { printTable } from './support/table.mjs';

const ROWS = 32;

/** Least squares of log time over log size. The smallest sizes are left out by the families: a call has a floor. */
function exponent(sizes, times) {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0);
  return slope / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

function callsOf(trick) {
  const theta = new Float64Array(ROWS * trick.parameterDimension);
  const utility = trick.perturb(theta, { seed: 1 });
  const cotangent = Float64Array.from({ length: ROWS * trick.dimension }, (_, i) => Math.sin(i));
  const hard = new Float64Array(cotangent.length);
  const gradient = new Float64Array(utility.length);
  return {
    argmax: () => trick.argmax(utility, { out: hard }),
    softmax: () => trick.softmax(utility, { temperature: 1, out: hard }),
    softmaxVjp: () => trick.softmaxVjp(utility, cotangent, { temperature: 1, out: gradient }),
  };
}

export async function run({ seconds }) {
  const lines = [];
  setThreads(1);
  for (const { name, sizes, trick, theory } of families) {
    const times = { argmax: [], softmax: [], softmaxVjp: [] };
    for (const size of sizes) {
      for (const [operation, call] of Object.entries(callsOf(trick(size)))) {
        times[operation].push((await time(call, seconds)).fastest / ROWS);
      }
    }
    for (const [operation, nanoseconds] of Object.entries(times)) {
      const fitted = exponent(sizes, nanoseconds);
      lines.push([
        name,
        operation,
        sizes.join(' '),
        nanoseconds.at(-1),
        fitted.toFixed(2),
        theory[operation],
      ]);
    }
  }
  setThreads(0);
  const header = [
    'structure',
    'operation',
    'sizes n',
    'ns per row at the largest',
    'fitted exponent',
    'theory',
  ];
  printTable('growth: time per row ~ n^exponent, one thread', header, lines);
}
