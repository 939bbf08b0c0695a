import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Experiment } from '../../ts/experiments/harness/experiment';
import { readExperiment } from '../../ts/experiments/harness/results';
import {
  selectionProbabilities,
  selectionStandardError,
  selectRuns,
} from '../../ts/experiments/harness/selection';
import { nri } from '../../ts/experiments/nri/experiment';
import { uniforms, writeSyntheticExperiment } from './synthetic-experiment';

/** Every way to draw n of n runs with replacement. */
function* resamples(n: number, depth = n): Generator<number[]> {
  if (depth === 0) yield [];
  else for (const rest of resamples(n, depth - 1)) for (let i = 0; i < n; i += 1) yield [...rest, i];
}

/** The selected run of a resample: the best score, of equals the earliest. */
function selected(resample: number[], scores: number[]): number {
  return resample.reduce((a, b) => (scores[b] > scores[a] || (scores[b] === scores[a] && b < a) ? b : a));
}

function standardDeviation(values: number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}

describe('the bootstrap over model selection', () => {
  const random = uniforms(5);

  test.each([1, 2, 3, 4, 5])('agrees with the enumeration of all resamples of %i runs', (n) => {
    const scores = Array.from({ length: n }, () => -1000 * random());
    const values = Array.from({ length: n }, () => random());
    const picks = [...resamples(n)].map((resample) => selected(resample, scores));
    const probabilities = selectionProbabilities(scores);
    for (let i = 0; i < n; i += 1) {
      expect(probabilities[i]).toBeCloseTo(picks.filter((pick) => pick === i).length / n ** n, 12);
    }
    const spread = standardDeviation(picks.map((pick) => values[pick]));
    expect(selectionStandardError(scores, values)).toBeCloseTo(spread, 12);
  });

  test('is the limit of random resampling', () => {
    const scores = [-3, -1, -7, -2, -5, -4, -8, -6];
    const values = scores.map(() => random());
    const picks = Array.from({ length: 40_000 }, () => {
      const resample = scores.map(() => Math.floor(random() * scores.length));
      return values[selected(resample, scores)];
    });
    // The relative error of a standard deviation of m draws is about 1 / sqrt(2 m), here 0.4 %.
    expect(standardDeviation(picks) / selectionStandardError(scores, values)).toBeCloseTo(1, 1.5);
  });

  test('takes the earlier of two equal runs, and a diverged run last', () => {
    expect(selectionProbabilities([-1, -1])).toEqual([0.75, 0.25]);
    expect(selectionProbabilities([Number.NaN, -5])).toEqual([0.25, 0.75]);
    expect(selectionProbabilities([-7])).toEqual([1]);
  });
});

/** The selection in a directory. */
function selectionsIn(directory: string) {
  const { experiment, settings, runs } = readExperiment(directory, [nri as Experiment]);
  return selectRuns(runs, experiment.rows(settings), experiment.columns?.(settings), experiment.objective);
}

describe('the selection of runs', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sst-statistics-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('follows the validation ELBO and leaves unfinished runs out', () => {
    const { results } = writeSyntheticExperiment(directory, { seeds: [1, 2, 3] }, ({ seed }) => seed === 3);
    const selections = selectionsIn(directory);
    expect(selections.map(({ row }) => row.id)).toEqual(['independent', 'top-k', 'spanning-tree']);
    for (const { row, selected, runs, test, standardError } of selections) {
      const own = results.filter((result) => result.row === row.id);
      expect(runs.map((run) => run.config.seed)).toEqual([1, 2]);
      expect(selected.result.validation.elbo).toBe(Math.max(...own.map((result) => result.validation.elbo)));
      expect(test).toEqual(selected.result.test);
      // Two runs: the better one is selected with probability 3/4.
      const gap = Math.abs(own[0].test.precision - own[1].test.precision);
      expect(standardError?.precision).toBeCloseTo(gap * Math.sqrt(3 / 16), 12);
    }
  });

  test('has no standard error for one run and no row for a structure without a finished run', () => {
    const only = join(directory, 'only');
    writeSyntheticExperiment(only, { seeds: [1] }, ({ structure }) => structure === 'top-k');
    const selections = selectionsIn(only);
    expect(selections.map(({ row }) => row.id)).toEqual(['independent', 'spanning-tree']);
    expect(selections[0].standardError).toBeUndefined();
  });
});
