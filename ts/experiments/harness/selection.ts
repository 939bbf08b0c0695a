import type { Column, Experiment, FinishedRun, Metrics, Row, RunRecord, Selection } from './experiment';
import { type Better, rank } from './objective';

/**
 * Selects the best run of every cell of the table by the objective on validation, in the order of rows, then columns;
 * cells without a finished run are left out.
 */
export function selectRuns(
  runs: readonly RunRecord[],
  rows: readonly Row[],
  columns: readonly Column[] | undefined,
  { key, better }: Experiment['objective'],
): Selection[] {
  return rows.flatMap((row) =>
    (columns ?? [undefined]).flatMap((column) => {
      const finished = runs.filter(
        (run): run is FinishedRun =>
          run.row === row.id &&
          (column === undefined || run.column === column.id) &&
          run.result !== undefined,
      );
      if (finished.length === 0) return [];
      const scores = finished.map((run) => run.result.validation[key]);
      const selected = finished[rank(scores, better)[0]];
      return [
        {
          row,
          ...(column && { column }),
          runs: finished,
          selected,
          test: selected.result.test,
          standardError: errors(finished, scores, better),
        },
      ];
    }),
  );
}

/**
 * Probability that each of n runs is selected when n runs are drawn with replacement and the one with the best score is
 * taken: the run of rank r (from 0) has `((n - r) / n)^n - ((n - r - 1) / n)^n`. This is the limit of a bootstrap with
 * infinitely many draws. Scores that are not finite rank last; ties go to the earlier run.
 */
export function selectionProbabilities(scores: readonly number[], better: Better = 'higher'): number[] {
  const n = scores.length;
  const probabilities = new Array<number>(n).fill(0);
  for (const [r, run] of rank(scores, better).entries()) {
    probabilities[run] = ((n - r) / n) ** n - ((n - r - 1) / n) ** n;
  }
  return probabilities;
}

/**
 * Bootstrap standard error over the model selection: the standard deviation of `values` at the run selected by
 * `scores` among n runs drawn with replacement.
 */
export function selectionStandardError(
  scores: readonly number[],
  values: readonly number[],
  better: Better = 'higher',
): number {
  const probabilities = selectionProbabilities(scores, better);
  const mean = probabilities.reduce((sum, p, i) => sum + p * values[i], 0);
  return Math.sqrt(probabilities.reduce((sum, p, i) => sum + p * (values[i] - mean) ** 2, 0));
}

function errors(runs: readonly FinishedRun[], scores: number[], better: Better): Metrics | undefined {
  if (runs.length < 2) return undefined;
  const keys = Object.keys(runs[0].result.test);
  return Object.fromEntries(
    keys.map((key) => [
      key,
      selectionStandardError(
        scores,
        runs.map((run) => run.result.test[key] ?? Number.NaN),
        better,
      ),
    ]),
  );
}
