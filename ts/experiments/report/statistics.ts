import { type NriEstimator, type NriStructure, nriEstimators } from '../nri/config';
import type { NriEvaluation, NriResult } from '../nri/records';
import type { RunRecord } from './results';

/** A finished run. */
export type FinishedRun = RunRecord & { result: NriResult };

/** The test metrics that the table shows. */
export const testMetrics = ['elbo', 'precision', 'recall'] as const;
export type TestMetric = (typeof testMetrics)[number];

/** One row of the table of results: the run chosen among `runs` by its validation ELBO. */
export interface Selection {
  structure: NriStructure;
  estimator: NriEstimator;
  runs: FinishedRun[];
  selected: FinishedRun;
  test: NriEvaluation;
  /** Bootstrap standard error over the model selection of each test metric; undefined for a single run. */
  standardError: Record<TestMetric, number> | undefined;
}

/**
 * Selects the best run of every structure and estimator by validation ELBO, in the order of `structures`; those without a
 * finished run are left out.
 */
export function selectRuns(runs: readonly RunRecord[], structures: readonly NriStructure[]): Selection[] {
  const variants = structures.flatMap((structure) =>
    nriEstimators.map((estimator) => ({ structure, estimator })),
  );
  return variants.flatMap(({ structure, estimator }) => {
    const finished = runs.filter(
      (run): run is FinishedRun =>
        run.config.structure === structure && run.config.estimator === estimator && run.result !== undefined,
    );
    if (finished.length === 0) return [];
    const scores = finished.map((run) => run.result.validation.elbo);
    const selected = finished[rank(scores)[0]];
    const { test } = selected.result;
    return [{ structure, estimator, runs: finished, selected, test, standardError: errors(finished) }];
  });
}

/**
 * Probability that each of n runs is selected when n runs are drawn with replacement and the one with the highest
 * score is taken: the run of rank r (from 0) has `((n - r) / n)^n - ((n - r - 1) / n)^n`. This is the limit of a
 * bootstrap with infinitely many draws. Scores that are not finite rank last; ties go to the earlier run.
 */
export function selectionProbabilities(scores: readonly number[]): number[] {
  const n = scores.length;
  const probabilities = new Array<number>(n).fill(0);
  for (const [r, run] of rank(scores).entries()) {
    probabilities[run] = ((n - r) / n) ** n - ((n - r - 1) / n) ** n;
  }
  return probabilities;
}

/**
 * Bootstrap standard error over the model selection: the standard deviation of `values` at the run selected by
 * `scores` among n runs drawn with replacement.
 */
export function selectionStandardError(scores: readonly number[], values: readonly number[]): number {
  const probabilities = selectionProbabilities(scores);
  const mean = probabilities.reduce((sum, p, i) => sum + p * values[i], 0);
  return Math.sqrt(probabilities.reduce((sum, p, i) => sum + p * (values[i] - mean) ** 2, 0));
}

function errors(runs: readonly FinishedRun[]): Record<TestMetric, number> | undefined {
  if (runs.length < 2) return undefined;
  const scores = runs.map((run) => run.result.validation.elbo);
  const error = (metric: TestMetric) =>
    selectionStandardError(
      scores,
      runs.map((run) => run.result.test[metric]),
    );
  return { elbo: error('elbo'), precision: error('precision'), recall: error('recall') };
}

function rank(scores: readonly number[]): number[] {
  const key = (i: number) => (Number.isFinite(scores[i]) ? scores[i] : Number.NEGATIVE_INFINITY);
  return scores.map((_, i) => i).sort((a, b) => (key(a) === key(b) ? a - b : key(b) - key(a)));
}
