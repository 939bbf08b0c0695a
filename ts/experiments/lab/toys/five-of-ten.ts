import {
  type Estimator,
  familyScoreFunction,
  muProp,
  secondOrderSimple,
  simple,
  traceScoreFunction,
} from '../../../estimators';
import { topK } from '../../../structures/top-k';
import { deriveSeed, RandomStream } from '../../../training/random';
import { html } from '../../report/html';
import { expectation, familyLaw, largest } from '../laws';
import { measure } from '../measure';
import { lineSpec } from './figure';
import { effortOf, type ToySettings } from './settings';
import { type Toy, told } from './toy';

const n = 10;
const k = 5;
const counts = [1, 2, 4, 8, 16, 32, 64] as const;

const trick = topK({ elements: n, k, temperature: 1 });

interface Method {
  label: string;
  estimator: Estimator;
  /** Whether it is for the law of the k largest noisy scores, not for the exponential family. */
  utilities?: true;
  unbiased: boolean;
  least?: number;
}

const methods: Record<string, Method> = {
  'family-score': {
    label: 'Score function of the family',
    estimator: familyScoreFunction(trick),
    unbiased: true,
  },
  'family-score-loo': {
    label: 'Score function of the family, leave one out',
    estimator: familyScoreFunction(trick, { baseline: 'leave-one-out' }),
    unbiased: true,
    least: 2,
  },
  trace: {
    label: 'Score function of the trace',
    estimator: traceScoreFunction(trick),
    utilities: true,
    unbiased: true,
  },
  'trace-loo': {
    label: 'Score function of the trace, leave one out',
    estimator: traceScoreFunction(trick, { baseline: 'leave-one-out' }),
    utilities: true,
    unbiased: true,
    least: 2,
  },
  'mu-prop': { label: 'MuProp', estimator: muProp(trick), unbiased: true },
  // The loss is quadratic.
  'second-order-simple': {
    label: 'Second-order SIMPLE',
    estimator: secondOrderSimple(trick),
    unbiased: true,
  },
  simple: { label: 'SIMPLE', estimator: simple(trick), unbiased: false },
};

/** Standard normal scores and targets b, and the loss |x - b|^2. */
function problem({ seed }: ToySettings) {
  const normals = (name: string) => {
    const random = new RandomStream(seed, 'five-of-ten', name);
    return Float64Array.from({ length: n }, () => random.normal());
  };
  const [theta, b] = [normals('theta'), normals('target')];
  const one = (x: Float64Array, start = 0) => b.reduce((sum, bi, i) => sum + (x[start + i] - bi) ** 2, 0);
  const loss = (x: Float64Array, rows: number) => ({
    value: Float64Array.from({ length: rows }, (_, row) => one(x, row * n)),
    gradient: x.map((xi, i) => 2 * (xi - b[i % n])),
  });
  return { theta, loss, one };
}

/** 5 of 10 (Ahmed et al., 2023; Wijk et al., 2024). */
export const fiveOfTen: Toy = {
  title: 'Five of ten',
  about: (settings) => [
    html`A subset x of ${k} of ${n} elements, 252 in all, standard normal scores, and the loss |x − b|² for a standard normal b: bias and variance of the gradient from
${counts.join(', ')} draws, over ${effortOf(settings)} estimates each. The gradient is known to the last digits, from all 252 states: that of the exponential family for
estimators of the family, that of the five largest of noisy scores for those of the trace.`,
  ],
  cells: () =>
    Object.entries(methods).flatMap(([name, { label, least = 1 }]) =>
      counts
        .filter((samples) => samples >= least)
        .map((samples) => ({ name: `${name} S=${samples}`, label, at: { samples } })),
    ),
  *run(cell, settings) {
    const { samples } = cell.at;
    const { estimator, utilities } = methods[cell.name.split(' ')[0]];
    const { theta, loss, one } = problem(settings);
    const law = largest(theta, k);
    const { gradient: truth } = expectation(utilities ? law : familyLaw(theta, 1, law), one);
    const repeats = effortOf(settings);
    const estimates = new Float64Array(repeats * n);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const seed = deriveSeed(settings.seed, 'five-of-ten', cell.name, repeat);
      estimates.set(estimator.estimate(theta, loss, { seed, samples }).gradient, repeat * n);
      yield repeat + 1;
    }
    const { bias, variance, chance } = measure(estimates, { gradient: truth, error: new Float64Array(n) });
    return {
      values: { states: law.length, bias: bias.value, variance: variance.value, chance },
      curve: [],
    };
  },
  columns: [
    { key: 'samples', label: 'Draws', decimals: 0 },
    { key: 'bias', label: 'Bias', decimals: 3 },
    { key: 'variance', label: 'Variance', decimals: 4 },
    { key: 'chance', label: 'Chance', decimals: 5 },
  ],
  findings(results) {
    const unbiased = results.filter(({ name }) => methods[name.split(' ')[0]].unbiased);
    const odd = unbiased.filter(({ values }) => values.chance < 1e-5);
    const biased = results.filter(({ name, at }) => name.startsWith('simple') && at.samples === 64);
    return [
      {
        claim: 'Score functions, MuProp and, for this quadratic loss, second-order SIMPLE are unbiased',
        found: `${odd.length} of ${unbiased.length} cells have a mean error that chance would give with a probability below 1e-5`,
        holds: odd.length === 0,
      },
      {
        claim: 'SIMPLE is biased',
        found: `a bias of ${told(biased[0]?.values.bias)} with 64 draws`,
        holds: biased.every(({ values }) => values.chance < 1e-5),
      },
      ...Object.entries(methods).map(([name, { label }]) => {
        // With few draws leave one out has a baseline of few, and more variance for it.
        const own = results.filter(
          (result) => result.name.startsWith(`${name} S=`) && result.at.samples >= 8,
        );
        const slope = slopeOf(own.map(({ at, values }) => [Math.log(at.samples), Math.log(values.variance)]));
        return {
          claim: `${label}: variance falls as 1 / draws, from eight on`,
          found: `as draws to the power ${told(slope)}`,
          holds: Math.abs(slope + 1) < 0.1,
        };
      }),
    ];
  },
  figure(results) {
    const points = results.map(({ label, at, values }) => ({
      line: label,
      panel: '',
      x: at.samples,
      y: values.variance,
    }));
    return {
      name: 'five-of-ten',
      title: 'Variance against draws',
      description:
        'The total variance of an estimate against its number of draws, both on logarithmic scales.',
      spec: lineSpec(points, { x: 'Draws', y: 'Variance' }, { marked: true, logarithmic: true }),
    };
  },
};

/** The slope of the line of least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const along = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return along / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
