// The best arborescences and projective trees of utilities.
import { arborescence, projectiveTree } from '../../../dist/index.js';
import { KINDS } from './soft.mjs';

const rows = 128;

const row = (name, operation, vertices, kind, wanted, makeTrick) => ({
  name: `${name}, ${kind}`,
  operation,
  parameters: { rows, vertices },
  wanted,
  // Trees are the same or they are not.
  tolerance: 0,
  prepare: () => {
    const trick = makeTrick();
    const make = () => new KINDS[kind](rows * trick.dimension);
    const utility = trick.perturb(make(), { seed: 1 });
    const out = make();
    return { arrays: { utility }, call: () => [trick.argmax(utility, { out })] };
  },
});

const edmonds = (vertices) =>
  row(`Edmonds, ${vertices} vertices`, 'edmonds', vertices, 'float32', 4, () => arborescence({ vertices }));

const eisner = (words) =>
  row(`Eisner, ${words} words`, 'eisner', words + 1, 'float64', 3, () => projectiveTree({ words }));

export const parses = {
  name: 'parses',
  python: 'parses',
  rows: [edmonds(50), edmonds(100), eisner(10), eisner(25)],
};
