import { completeDirectedEdges, completeEdges } from '../../arguments/edges';
import type { Estimator } from '../../estimators';
import { arborescence } from '../../structures/arborescence';
import { linearChain } from '../../structures/derivations';
import { spanningTree } from '../../structures/spanning-tree';
import { topK } from '../../structures/top-k';
import { deriveSeed, RandomStream } from '../../training/random';
import type { Trick } from '../../trick/trick';
import { negativeExponential } from '../../utilities';
import { expectation, familyLaw, greedyTree, type Law, largest, memorylessArborescence } from './laws';
import { type Measured, measure } from './measure';
import { labMethod, type Objective } from './methods';
import { type LabMethod, labMethodNames } from './names';
import type { LabLossFunction, LabProblem } from './problems';
import { type Truth, truthOf } from './truth';

export const tableStructures = {
  'top-k': '3 of 6',
  'spanning-tree': 'Spanning trees of 4 vertices',
  arborescence: 'Arborescences of 4 vertices',
  'linear-chain': 'Chains of 4 positions, 3 states',
} as const;
export type TableStructure = keyof typeof tableStructures;

export const tableLosses = ['quadratic', 'cubic'] as const;
export type TableLoss = (typeof tableLosses)[number];

/** Bias and spread of an estimator on one loss. */
export interface TableCell {
  bias: Measured;
  deviation: number;
  /** Whether these are sums over all structures, not means over draws. */
  exact: boolean;
}

export interface TableRow {
  estimator: LabMethod;
  /** Draws of an estimate: 1, or 2 where these are compared. */
  samples: number;
  objective: Objective;
  cells: Record<TableLoss, TableCell>;
  /** Microseconds of an estimate, in batches. */
  microseconds: number;
}

/** Rows of a call, and calls. */
const atOnce = 1000;
const calls = 20;
const seed = 1;

/** Estimators whose estimate of one draw is a function of what was drawn: their means are sums. */
const ofDraw: readonly LabMethod[] = ['simple', 'second-order-simple', 'mu-prop', 'family-score-function'];

/** Those that the table leaves out: another objective, or no law to judge them by. */
function isListed(name: LabMethod, { trick, law }: LabProblem): boolean {
  const { admits, objective } = labMethod(name);
  return admits(trick(1)) && name !== 'relaxed-objective' && (objective !== 'mean' || law !== undefined);
}

/** The rows of a structure, each estimator at temperature (or step lambda) 1; `wanted` names some of them. */
export function biasRows(
  structure: TableStructure,
  wanted: readonly LabMethod[] = labMethodNames,
): TableRow[] {
  const problems = tableLosses.map((loss) => [loss, problemOf(structure, loss)] as const);
  const truths = new Map<string, Truth>();
  return wanted
    .filter((name) => isListed(name, problems[0][1]))
    .map((estimator) => {
      const { objective, leastSamples: samples = 1 } = labMethod(estimator);
      let microseconds = 0;
      const cells = problems.map(([loss, problem]) => {
        if (ofDraw.includes(estimator)) {
          const timed = drawn(estimator, samples, problem);
          microseconds = timed.microseconds;
          return [loss, exactCell(estimator, problem)] as const;
        }
        const key = `${loss} ${objective}`;
        const truth = truths.get(key) ?? truthFor(problem, objective);
        truths.set(key, truth);
        const found = drawn(estimator, samples, problem);
        microseconds = found.microseconds;
        const { bias, variance } = measure(found.estimates, truth);
        return [loss, { bias, deviation: Math.sqrt(variance.value), exact: false }] as const;
      });
      return {
        estimator,
        samples,
        objective,
        cells: Object.fromEntries(cells) as Record<TableLoss, TableCell>,
        microseconds,
      };
    });
}

/** The family's truth is known of chains too, whose noisy argmax has no law in closed form. */
function truthFor(problem: TableProblem, objective: Objective): Truth {
  if (objective !== 'family') return truthOf(problem, objective, null, seed);
  const { gradient } = expectation(problem.family, problem.loss.one);
  return { gradient, error: new Float64Array(gradient.length) };
}

