import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SstError } from '../../arguments/errors';
import { readJson } from '../json-file';
import { readLines } from '../json-lines';
import { type NriConfig, type NriExperiment, nriExperiment, nriRunName, nriRuns } from '../nri/config';
import type { NriMetricsLine, NriResult } from '../nri/records';

/** One run of an experiment; `result` is absent until the run is finished. */
export interface RunRecord {
  name: string;
  config: NriConfig;
  metrics: NriMetricsLine[];
  result?: NriResult;
}

/** An experiment read back from its directory. */
export interface ExperimentRecord {
  experiment: NriExperiment;
  runs: RunRecord[];
}

/**
 * Reads the directory of an experiment: its configuration, every run's metrics, and the results of finished runs.
 *
 * @throws SstError INVALID_ARGUMENT when the directory holds no experiment or one of its files is damaged.
 */
export function readExperiment(directory: string): ExperimentRecord {
  const experiment = readExperimentFile(directory);
  const runs = nriRuns(experiment).map((config) => readRun(directory, config));
  return { experiment, runs };
}

/**
 * The configuration an experiment's directory was made with.
 *
 * @throws SstError INVALID_ARGUMENT when there is none or it cannot be read.
 */
export function readExperimentFile(directory: string): NriExperiment {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new SstError('INVALID_ARGUMENT', `${directory} is not a directory`);
  }
  const path = join(directory, 'experiment.json');
  if (!existsSync(path)) {
    throw new SstError('INVALID_ARGUMENT', `${directory} holds no experiment: it has no experiment.json`);
  }
  const stored = readJson<NriExperiment>(path);
  try {
    return nriExperiment(stored);
  } catch (error) {
    throw new SstError('INVALID_ARGUMENT', `${path}: ${(error as Error).message}`);
  }
}

function readRun(directory: string, config: NriConfig): RunRecord {
  const name = nriRunName(config);
  const metricsPath = join(directory, name, 'metrics.jsonl');
  const resultPath = join(directory, name, 'result.json');
  const run: RunRecord = { name, config, metrics: readLines(metricsPath) };
  if (existsSync(resultPath)) run.result = readResult(resultPath);
  return run;
}

function readResult(path: string): NriResult {
  const result = readJson<NriResult>(path);
  for (const set of ['validation', 'test'] as const) {
    for (const key of ['elbo', 'precision', 'recall'] as const) {
      // A run that diverged has null where JSON cannot say NaN.
      const value: unknown = result[set]?.[key];
      if (value !== null && typeof value !== 'number') {
        throw new SstError('INVALID_ARGUMENT', `${path}: expected a number at ${set}.${key}, got ${value}`);
      }
      if (value === null) result[set][key] = Number.NaN;
    }
  }
  return result;
}
