import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredArrays } from '../../files/array-file';
import { readCheckpoint as readFile, writeCheckpoint as writeFile } from '../../training/checkpoint-file';
import { sameJson } from '../json-file';
import type { Metrics, NamedArrays, RunConfig, TrainerState, Weights } from './experiment';

/** Names of the files in a run's folder. */
export const runFiles = {
  config: 'config.json',
  metrics: 'metrics.jsonl',
  checkpoint: 'checkpoint.bin',
  best: 'best.bin',
  result: 'result.json',
} as const;

/** The best model so far, by the objective on the validation set. */
export interface Best {
  step: number;
  validation: Metrics;
  choice?: unknown;
  weights: Weights;
}

/** What a run carries from session to session besides the trainer's state. */
export interface RunState {
  /** Seconds spent. */
  seconds: number;
  /** Step of the last finished evaluation. */
  evaluated: number;
  best?: Best;
}

/** The run that files belong to. */
export interface RunIdentity {
  experiment: string;
  config: RunConfig;
}

type AboutBest = Omit<Best, 'weights'>;

interface CheckpointMetadata extends RunIdentity {
  step: number;
  rest?: unknown;
  seconds: number;
  evaluated: number;
  best?: AboutBest;
  /** Names of the arrays below, in groups: names alone do not tell. */
  arrays: { model: string[]; optimiser: string[] };
}

/** Writes the whole state of a run into its folder, atomically. */
export function writeCheckpoint(
  directory: string,
  identity: RunIdentity,
  trainer: TrainerState,
  state: RunState,
): void {
  const { best, ...rest } = state;
  const { step, weights, optimiser } = trainer;
  const metadata: CheckpointMetadata = {
    ...identity,
    step,
    ...(trainer.rest !== undefined && { rest: trainer.rest }),
    ...rest,
    arrays: { model: Object.keys(weights.arrays), optimiser: Object.keys(optimiser) },
  };
  const arrays: StoredArrays = { ...weights.arrays, ...prefixed('optimiser/', optimiser) };
  if (best !== undefined) {
    const { weights: kept, ...about } = best;
    metadata.best = about;
    Object.assign(arrays, prefixed('best/', kept.arrays), prefixed('best/parameters/', kept.parameters));
  }
  writeFile(join(directory, runFiles.checkpoint), { parameters: weights.parameters, arrays, metadata });
}

/** Writes the best model's weights, atomically. */
export function writeBest(directory: string, identity: RunIdentity, best: Best): void {
  const { weights, ...about } = best;
  writeFile(join(directory, runFiles.best), { ...weights, metadata: { ...identity, ...about } });
}

/** Removes what an earlier run left in a folder, so that it cannot be taken for a new run's. */
export function removeCheckpoint(directory: string): void {
  for (const name of [runFiles.checkpoint, runFiles.best]) rmSync(join(directory, name), { force: true });
}

/**
 * The state in a folder's checkpoint, or undefined if the folder has none.
 *
 * @throws Error if the checkpoint is damaged or of another configuration (the number of steps may differ)
 */
export function readCheckpoint(
  directory: string,
  { config }: RunIdentity,
): { trainer: TrainerState; state: RunState } | undefined {
  const path = join(directory, runFiles.checkpoint);
  if (!existsSync(path)) return undefined;
  const file = readFile(path);
  const {
    experiment: _experiment,
    config: written,
    step,
    rest,
    best,
    arrays: names,
    ...state
  } = file.metadata as CheckpointMetadata;
  if (!sameJson({ ...written, steps: 0 }, { ...config, steps: 0 })) {
    throw new Error(`${path}: written with other settings than those asked for; resume needs the same`);
  }
  const pick = (prefix: string, of: string[]): NamedArrays =>
    Object.fromEntries(of.map((name) => [name, file.arrays[prefix + name]])) as NamedArrays;
  return {
    trainer: {
      step,
      weights: { parameters: file.parameters, arrays: pick('', names.model) },
      optimiser: pick('optimiser/', names.optimiser),
      ...(rest !== undefined && { rest }),
    },
    state: {
      ...state,
      ...(best && {
        best: {
          ...best,
          weights: {
            parameters: pick('best/parameters/', Object.keys(file.parameters)),
            arrays: pick('best/', names.model),
          },
        },
      }),
    },
  };
}

/** The best weights in a run's folder, with the run they are of. @throws FileError if there are none, or damaged ones */
export function readBest(directory: string): RunIdentity & Best {
  const { parameters, arrays, metadata } = readFile(join(directory, runFiles.best));
  return { ...(metadata as RunIdentity & AboutBest), weights: { parameters, arrays: arrays as NamedArrays } };
}

function prefixed(prefix: string, arrays: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));
}
