import { arms, familyScoreFunction } from '../../../estimators';
import { subset } from '../../../structures/subset';
import { deriveSeed, RandomStream } from '../../../training/random';
import { html } from '../../report/html';
import { lineSpec } from './figure';
import { effortOf } from './settings';
import { type Finding, type Toy, type ToyResult, told } from './toy';

const target = 0.49;
const locations = [0, 0.5, 1, 2] as const;
const counts = [2, 4, 6, 8, 10] as const;
/** Estimates of one call. */
const atOnce = 500;

const coin = subset({ elements: 1, temperature: 1 });
/** What the loss (z - .49)^2 gains from z = 0 to z = 1. */
const gain = (1 - target) ** 2 - target ** 2;

function loss(x: Float64Array): Float64Array {
  return x.map((z) => (z - target) ** 2);
}

/** Estimates of the derivative at theta, so many, each of so many draws. */
type Draw = (theta: number, samples: number, estimates: number, seed: bigint) => Float64Array;

const method = (estimator: ReturnType<typeof arms>): Draw => {
  return (theta, samples, estimates, seed) =>
    estimator.estimate(new Float64Array(estimates).fill(theta), loss, { seed, samples }).gradient;
};

/** The means of groups of `size` numbers. */
function meansOf(values: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: values.length / size }, (_, i) => {
    return values.subarray(i * size, (i + 1) * size).reduce((a, b) => a + b, 0) / size;
  });
}

const methods: Record<
  string,
  { label: string; draw: Draw; variance: (theta: number, samples: number) => number }
> = {
  arm: { label: 'ARM', draw: drawArm, variance: (theta, samples) => armVariance(theta) / (samples / 2) },
  'leave-one-out': {
    label: 'Leave one out',
    draw: method(familyScoreFunction(coin, { baseline: 'leave-one-out' })),
    variance: leaveOneOutVariance,
  },
  disarm: {
    label: 'DisARM',
    // Independent pairs of antithetic draws.
    draw: (theta, samples, estimates, seed) =>
      meansOf(method(arms(coin))(theta, 2, (estimates * samples) / 2, seed), samples / 2),
    variance: (theta, samples) => armsVarianceOf(theta, 2) / (samples / 2),
  },
  arms: { label: 'ARMS', draw: method(arms(coin)), variance: armsVarianceOf },
};

/** ARM of independent pairs: `(f(1[u > 1 - p]) - f(1[u < p])) (u - 1/2)` (Yin and Zhou, 2019). */
function drawArm(theta: number, samples: number, estimates: number, seed: bigint): Float64Array {
  const p = sigmoid(theta);
  const random = new RandomStream(seed, 'arm');
  const pairs = Float64Array.from({ length: (estimates * samples) / 2 }, () => {
    const u = random.uniform();
    const difference = Number(u > 1 - p) - Number(u < p);
    return gain * difference * (u - 0.5);
  });
  return meansOf(pairs, samples / 2);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The variance of a pair of ARM: an estimate is `gain |u - 1/2|` where that is more than |p - 1/2|, else 0. */
function armVariance(theta: number): number {
  const p = sigmoid(theta);
  const second = (2 / 3) * (1 / 8 - Math.abs(p - 0.5) ** 3);
  return gain * gain * (second - (p * (1 - p)) ** 2);
}

/** The variance of `gain k (S - k) / (S (S - 1) (1 - rho))` for a law of the number k of ones. */
function varianceOfCounts(law: readonly number[], p: number): number {
  const samples = law.length - 1;
  const terms = law.map((_, k) => (k * (samples - k)) / (samples * (samples - 1)));
  const mean = law.reduce((sum, probability, k) => sum + probability * terms[k], 0);
  const square = law.reduce((sum, probability, k) => sum + probability * terms[k] ** 2, 0);
  // Unbiased: the mean of what is scaled is gain p (1 - p).
  return (gain * p * (1 - p)) ** 2 * (square / mean ** 2 - 1);
}

function leaveOneOutVariance(theta: number, samples: number): number {
  const p = sigmoid(theta);
  const law = Array.from(
    { length: samples + 1 },
    (_, k) => choose(samples, k) * p ** k * (1 - p) ** (samples - k),
  );
  return varianceOfCounts(law, p);
}

/** The number of draws on a coin's rarer side, by inclusion and exclusion: j given draws are there with (1 - j c)^(S-1). */
function armsVarianceOf(theta: number, samples: number): number {
  const p = sigmoid(theta);
  const c = 1 - Math.min(p, 1 - p) ** (1 / (samples - 1));
  const all = (j: number) => (j === 0 ? 1 : Math.max(0, 1 - j * c) ** (samples - 1));
  const law = Array.from({ length: samples + 1 }, (_, k) => {
    let probability = 0;
    for (let j = k; j <= samples; j++) {
      probability += (-1) ** (j - k) * choose(samples, j) * choose(j, k) * all(j);
    }
    return probability;
  });
  return varianceOfCounts(law, p);
}

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return Math.round(product);
}

