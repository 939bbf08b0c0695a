// Perfect matchings; `scipy/assignment.mjs` has the hard ones beside SciPy's.
import { matching } from '../dist/index.js';
import { benchmark } from './support/structure.mjs';

/** Rows times the cube of the size of the largest batch, lest one call take seconds. */
const LARGEST_WORK = 2 ** 22;

const sizes = [5, 10, 20, 50].map((size) => ({
  label: `${size} x ${size}`,
  trick: matching({ size }),
  largestBatch: Math.max(1, Math.floor(LARGEST_WORK / size ** 3)),
}));
const summed = [5, 10, 15].map((size) => ({
  label: `${size} x ${size}, exponential family`,
  trick: matching({ size, relaxation: 'exponential-family' }),
  largestBatch: Math.max(1, Math.floor(LARGEST_WORK / (size * 2 ** size))),
}));

export const run = (options) => benchmark('matching', [...sizes, ...summed], options);
