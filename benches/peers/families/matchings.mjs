// Matchings: Sinkhorn's relaxation, and assignments.
import { gumbel, logistic, matching } from '../../../dist/index.js';
import { softWithGradient } from './soft.mjs';

/** Size, rows, temperature, ratio that is wanted. */
const RELAXED = [
  [32, 32, 1, 5],
  [128, 4, 1, 3],
  [512, 1, 1, 2],
  [32, 32, 0.01, 5.7],
  [512, 1, 0.01, 2],
];

/** Rows, columns, ratio that is wanted. */
const HARD = [
  [50, 50, 2],
  [200, 200, 1.5],
  [1000, 1000, 1.5],
  [50, 200, 1],
  [200, 1000, 1],
];

const relaxed = ([size, rows, temperature, wanted]) => ({
  name: `Sinkhorn, ${rows} x (${size} x ${size}), t = ${temperature}`,
  operation: 'sinkhorn',
  parameters: { rows, size, temperature },
  wanted,
  // Sums that are off by 1e-9 make plans that are off by as much more as sweeps contract slowly.
  tolerance: 1e-3,
  inexact: temperature < 0.1,
  prepare: () => softWithGradient(matching({ size }), { rows, temperature }),
});

const hard = ([rows, columns, wanted]) =>
  ['uniform', 'Gumbel'].map((law) => ({
    name: `assignment, ${rows} x ${columns}, ${law}`,
    operation: 'assignment',
    parameters: { height: rows },
    wanted,
    tolerance: 1e-10,
    prepare: () => assign(rows, columns, law),
  }));

/** Draws of a law, and their best matching; a logistic draw becomes a uniform one. */
function assign(rows, columns, law) {
  const trick = matching({ rows, columns, utility: law === 'Gumbel' ? gumbel() : logistic() });
  const draws = trick.perturb(new Float64Array(rows * columns), { seed: rows });
  const utility = law === 'Gumbel' ? draws : draws.map((x) => 1 / (1 + Math.exp(-x)));
  const out = new Float64Array(utility.length);
  return {
    arrays: { utility },
    call: () => [trick.argmax(utility, { out })],
    // A peer gives the rows that are matched and their columns. Ties may differ, values may not.
    compare: ([own], [chosen, places]) => {
      const value = utility.reduce((sum, u, cell) => sum + u * own[cell], 0);
      const theirs = chosen.reduce((sum, i, index) => sum + utility[i * columns + places[index]], 0);
      return chosen.length === Math.min(rows, columns)
        ? Math.abs(value - theirs) / value
        : Number.POSITIVE_INFINITY;
    },
  };
}

export const matchings = {
  name: 'matchings',
  python: 'matchings',
  rows: [...RELAXED.map(relaxed), ...HARD.flatMap(hard)],
};
