import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { flatArray, type StoredArray } from '../../files/array-file';
import { readCheckpoint as readFile, writeCheckpoint as writeFile } from '../../training/checkpoint-file';
import type { Parameters } from '../parameters';
import type { NriConfig } from './config';
import type { NriEvaluation, NriLabelling } from './records';
import type { NriTrainer, TrainedArrays } from './trainer';

/** The best model so far, by validation ELBO. */
export interface Best {
  step: number;
  labelling: NriLabelling;
  validation: NriEvaluation;
  arrays: TrainedArrays;
}

/** What a run carries from session to session besides the trainer's arrays. */
export interface RunState {
  /** Seconds spent. */
  seconds: number;
  /** Step of the last finished evaluation. */
  evaluated: number;
  best?: Best;
}

interface Description {
  config: NriConfig;
  /** What the estimator has learnt, if it learns. */
  estimator?: unknown;
  step: number;
  seconds: number;
  evaluated: number;
  best?: Omit<Best, 'arrays'>;
}

const checkpointName = 'checkpoint.bin';
const bestName = 'best.bin';

/** Writes the whole state of a run into its folder, atomically. */
export function writeCheckpoint(
  directory: string,
  config: NriConfig,
  trainer: NriTrainer,
  state: RunState,
): void {
  const { best, ...rest } = state;
  const metadata: Description = {
    config,
    step: trainer.step,
    estimator: trainer.saveEstimator(),
    ...rest,
  };
  const { parameters, ...others } = trainer.arrays();
  const arrays: Record<string, Float32Array> = others;
  if (best !== undefined) {
    const { arrays: kept, ...about } = best;
    metadata.best = about;
    arrays.bestParameters = kept.parameters;
    arrays.bestRunning = kept.running;
  }
  writeFile(join(directory, checkpointName), {
    parameters: byName(trainer.parameters, parameters),
    arrays: flatArrays(arrays),
    metadata,
  });
}

/** Writes the best model's weights (best.bin), atomically. */
export function writeBest(directory: string, config: NriConfig, trainer: NriTrainer, best: Best): void {
  const { arrays, ...about } = best;
  writeFile(join(directory, bestName), {
    parameters: byName(trainer.parameters, arrays.parameters),
    arrays: flatArrays({ running: arrays.running }),
    metadata: { config, ...about },
  });
}

/** Parts of a flat array under the names of their parameters. */
function byName({ layout }: Parameters, values: Float32Array): Record<string, StoredArray<Float32Array>> {
  const parts = layout.split(values);
  return Object.fromEntries(layout.names.map((name, index) => [name, parts[index]]));
}

function flatArrays(arrays: Record<string, Float32Array>): Record<string, StoredArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, flatArray(values)]));
}

/** Removes what an earlier run left in a folder, so that it cannot be taken for a new run's. */
export function removeCheckpoint(directory: string): void {
  for (const name of [checkpointName, bestName]) rmSync(join(directory, name), { force: true });
}

/**
 * Sets the trainer to a folder's checkpoint.
 *
 * @returns the rest of the run's state, or undefined if the folder has no checkpoint
 * @throws Error if the checkpoint is damaged or of another configuration (the number of steps may differ)
 */
export function readCheckpoint(
  directory: string,
  config: NriConfig,
  trainer: NriTrainer,
): RunState | undefined {
  const path = join(directory, checkpointName);
  if (!existsSync(path)) return undefined;
  const file = readFile(path);
  const { config: written, estimator, step, best, ...rest } = file.metadata as Description;
  if (!isDeepStrictEqual({ ...written, steps: 0 }, { ...config, steps: 0 })) {
    throw new Error(`${path}: written with other settings than those asked for; resume needs the same`);
  }
  const array = (name: string) => file.arrays[name]?.values as Float32Array;
  const { layout } = trainer.parameters;
  const parameters = layout.join(layout.names.map((name) => file.parameters[name].values));
  for (const [name, target] of Object.entries(trainer.arrays())) {
    target.set(name === 'parameters' ? parameters : array(name));
  }
  trainer.step = step;
  trainer.restoreEstimator(estimator);
  const arrays = { parameters: array('bestParameters'), running: array('bestRunning') };
  return { ...rest, ...(best && { best: { ...best, arrays } }) };
}
