import { relaxed, scoreFunction } from '../../estimators';
import { deriveSeed } from '../../training/random';
import { expectation, familyLaw, type Law } from './laws';
import type { Objective } from './methods';
import type { LabProblem } from './problems';

/** A gradient to measure estimators against; `error` holds standard errors, 0 where it is exact. */
export interface Truth {
  gradient: Float64Array;
  error: Float64Array;
}

/** Draws for a truth that has no closed form: of a relaxed objective, or of an unknown law. */
const relaxedDraws = 20_000;
const drawsAtOnce = 500;
const scoreDraws = 1_000_000;
const scoresAtOnce = 5_000;

/** The gradient of an objective of a problem at its parameters. */
export function truthOf(
  problem: LabProblem,
  objective: Objective,
  temperature: number | null,
  seed: number,
): Truth {
  const exact = (gradient: Float64Array) => ({ gradient, error: new Float64Array(gradient.length) });
  const { theta, loss } = problem;
  const law = problem.law?.(theta);
  switch (objective) {
    case 'hard':
      return law === undefined ? scoreGradient(problem, seed) : exact(expectation(law, loss.one).gradient);
    case 'family':
      return exact(expectation(familyLaw(theta, 1, known(law)), loss.one).gradient);
    case 'mean':
      return exact(gradientAtMean(problem, known(law)));
    case 'relaxed':
      return relaxedGradient(problem, temperature ?? 1, seed);
  }
}

/** `d L(E[X]) / d theta`, by the chain rule. */
function gradientAtMean({ theta, loss }: LabProblem, outcomes: Law): Float64Array {
  const mean = theta.map((_, i) => outcomes.reduce((sum, { x, probability }) => sum + probability * x[i], 0));
  const slope = loss(mean, 1).gradient;
  return theta.map((_, j) =>
    outcomes.reduce(
      (sum, { x, gradient }) => sum + gradient[j] * x.reduce((dot, xi, i) => dot + xi * slope[i], 0),
      0,
    ),
  );
}

/** `d E[L(X)] / d theta` where the law is not known: a score function with leave-one-out, over many draws. */
function scoreGradient({ trick, theta, loss }: LabProblem, seed: number): Truth {
  const estimator = scoreFunction(trick(1), { baseline: 'leave-one-out' });
  return meanOf(scoreDraws / scoresAtOnce, theta.length, (chunk) => {
    const drawn = { seed: deriveSeed(seed, 'lab', 'score truth', chunk), samples: scoresAtOnce };
    return estimator.estimate(theta, loss, drawn).gradient;
  });
}

/**
 * `d E[L(X_t)] / d theta` by central differences of the losses with the same draws on both sides: no derivative of the
 * relaxation takes part. The differences err by about 1e-8, less than their standard errors.
 */
function relaxedGradient({ trick, theta, loss }: LabProblem, temperature: number, seed: number): Truth {
  const h = 1e-4 * Math.min(1, temperature);
  const estimator = relaxed(trick(temperature));
  return meanOf(relaxedDraws / drawsAtOnce, theta.length, (chunk) => {
    const drawn = { seed: deriveSeed(seed, 'lab', 'relaxed truth', chunk), samples: drawsAtOnce };
    return theta.map((_, i) => {
      const at = (step: number) => {
        const moved = theta.map((x, j) => (j === i ? x + step : x));
        return estimator.estimate(moved, loss, drawn).loss[0];
      };
      return (at(h) - at(-h)) / (2 * h);
    });
  });
}

/** The mean of independent gradients, with its standard errors. */
function meanOf(count: number, n: number, gradientOf: (index: number) => Float64Array): Truth {
  const sum = new Float64Array(n);
  const squares = new Float64Array(n);
  for (let index = 0; index < count; index++) {
    for (const [i, g] of gradientOf(index).entries()) {
      sum[i] += g;
      squares[i] += g * g;
    }
  }
  const gradient = sum.map((s) => s / count);
  const error = squares.map((s, i) => Math.sqrt(Math.max(0, s / count - gradient[i] ** 2) / (count - 1)));
  return { gradient, error };
}

function known(law: Law | undefined): Law {
  if (law === undefined) throw new Error('this objective needs a law');
  return law;
}
