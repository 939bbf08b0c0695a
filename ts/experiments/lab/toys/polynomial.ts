import { type Estimator, gappedStraightThrough, reinMax, simple, straightThrough } from '../../../estimators';
import { oneHot } from '../../../structures/one-hot';
import { Adam } from '../../../training/flat-adam';
import { deriveSeed, RandomStream } from '../../../training/random';
import { html } from '../../report/html';
import { lineSpec } from './figure';
import { effortOf } from './settings';
import { type Toy, type ToyResult, told } from './toy';

const latents = 128;
const target = 0.45;
const exponents = [1.5, 2, 3] as const;
const draws = 64;
const learningRate = 1e-3;
/** The curve has this many points after the start. */
const points = 40;

const trick = oneHot({ categories: 2, temperature: 1 });

/** Of each pair of categories the second is z = 1. The loss of a latent is its share of the mean over all. */
const methods: Record<string, { label: string; estimator?: Estimator }> = {
  exact: { label: 'Exact gradient' },
  'rein-max': { label: 'ReinMax', estimator: reinMax(trick) },
  simple: { label: 'Straight-through without noise (SIMPLE)', estimator: simple(trick) },
  'straight-through': { label: 'Straight-through Gumbel-softmax', estimator: straightThrough(trick) },
  'gapped-straight-through': { label: 'Gapped straight-through', estimator: gappedStraightThrough(trick) },
};

/** The mean loss at logits [latents x 2], and its derivatives. */
function objective(logits: ArrayLike<number>, exponent: number): { value: number; gradient: Float64Array } {
  const [zero, one] = [target ** exponent, (1 - target) ** exponent];
  const gradient = new Float64Array(2 * latents);
  let value = 0;
  for (let i = 0; i < latents; i++) {
    const p = 1 / (1 + Math.exp(logits[2 * i] - logits[2 * i + 1]));
    value += (zero + p * (one - zero)) / latents;
    const slope = (p * (1 - p) * (one - zero)) / latents;
    gradient[2 * i] = -slope;
    gradient[2 * i + 1] = slope;
  }
  return { value, gradient };
}

/** `|z - .45|^p / 128` of latents that are one-hot, and the derivative in z, on the second category. */
function lossOf(exponent: number) {
  return (x: Float64Array, rows: number) => {
    const value = new Float64Array(rows);
    const gradient = new Float64Array(2 * rows);
    for (let row = 0; row < rows; row++) {
      const away = x[2 * row + 1] - target;
      value[row] = Math.abs(away) ** exponent / latents;
      gradient[2 * row + 1] = (exponent * Math.sign(away) * Math.abs(away) ** (exponent - 1)) / latents;
    }
    return { value, gradient };
  };
}

/** Where straight-through without noise stops: the mean of the loss's derivative is 0 there. */
export function straightThroughLimit(exponent: number): number {
  const [zero, one] = [target ** (exponent - 1), (1 - target) ** (exponent - 1)];
  const p = zero / (zero + one);
  return (1 - p) * target ** exponent + p * (1 - target) ** exponent;
}

/** Polynomial programming (Liu et al., 2023). */
export const polynomial: Toy = {
  title: 'Polynomial programming',
  about: (settings) => [
    html`Minimise the mean over ${latents} binary latents of |z − ${target}|<sup>p</sup>, p = ${exponents.join(', ')}, in the logits of both values,
which start uniformly within .01 of 0: ${draws} draws a step, Adam with ${learningRate}, ${effortOf(settings)} steps (Liu et al., 2023: 8000). All latents start fair and
should end at 0. The curves are of the exact objective, not of draws.`,
    html`All estimators have temperature 1; the paper tunes it for each, and has Rao-Blackwellised straight-through too, which costs a hundred times as much. Straight-through without noise takes the mean of the loss's derivative for its slope, and stops where that is 0.`,
  ],
  cells: () =>
    exponents.flatMap((p) =>
      Object.entries(methods).map(([name, { label }]) => ({ name: `${name} p=${p}`, label, at: { p } })),
    ),
  *run(cell, settings) {
    const { p } = cell.at;
    const { estimator } = methods[cell.name.split(' ')[0]];
    const steps = effortOf(settings);
    const random = new RandomStream(settings.seed, 'polynomial', 'logits');
    const logits = Float32Array.from({ length: 2 * latents }, () => 0.02 * random.uniform() - 0.01);
    const adam = new Adam(logits.length, learningRate);
    const loss = lossOf(p);
    const curve: ToyResult['curve'] = [[0, objective(logits, p).value]];
    for (let step = 1; step <= steps; step++) {
      const gradient =
        estimator === undefined
          ? objective(logits, p).gradient
          : estimator.estimate(logits, loss, {
              seed: deriveSeed(settings.seed, 'polynomial', cell.name, step),
              samples: draws,
            }).gradient;
      adam.update(logits, Float32Array.from(gradient), step);
      if (Math.floor((step * points) / steps) > Math.floor(((step - 1) * points) / steps))
        curve.push([step, objective(logits, p).value]);
      yield step;
    }
    const [start, end] = [curve[0][1], curve[curve.length - 1][1]];
    return { values: { start, end, optimum: target ** p }, curve };
  },
  columns: [
    { key: 'p', label: 'p', decimals: 1 },
    { key: 'start', label: 'Start', decimals: 4 },
    { key: 'end', label: 'End', decimals: 4 },
    { key: 'optimum', label: 'Optimum', decimals: 4 },
  ],
  findings(results) {
    return exponents.flatMap((p) => {
      const end = (name: string) =>
        results.find((result) => result.name === `${name} p=${p}`)?.values.end ?? Number.NaN;
      const others = Object.keys(methods).filter((name) => name !== 'exact' && name !== 'rein-max');
      const best = others.reduce((a, b) => (end(b) < end(a) ? b : a));
      return [
        {
          claim: `p = ${p}: ReinMax comes closest to the optimum of all estimators (Liu et al., 2023)`,
          found: `${told(end('rein-max'))}; the next is ${methods[best].label} with ${told(end(best))}; the optimum is ${told(target ** p)}`,
          holds: end('rein-max') <= end(best),
        },
        {
          claim: `p = ${p}: straight-through without noise stops at ${told(straightThroughLimit(p))} (where the mean derivative is 0)`,
          found: told(end('simple')),
          holds: Math.abs(end('simple') - straightThroughLimit(p)) < 0.002,
        },
      ];
    });
  },
  figure(results) {
    const lines = results.flatMap(({ label, at, curve }) =>
      curve.map(([x, y]) => ({ line: label, panel: `p = ${at.p}`, x, y })),
    );
    return {
      name: 'polynomial',
      title: 'Mean loss against steps',
      description:
        'The exact mean loss of each estimator over the steps of its descent, a picture for each exponent.',
      spec: lineSpec(lines, { x: 'Step', y: 'Mean loss' }),
    };
  },
};
