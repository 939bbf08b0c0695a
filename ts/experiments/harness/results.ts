import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SstError } from '../../arguments/errors';
import { writeFileAtomically } from '../../files/atomic-file';
import { readJson } from '../json-file';
import { readLines } from '../json-lines';
import type { Experiment, Metrics, RunMetrics, RunRecord, RunResult } from './experiment';
import { type PlannedRun, plannedRuns, settingsOf } from './plan';
import { runFiles } from './run-files';
import type { BaseSettings } from './settings';

/** An experiment with the settings that its directory was made with. */
export interface StoredExperiment {
  experiment: Experiment;
  settings: BaseSettings;
}

/** An experiment read back from its directory. */
export interface ExperimentRecord extends StoredExperiment {
  runs: RunRecord[];
}

const fileName = 'experiment.json';

/** Where a directory keeps what it was made with. */
export function experimentPath(directory: string): string {
  return join(directory, fileName);
}

/** Writes what a directory is made with. */
export function writeExperimentFile(directory: string, { experiment, settings }: StoredExperiment): void {
  const stored = { experiment: experiment.name, ...settings };
  writeFileAtomically(experimentPath(directory), `${JSON.stringify(stored, undefined, 2)}\n`);
}

/**
 * Reads the directory of an experiment: its settings, every run's metrics, and the results of finished runs.
 *
 * @throws SstError INVALID_ARGUMENT when the directory holds no experiment or one of its files is damaged
 */
export function readExperiment(directory: string, experiments: readonly Experiment[]): ExperimentRecord {
  const stored = readExperimentFile(directory, experiments);
  const { experiment, settings } = stored;
  const runs = plannedRuns(experiment, settings).map((run) => readRun(directory, run, experiment));
  return { ...stored, runs };
}

/**
 * The experiment and the settings a directory was made with.
 *
 * @throws SstError INVALID_ARGUMENT when there is none or it cannot be read
 */
export function readExperimentFile(directory: string, experiments: readonly Experiment[]): StoredExperiment {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new SstError('INVALID_ARGUMENT', `${directory} is not a directory`);
  }
  const path = experimentPath(directory);
  if (!existsSync(path)) {
    throw new SstError('INVALID_ARGUMENT', `${directory} holds no experiment: it has no ${fileName}`);
  }
  const { experiment: name, ...settings } = readJson<BaseSettings & { experiment?: unknown }>(path);
  const experiment = experiments.find((candidate) => candidate.name === name);
  if (experiment === undefined) {
    const known = experiments.map((candidate) => candidate.name).join(', ');
    throw new SstError('INVALID_ARGUMENT', `${path}: experiment: expected one of ${known}, got ${name}`);
  }
  try {
    return { experiment, settings: settingsOf(experiment, settings) };
  } catch (error) {
    throw new SstError('INVALID_ARGUMENT', `${path}: ${(error as Error).message}`);
  }
}

/** What a run's folder tells. */
export function readRun(
  directory: string,
  { name, config, row, column }: PlannedRun,
  { metrics, objective }: Pick<Experiment, 'metrics' | 'objective'>,
): RunRecord {
  const resultPath = join(directory, name, runFiles.result);
  const keys = new Set([objective.key, ...metrics.map(({ key }) => key)]);
  return {
    name,
    config,
    row,
    ...(column !== undefined && { column }),
    metrics: readMetrics(join(directory, name, runFiles.metrics)),
    ...(existsSync(resultPath) && { result: readResult(resultPath, keys, objective.key) }),
  };
}

function readMetrics(path: string): RunMetrics[] {
  return readLines<Record<string, unknown>>(path).map(({ kind, step, seconds, ...values }) => ({
    kind: kind as RunMetrics['kind'],
    step: step as number,
    seconds: seconds as number,
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, numberOf(value)])),
  }));
}

/** What diverged is null where JSON cannot say NaN. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function readResult(path: string, keys: ReadonlySet<string>, objective: string): RunResult {
  const result = readJson<RunResult>(path);
  for (const set of ['validation', 'test'] as const) {
    const metrics: Metrics = result[set] ?? {};
    for (const key of keys) {
      const value: unknown = metrics[key];
      if (value === undefined && key !== objective) continue;
      if (value !== null && typeof value !== 'number') {
        throw new SstError('INVALID_ARGUMENT', `${path}: expected a number at ${set}.${key}, got ${value}`);
      }
      metrics[key] = numberOf(value);
    }
  }
  return result;
}
