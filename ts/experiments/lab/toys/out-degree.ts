import { completeDirectedEdges } from '../../../arguments/edges';
import { type Estimator, relax, scoreFunction, traceScoreFunction } from '../../../estimators';
import { arborescence } from '../../../structures/arborescence';
import { Adam } from '../../../training/flat-adam';
import { deriveSeed } from '../../../training/random';
import { negativeExponential } from '../../../utilities';
import { html } from '../../report/html';
import { lineSpec } from './figure';
import { effortOf } from './settings';
import { type Toy, type ToyResult, told } from './toy';

const vertices = 10;
const draws = 3;
const learningRate = 0.01;
/** Arborescences that the objective is told from. */
const evaluated = 1000;
const points = 30;
const optimum = 1 - vertices;

const edges = completeDirectedEdges(vertices, 0);
const trick = arborescence({ vertices, edges, utility: negativeExponential() });

/** Made anew for each run: RELAX learns. */
const methods: Record<string, { label: string; make: () => Estimator }> = {
  utilities: { label: 'Score function of the utilities', make: () => scoreFunction(trick) },
  'utilities+': {
    label: 'Score function of the utilities, leave one out',
    make: () => scoreFunction(trick, { baseline: 'leave-one-out' }),
  },
  trace: { label: 'Score function of the trace', make: () => traceScoreFunction(trick) },
  'trace+': {
    label: 'Score function of the trace, leave one out',
    make: () => traceScoreFunction(trick, { baseline: 'leave-one-out' }),
  },
  relax: { label: 'RELAX', make: () => relax(trick) },
};

/** Less the largest out-degree, of arborescences or of relaxed ones, and its derivative. */
export function lessOutDegree(
  x: Float64Array,
  rows: number,
): { value: Float64Array; gradient: Float64Array } {
  const n = edges.length;
  const value = new Float64Array(rows);
  const gradient = new Float64Array(rows * n);
  for (let row = 0; row < rows; row++) {
    const degrees = new Float64Array(vertices);
    for (const [i, [head]] of edges.entries()) degrees[head] += x[row * n + i];
    const largest = degrees.indexOf(Math.max(...degrees));
    value[row] = -degrees[largest];
    for (const [i, [head]] of edges.entries()) if (head === largest) gradient[row * n + i] = -1;
  }
  return { value, gradient };
}

/** The arborescence toy of Struminsky et al. (2021). */
export const outDegree: Toy = {
  title: 'The largest out-degree of an arborescence',
  about: (settings) => [
    html`Arborescences of ${vertices} vertices, rooted at the first, are those of least cost under exponential costs, whose log-rates start at 0.
Minimise less the largest number of edges that leave one vertex: the best is the star at the root, ${optimum}. ${draws} draws a step, Adam with ${learningRate},
${effortOf(settings)} steps (Struminsky et al., 2021: 15,000). The objective is told from ${evaluated} other draws.`,
    html`RELAX's control variate is the relaxed loss at temperature 1, with the best factor; the paper's is a network that learns.`,
  ],
  cells: () => Object.entries(methods).map(([name, { label }]) => ({ name, label, at: {} })),
  *run(cell, settings) {
    const steps = effortOf(settings);
    const estimator = methods[cell.name].make();
    const theta = new Float32Array(edges.length);
    const adam = new Adam(theta.length, learningRate);
    const curve: ToyResult['curve'] = [];
    const observe = (step: number) => {
      const seed = deriveSeed(settings.seed, 'out-degree', 'evaluation', step);
      const x = trick.argmax(trick.perturb(Float64Array.from(theta), { seed, samples: evaluated }), {
        samples: evaluated,
      });
      const { value } = lessOutDegree(x, evaluated);
      curve.push([step, value.reduce((a, b) => a + b, 0) / evaluated]);
    };
    observe(0);
    for (let step = 1; step <= steps; step++) {
      const { gradient } = estimator.estimate(theta, lessOutDegree, {
        seed: deriveSeed(settings.seed, 'out-degree', cell.name, step),
        samples: draws,
      });
      adam.update(theta, Float32Array.from(gradient), step);
      if (Math.floor((step * points) / steps) > Math.floor(((step - 1) * points) / steps)) observe(step);
      yield step;
    }
    const end = curve[curve.length - 1][1];
    const first = curve.find(([, value]) => value <= optimum + 0.5);
    return { values: { start: curve[0][1], end, ...(first && { near: first[0] }) }, curve };
  },
  columns: [
    { key: 'start', label: 'Start', decimals: 3 },
    { key: 'end', label: 'End', decimals: 3 },
    { key: 'near', label: 'Below −8.5 from step', decimals: 0 },
  ],
  findings(results) {
    const end = (name: string) => results.find((result) => result.name === name)?.values.end ?? Number.NaN;
    const worst = (name: string, other: string) => ({
      found: `${told(end(name))} and ${told(end(other))} at the end`,
      holds: end(name) <= end(other),
    });
    return [
      {
        claim: `The optimum ${optimum} is reached (the mean of ${evaluated} draws within .05), by the trace's score function with leave one out`,
        found: told(end('trace+')),
        holds: end('trace+') < optimum + 0.05,
      },
      {
        claim: "With leave one out, the trace's score function ends no higher than that of the utilities",
        ...worst('trace+', 'utilities+'),
      },
      {
        claim: "Without a baseline, the trace's score function ends no higher than that of the utilities",
        ...worst('trace', 'utilities'),
      },
    ];
  },
  figure(results) {
    const lines = results.flatMap(({ label, curve }) =>
      curve.map(([x, y]) => ({ line: label, panel: '', x, y })),
    );
    return {
      name: 'out-degree',
      title: 'Mean loss against steps',
      description: `Less the largest out-degree, its mean over ${evaluated} draws, over the steps of each estimator's descent; the optimum is ${optimum}.`,
      spec: lineSpec(lines, { x: 'Step', y: 'Mean loss' }),
    };
  },
};