/** The variance toy of ARMS (Dimitriev and Zhou, 2021; before it of Yin and Zhou, 2019). */
export const armsVariance: Toy = {
  title: 'Variance of coins that avoid one another',
  about: (settings) => [
    html`One coin z of probability σ(θ) and the loss (z − ${target})²: the variance of an estimate of the derivative from ${counts.join(', ')} draws, at θ =
${locations.join(', ')}, over ${effortOf(settings)} estimates each, beside its closed form. Values are scaled by the square of what the loss gains from z = 0 to 1, so
that they do not depend on ${target}. ARM and DisARM average independent pairs.`,
    html`At θ = 0 the two draws of DisARM are never alike, so that its variance is 0 for any number of pairs, and that of ARMS with more than two draws is not: there the order
of the paper cannot come out.`,
  ],
  cells: () =>
    locations.flatMap((theta) =>
      Object.entries(methods).flatMap(([name, { label }]) =>
        counts.map((samples) => ({
          name: `${name} theta=${theta} S=${samples}`,
          label,
          at: { theta, samples },
        })),
      ),
    ),
  *run(cell, settings) {
    const { theta, samples } = cell.at;
    const { draw, variance } = methods[cell.name.split(' ')[0]];
    const repeats = effortOf(settings);
    let [count, sum, squares] = [0, 0, 0];
    for (let call = 0; count < repeats; call++) {
      const size = Math.min(atOnce, repeats - count);
      const seed = deriveSeed(settings.seed, 'arms-variance', cell.name, call);
      for (const estimate of draw(theta, samples, size, seed)) {
        sum += estimate / gain;
        squares += (estimate / gain) ** 2;
      }
      count += size;
      yield count;
    }
    const p = sigmoid(theta);
    const [mean, exact] = [sum / repeats, variance(theta, samples) / gain ** 2];
    const spread = Math.max(0, squares / repeats - mean ** 2) * (repeats / (repeats - 1));
    return { values: { mean, truth: p * (1 - p), variance: spread, exact: Math.max(0, exact) }, curve: [] };
  },
  columns: [
    { key: 'theta', label: 'θ', decimals: 1 },
    { key: 'samples', label: 'Draws', decimals: 0 },
    { key: 'mean', label: 'Mean', decimals: 4 },
    { key: 'truth', label: 'Derivative', decimals: 4 },
    { key: 'variance', label: 'Variance', decimals: 6 },
    { key: 'exact', label: 'Closed form', decimals: 6 },
  ],
  findings(results) {
    const exact = (name: string, theta: number, samples: number) =>
      results.find((result) => result.name === `${name} theta=${theta} S=${samples}`)?.values.exact ??
      Number.NaN;
    /** Whether one has more variance than another at all numbers of draws of a list. */
    const above = (
      a: string,
      b: string,
      theta: number,
      of: readonly number[],
    ): Pick<Finding, 'found' | 'holds'> => {
      const where = of.filter((samples) => exact(a, theta, samples) > exact(b, theta, samples));
      const first = of[0];
      return {
        found: `at ${where.length} of ${of.length} numbers of draws; with ${first} draws ${told(exact(a, theta, first))} and ${told(exact(b, theta, first))}`,
        holds: where.length === of.length,
      };
    };
    return locations.flatMap((theta): Finding[] => [
      {
        claim: `θ = ${theta}: ARM has more variance than leave one out`,
        ...above('arm', 'leave-one-out', theta, counts),
      },
      { claim: `θ = ${theta}: ARM has more variance than DisARM`, ...above('arm', 'disarm', theta, counts) },
      {
        claim: `θ = ${theta}: DisARM has more variance than ARMS from four draws on`,
        ...above('disarm', 'arms', theta, counts.slice(1)),
      },
      {
        claim: `θ = ${theta}: leave one out has more variance than ARMS`,
        ...above('leave-one-out', 'arms', theta, counts),
      },
      {
        claim: `θ = ${theta}: with two draws ARMS is DisARM`,
        found: `${told(exact('arms', theta, 2))} and ${told(exact('disarm', theta, 2))}`,
        holds: Math.abs(exact('arms', theta, 2) - exact('disarm', theta, 2)) < 1e-12,
      },
    ]);
  },
  figure(results: readonly ToyResult[]) {
    const points = results.map(({ label, at, values }) => ({
      line: label,
      panel: `θ = ${at.theta}`,
      x: at.samples,
      y: values.variance,
    }));
    return {
      name: 'arms-variance',
      title: 'Variance against draws',
      description:
        'The variance of an estimate against its number of draws, a picture for each location of the coin.',
      spec: lineSpec(points, { x: 'Draws', y: 'Variance' }, { marked: true }),
    };
  },
};
