import { Perturbation } from '../../trick/perturbation';
import { NativeSolver } from '../../trick/solver';
import { gaussian } from '../../utilities';
import type { L2xProblemName } from './names';

/** Features of every input. */
export const features = 10;

/** A data set: how likely the label is given an input, and which features it depends on. */
export interface L2xProblem {
  label: string;
  /** How many features an explanation chooses: as many as matter. */
  k: number;
  logit: (x: Float64Array) => number;
  relevant: (x: Float64Array) => readonly number[];
}

const orangeSkin = (x: Float64Array) => x.reduce((sum, xi) => sum + xi * xi, -4);
const additive = ([a, b, c, d]: Float64Array) =>
  -100 * Math.sin(0.2 * a) + Math.abs(b) + c + Math.exp(-d) - 2.4;
const firstFour = [0, 1, 2, 3];

/**
 * The four data sets of Chen et al. (2018, section 4.1), with the numbers of their published code: P(Y = 1 | x) is the
 * sigmoid of these.
 */
export const l2xProblems: Record<L2xProblemName, L2xProblem> = {
  'orange-skin': {
    label: 'Orange skin',
    k: 4,
    logit: (x) => orangeSkin(x.subarray(0, 4)),
    relevant: () => firstFour,
  },
  xor: { label: 'XOR', k: 2, logit: (x) => x[0] * x[1], relevant: () => [0, 1] },
  'nonlinear-additive': {
    label: 'Nonlinear additive',
    k: 4,
    logit: (x) => additive(x.subarray(0, 4)),
    relevant: () => firstFour,
  },
  // The last feature is near 3 or near -3, and says which of two groups of features counts.
  switch: {
    label: 'Switch',
    k: 5,
    logit: (x) => (x[9] > 0 ? orangeSkin(x.subarray(0, 4)) : additive(x.subarray(4, 8))),
    relevant: (x) => (x[9] > 0 ? [0, 1, 2, 3, 9] : [4, 5, 6, 7, 9]),
  },
};

/** Inputs [rows x features] with P(Y = 1) of each. */
export interface L2xData {
  rows: number;
  x: Float64Array;
  probability: Float64Array;
}

const noise = new Perturbation(gaussian(), NativeSolver.coordinates(features + 1));
const origin = new Float64Array(features + 1);

/** Draws inputs: standard normals, but for the switch feature, which has mean 3 or -3 with equal chances. */
export function l2xData(name: L2xProblemName, rows: number, seed: bigint): L2xData {
  const drawn = noise.perturb(origin, { seed, samples: rows });
  const x = new Float64Array(rows * features);
  const probability = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const own = x.subarray(row * features, (row + 1) * features);
    own.set(drawn.subarray(row * (features + 1), row * (features + 1) + features));
    // The normal that is left decides the component.
    if (name === 'switch') own[features - 1] += drawn[row * (features + 1) + features] > 0 ? 3 : -3;
    probability[row] = 1 / (1 + Math.exp(-l2xProblems[name].logit(own)));
  }
  return { rows, x, probability };
}

/**
 * The median rank of the relevant features of each row, averaged over the rows: rank 1 has the highest score; of equal
 * scores, the lower feature goes first. Perfect is (k + 1) / 2.
 */
export function medianRank(
  name: L2xProblemName,
  scores: ArrayLike<number>,
  { rows, x }: Pick<L2xData, 'rows' | 'x'>,
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const score = (feature: number) => scores[row * features + feature];
    const order = Array.from({ length: features }, (_, i) => i).sort((a, b) => score(b) - score(a) || a - b);
    const ranks = l2xProblems[name]
      .relevant(x.subarray(row * features, (row + 1) * features))
      .map((feature) => order.indexOf(feature) + 1)
      .sort((a, b) => a - b);
    sum += (ranks[Math.floor((ranks.length - 1) / 2)] + ranks[Math.floor(ranks.length / 2)]) / 2;
  }
  return sum / rows;
}
