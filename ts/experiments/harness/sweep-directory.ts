import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SstError } from '../../arguments/errors';
import { writeFileAtomically } from '../../files/atomic-file';
import { readJson } from '../json-file';
import type { Experiment, RunRecord } from './experiment';
import { settingsOf } from './plan';
import { readRun } from './results';
import type { BaseSettings } from './settings';
import { plannedTrials, type Sweep } from './sweep';

const fileName = 'sweep.json';

/** Where a sweep's directory keeps what it was made with. */
export function sweepPath(directory: string): string {
  return join(directory, fileName);
}

/** Writes what a sweep's directory is made with. */
export function writeSweepFile(directory: string, { experiment, settings, trials, seed }: Sweep): void {
  const stored = { experiment: experiment.name, trials, seed, settings };
  writeFileAtomically(sweepPath(directory), `${JSON.stringify(stored, undefined, 2)}\n`);
}

/** The sweep of a directory. @throws SstError INVALID_ARGUMENT when there is none or it cannot be read */
export function readSweepFile(directory: string, experiments: readonly Experiment[]): Sweep {
  const path = sweepPath(directory);
  if (!existsSync(path)) {
    throw new SstError('INVALID_ARGUMENT', `${directory} holds no sweep: it has no ${fileName}`);
  }
  const stored = readJson<{ experiment: unknown; trials: number; seed: number; settings: BaseSettings }>(
    path,
  );
  const experiment = experiments.find(({ name }) => name === stored.experiment);
  const isWhole = [stored.trials, stored.seed].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (experiment === undefined || !isWhole || typeof stored.settings !== 'object') {
    throw new SstError(
      'INVALID_ARGUMENT',
      `${path} is damaged: expected experiment, trials, seed and settings`,
    );
  }
  try {
    const settings = settingsOf(experiment, stored.settings);
    return { experiment, settings, trials: stored.trials, seed: stored.seed };
  } catch (error) {
    throw new SstError('INVALID_ARGUMENT', `${path}: ${(error as Error).message}`);
  }
}

/** What the folders of a sweep's trials tell. */
export function readTrials(directory: string, sweep: Sweep): RunRecord[] {
  return plannedTrials(sweep).map((trial) => readRun(directory, trial, sweep.experiment));
}
