// NeuralSort and Gumbel noise, of floats.
import { neuralSort, oneHot } from '../../../dist/index.js';
import { softWithGradient } from './soft.mjs';

const rows = 128;
const EULER = 0.5772156649015329;
/** The standard deviation of a Gumbel draw. */
const DEVIATION = Math.PI / Math.sqrt(6);

const sort = (elements) => ({
  name: `NeuralSort, ${elements} elements, float32`,
  operation: 'neural sort',
  parameters: { rows },
  wanted: 2,
  // Scores are multiplied by up to n before the softmax, with the rounding errors of floats.
  tolerance: 1e-2,
  prepare: () => softWithGradient(neuralSort({ elements }), { rows, kind: 'float32' }),
});

const noise = (batch, categories) => ({
  name: `Gumbel noise, ${batch} x ${categories}, float32`,
  operation: 'gumbel noise',
  parameters: {},
  wanted: 1,
  // Six standard deviations of the mean: false alarms are one in 10^9.
  tolerance: (6 * DEVIATION) / Math.sqrt(batch * categories),
  prepare: () => {
    const trick = oneHot({ categories });
    const theta = new Float32Array(batch * categories);
    const out = theta.slice();
    const off = ([draws]) => Math.abs(draws.reduce((sum, x) => sum + x, 0) / draws.length - EULER);
    return {
      arrays: { theta },
      call: () => [trick.perturb(theta, { seed: 1, out })],
      compare: (own, theirs) => Math.max(off(own), off(theirs)),
    };
  },
});

export const sorting = {
  name: 'sorting',
  python: 'sorting',
  rows: [sort(32), sort(128), noise(128, 45), noise(4096, 256)],
};
