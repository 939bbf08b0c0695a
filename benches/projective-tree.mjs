// Projective trees with either relaxation.
import { projectiveTree } from '../dist/index.js';
import { benchmark } from './support/structure.mjs';

/** Rows times words cubed of the largest batch, lest one call take seconds. */
const LARGEST_WORK = 2 ** 24;

const sizes = [5, 10, 20, 40].flatMap((words) =>
  ['exponential-family', 'perturb-and-parse'].map((relaxation) => ({
    label: `${words} words, ${relaxation}`,
    trick: projectiveTree({ words, relaxation }),
    largestBatch: Math.max(128, Math.floor(LARGEST_WORK / words ** 3)),
  })),
);

export const run = (options) => benchmark('projective tree', sizes, options);
