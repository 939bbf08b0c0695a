import { relaxed } from '../../estimators';
import { deriveSeed } from '../random';
import { expectation, familyLaw } from './laws';
import type { Objective } from './methods';
import type { LabProblem } from './problems';

/** A gradient to measure estimators against; `error` holds standard errors, 0 where it is exact. */
export interface Truth {
  gradient: Float64Array;
  error: Float64Array;
}

/** Draws for the truth of a relaxed objective, which has no closed form. */
const relaxedDraws = 20_000;
const drawsAtOnce = 500;

/** The gradient of an objective of a problem at its parameters. */
export function truthOf(
  problem: LabProblem,
  objective: Objective,
  temperature: number | null,
  seed: number,
): Truth {
  const exact = (gradient: Float64Array) => ({ gradient, error: new Float64Array(gradient.length) });
  switch (objective) {
    case 'hard':
      return exact(expectation(problem.law(problem.theta), problem.loss.one).gradient);
    case 'family':
      return exact(
        expectation(familyLaw(problem.theta, 1, problem.law(problem.theta)), problem.loss.one).gradient,
      );
    case 'mean':
      return exact(gradientAtMean(problem));
    case 'relaxed':
      return relaxedGradient(problem, temperature ?? 1, seed);
  }
}

/** `d L(E[X]) / d theta`, by the chain rule. */
function gradientAtMean({ law, theta, loss }: LabProblem): Float64Array {
  const outcomes = law(theta);
  const mean = theta.map((_, i) => outcomes.reduce((sum, { x, probability }) => sum + probability * x[i], 0));
  const slope = loss(mean, 1).gradient;
  return theta.map((_, j) =>
    outcomes.reduce(
      (sum, { x, gradient }) => sum + gradient[j] * x.reduce((dot, xi, i) => dot + xi * slope[i], 0),
      0,
    ),
  );
}

/**
 * `d E[L(X_t)] / d theta` by central differences of the losses with the same draws on both sides: no derivative of the
 * relaxation takes part. The differences err by about 1e-8, less than their standard errors.
 */
function relaxedGradient({ trick, theta, loss }: LabProblem, temperature: number, seed: number): Truth {
  const n = theta.length;
  const h = 1e-4 * Math.min(1, temperature);
  const estimator = relaxed(trick(temperature));
  const chunks = relaxedDraws / drawsAtOnce;
  const sum = new Float64Array(n);
  const squares = new Float64Array(n);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const drawn = { seed: deriveSeed(seed, 'lab', 'relaxed truth', chunk), samples: drawsAtOnce };
    for (let i = 0; i < n; i++) {
      const at = (step: number) =>
        estimator.estimate(
          theta.map((x, j) => (j === i ? x + step : x)),
          loss,
          drawn,
        ).loss[0];
      const slope = (at(h) - at(-h)) / (2 * h);
      sum[i] += slope;
      squares[i] += slope * slope;
    }
  }
  const gradient = sum.map((s) => s / chunks);
  const error = squares.map((s, i) => Math.sqrt(Math.max(0, s / chunks - gradient[i] ** 2) / (chunks - 1)));
  return { gradient, error };
}