/** Many estimates, row by row. */
function drawn(name: LabMethod, samples: number, { trick, theta, loss }: TableProblem) {
  const estimator = labMethod(name).make(trick(1), 1);
  const n = theta.length;
  const batch = Float64Array.from({ length: atOnce * n }, (_, i) => theta[i % n]);
  const estimates = new Float64Array(calls * atOnce * n);
  const spent: number[] = [];
  // What learns does so first.
  for (let call = -calls; call < calls; call++) {
    const start = performance.now();
    const { gradient } = estimator.estimate(batch, loss, {
      seed: deriveSeed(seed, 'bias-table', name, call),
      samples,
    });
    spent.push((1000 * (performance.now() - start)) / atOnce);
    if (call >= 0) estimates.set(gradient, call * gradient.length);
  }
  return { estimates, microseconds: spent.sort((a, b) => a - b)[Math.floor(spent.length / 2)] };
}

/** Bias and spread as sums over all structures, each weighed by its probability under the family. */
function exactCell(name: LabMethod, { trick, theta, loss, family }: TableProblem): TableCell {
  const estimator = labMethod(name).make(trick(1), 1);
  const n = theta.length;
  const found = estimatesByDraw(estimator, theta, loss, family.length);
  const mean = new Float64Array(n);
  let square = 0;
  for (const { x, probability } of family) {
    const g = found.get(x.join()) as Float64Array;
    for (let i = 0; i < n; i++) {
      mean[i] += probability * g[i];
      square += probability * g[i] ** 2;
    }
  }
  const truth = expectation(family, loss.one).gradient;
  const bias = Math.hypot(...mean.map((m, i) => m - truth[i]));
  const variance = square - mean.reduce((sum, m) => sum + m * m, 0);
  return {
    bias: { value: bias, low: bias, high: bias },
    deviation: Math.sqrt(Math.max(0, variance)),
    exact: true,
  };
}

/** Draws until every one of `count` structures has come up. */
function estimatesByDraw(
  estimator: Estimator,
  theta: Float64Array,
  loss: LabLossFunction,
  count: number,
): Map<string, Float64Array> {
  const n = theta.length;
  const batch = Float64Array.from({ length: atOnce * n }, (_, i) => theta[i % n]);
  const found = new Map<string, Float64Array>();
  for (let call = 0; found.size < count; call++) {
    const { gradient, samples } = estimator.estimate(batch, loss, {
      seed: deriveSeed(seed, 'bias-table', 'exact', call),
    });
    for (let row = 0; row < atOnce; row++) {
      found.set(samples.slice(row * n, (row + 1) * n).join(), gradient.slice(row * n, (row + 1) * n));
    }
  }
  return found;
}

interface TableProblem extends LabProblem {
  /** The exponential family at temperature 1. */
  family: Law;
}

function problemOf(structure: TableStructure, loss: TableLoss): TableProblem {
  const { trick, law, support } = structureOf(structure);
  const n = trick(1).dimension;
  const normals = (name: string, scale: number) => {
    const random = new RandomStream(seed, 'bias-table', structure, name);
    return Float64Array.from({ length: n }, () => scale * random.normal());
  };
  const [theta, v, w] = [normals('theta', 0.5), normals('linear', 1), normals('inner', 1)];
  const family = familyLaw(theta, 1, support(theta));
  return { trick, law, theta, loss: powerLoss(v, w, loss === 'quadratic' ? 2 : 3), family };
}

function structureOf(structure: TableStructure): Pick<LabProblem, 'trick' | 'law'> & {
  support: (theta: Float64Array) => Law;
} {
  const known = (trick: (temperature: number) => Trick, law: (theta: Float64Array) => Law) => {
    return { trick, law, support: law };
  };
  switch (structure) {
    case 'top-k':
      return known(
        (temperature) => topK({ elements: 6, k: 3, temperature }),
        (theta) => largest(theta, 3),
      );
    case 'spanning-tree':
      return known(
        (temperature) => spanningTree({ vertices: 4, temperature }),
        (theta) => greedyTree(theta, 4, completeEdges(4)),
      );
    case 'arborescence': {
      const edges = completeDirectedEdges(4, 0);
      const utility = negativeExponential();
      return known(
        (temperature) => arborescence({ vertices: 4, edges, temperature, utility }),
        (theta) => memorylessArborescence(theta, 0, edges),
      );
    }
    case 'linear-chain':
      return {
        trick: (temperature) => linearChain({ length: 4, states: 3, temperature }),
        law: undefined,
        support: () => labellings(4, 3),
      };
  }
}

/** All labellings of a chain, [length x states] and then [length - 1 x states x states]. */
function labellings(length: number, states: number): Law {
  const n = length * states + (length - 1) * states * states;
  return Array.from({ length: states ** length }, (_, index) => {
    const x = new Float64Array(n);
    const label = (at: number) => Math.floor(index / states ** at) % states;
    for (let at = 0; at < length; at++) {
      x[at * states + label(at)] = 1;
      if (at > 0) x[length * states + ((at - 1) * states + label(at - 1)) * states + label(at)] = 1;
    }
    return { x, probability: 1, gradient: new Float64Array(n) };
  });
}

/** `(w . x - 1)^power + v . x`. */
function powerLoss(v: Float64Array, w: Float64Array, power: number): LabLossFunction {
  const n = v.length;
  const dot = (a: Float64Array, x: Float64Array, start: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += a[i] * x[start + i];
    return sum;
  };
  const value = (x: Float64Array, start: number) => (dot(w, x, start) - 1) ** power + dot(v, x, start);
  const many = (x: Float64Array, rows: number) => {
    const gradient = new Float64Array(rows * n);
    for (let row = 0; row < rows; row++) {
      const slope = power * (dot(w, x, row * n) - 1) ** (power - 1);
      for (let i = 0; i < n; i++) gradient[row * n + i] = slope * w[i] + v[i];
    }
    return { value: Float64Array.from({ length: rows }, (_, row) => value(x, row * n)), gradient };
  };
  return Object.assign(many, { one: (x: Float64Array) => value(x, 0) });
}

const objectives: Record<Objective, string> = {
  hard: 'E[L(X)]',
  relaxed: 'E[L(X_t)]',
  family: 'E[L(x)]',
  mean: 'L(E[X])',
};

/** A number of a table: three digits, 0 where rounding is all there is. */
function digits(value: number): string {
  return value < 1e-11 ? '0' : String(Number(value.toPrecision(3)));
}

/** A bias and a spread as the cells of a table; intervals behind what was drawn. */
export function cellText({ bias, deviation, exact }: TableCell): string {
  const interval = exact ? '' : ` (${digits(bias.low)} to ${digits(bias.high)})`;
  return `${digits(bias.value)}${interval} | ${digits(deviation)}`;
}

/** A row of the Markdown table; times in whole microseconds. */
export function rowText({ estimator, samples, objective, cells, microseconds }: TableRow): string {
  const label = labMethod(estimator).label.replace(/, for .*/, '');
  const numbers = tableLosses.map((loss) => cellText(cells[loss])).join(' | ');
  return `| ${label} | ${objectives[objective]} | ${samples} | ${numbers} | ${Math.max(1, Math.round(microseconds))} |`;
}

/** The tables of all structures. */
export function biasTables(): string {
  return Object.entries(tableStructures)
    .map(([structure, title]) => {
      const rows = biasRows(structure as TableStructure).map(rowText);
      const head = [
        'Estimator',
        'for',
        'draws',
        'bias, quadratic',
        'std. dev.',
        'bias, cubic',
        'std. dev.',
        'µs',
      ];
      return [
        `## ${title}`,
        '',
        `| ${head.join(' | ')} |`,
        '|---|---|--:|--:|--:|--:|--:|--:|',
        ...rows,
      ].join('\n');
    })
    .join('\n\n');
}
