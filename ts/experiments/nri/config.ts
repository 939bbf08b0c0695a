import {
  type EstimatorName,
  estimatorTraits,
  holdsFor,
  type Property,
  withEstimator,
} from '../estimators/names';
import { checkEstimators, estimatorSetting } from '../estimators/settings';
import type { RunConfig } from '../harness/experiment';
import { settingsOf } from '../harness/plan';
import {
  type BaseSettings,
  commonSettings,
  expectSetting,
  type SettingDescription,
  type SettingsOptions,
} from '../harness/settings';

/** The three distributions over the latent graph compared in the experiment. */
export const nriStructures = ['spanning-tree', 'top-k', 'independent'] as const;
export type NriStructure = (typeof nriStructures)[number];

/** What estimators may ask of a latent graph. */
const properties: Record<NriStructure, readonly Property[]> = {
  'spanning-tree': ['density', 'aligned', 'family', 'ranked', 'races'],
  'top-k': ['density', 'aligned', 'family', 'ranked', 'races'],
  independent: ['density', 'aligned', 'family', 'ranked', 'coins'],
};

export function propertiesOf(structure: NriStructure): readonly Property[] {
  return properties[structure];
}

/** One training run. */
export interface NriConfig extends RunConfig {
  structure: NriStructure;
  estimator: EstimatorName;
  /** Graphs that a step draws of each sequence where it draws hard ones; one if absent. */
  samples?: number;
  /** Temperature of the relaxation in training. */
  temperature: number;
  /** Vertices of each graph. */
  vertices: number;
  /** Frames of each sequence. */
  timesteps: number;
  /** Sequences in each set. */
  trainSize: number;
  validationSize: number;
  testSize: number;
  /** Seed of the data set, apart from the seeds of the runs. */
  dataSeed: number;
  encoderHidden: number;
  decoderHidden: number;
  /** Sequences in a training batch. */
  batch: number;
  /** Adam's step size, constant. */
  learningRate: number;
  /** Frames predicted in training before the truth is fed again; 1 is teacher forcing. */
  rollout: number;
  /** Variance of the Gaussian likelihood, in normalised coordinates. */
  variance: number;
  /** Factor on the initial weights of the present-edge messages' last layer. */
  presentEdgeScale: number;
  /** Sequences in an evaluation batch. */
  evaluationBatch: number;
}

/** What varies from run to run. */
type Varied = 'structure' | 'estimator' | 'samples' | 'temperature' | 'timesteps' | 'seed';

/** A set of runs over numbers of frames, structures, estimators and seeds. */
export interface NriSettings extends BaseSettings, Omit<NriConfig, Varied> {
  structures: NriStructure[];
  estimators: EstimatorName[];
  /** Graphs that a step draws of each sequence, of all estimators but `relaxed` and `straight-through`. */
  samples: number;
  timesteps: number[];
  temperatures: Record<NriStructure, number>;
}

const quick: NriSettings = {
  preset: 'quick',
  structures: [...nriStructures],
  estimators: ['relaxed'],
  samples: 1,
  seeds: [1, 2, 3, 4, 5],
  vertices: 8,
  timesteps: [10],
  trainSize: 6000,
  validationSize: 1000,
  testSize: 1000,
  dataSeed: 1,
  encoderHidden: 32,
  decoderHidden: 32,
  batch: 64,
  steps: 600,
  learningRate: 3e-3,
  temperatures: { 'spanning-tree': 1, 'top-k': 1, independent: 0.5 },
  rollout: 1,
  variance: 5e-5,
  presentEdgeScale: 0.1,
  evaluateEvery: 60,
  evaluationBatch: 100,
  logEvery: 10,
  checkpointEvery: 60,
  backend: 'native',
};

/**
 * `quick` keeps the paper's order in minutes on two cores; `table` is the published table, both numbers of frames and
 * score functions beside the relaxations, at a size for hours on two cores; `paper` has the published sizes, with the
 * published code's default learning rate (the paper tuned learning rate and temperature by random search).
 */
export const nriPresets: Record<'quick' | 'table' | 'paper', NriSettings> = {
  quick,
  table: {
    ...quick,
    preset: 'table',
    estimators: ['relaxed', 'reinforce', 'trace'],
    vertices: 10,
    timesteps: [10, 20],
    steps: 1200,
  },
  paper: {
    preset: 'paper',
    structures: [...nriStructures],
    estimators: ['relaxed'],
    samples: 1,
    seeds: [1, 2, 3, 4, 5],
    vertices: 10,
    timesteps: [10, 20],
    trainSize: 50000,
    validationSize: 10000,
    testSize: 10000,
    dataSeed: 1,
    encoderHidden: 256,
    decoderHidden: 256,
    batch: 128,
    steps: 50000,
    learningRate: 3e-4,
    temperatures: { 'spanning-tree': 1, 'top-k': 1, independent: 0.5 },
    rollout: 9,
    variance: 5e-5,
    presentEdgeScale: 1,
    evaluateEvery: 500,
    evaluationBatch: 100,
    logEvery: 10,
    checkpointEvery: 100,
    backend: 'native',
  },
};

/** Names of the edge distributions, in the order of the paper's table. */
export const structureLabels: Record<NriStructure, string> = {
  independent: 'Indep. Directed Edges',
  'top-k': 'E.F. Ent. Top |V| − 1',
  'spanning-tree': 'Spanning Tree',
};

/** Settings that are one integer of at least 1. */
const counts = [
  [
    'rollout',
    'rollout',
    'frames predicted in training before the truth is fed again',
    'Rollout in training (frames)',
  ],
  ['batch', 'batch', 'sequences in a training batch', 'Batch'],
  ['trainSize', 'train-size', 'training sequences', 'Training sequences'],
  ['validationSize', 'validation-size', 'validation sequences', 'Validation sequences'],
  ['testSize', 'test-size', 'test sequences', 'Test sequences'],
  ['encoderHidden', 'hidden', 'hidden size, or two: encoder,decoder', 'Hidden size, encoder'],
  ['decoderHidden', 'hidden', 'hidden size, or two: encoder,decoder', 'Hidden size, decoder'],
] as const;

/** The table of settings. */
export const nriTable: readonly SettingDescription<Exclude<keyof NriSettings, 'preset'>>[] = [
  {
    key: 'structures',
    flag: 'structure',
    kind: 'choices',
    choices: nriStructures,
    labels: structureLabels,
    meaning: 'distribution over edges',
    label: 'Edge distributions',
  },
  estimatorSetting,
  {
    key: 'samples',
    flag: 'samples',
    kind: 'integer',
    min: 1,
    max: 1000,
    meaning: 'graphs that a step draws of each sequence (relaxed and straight-through: one)',
    label: 'Graphs drawn of each sequence',
  },
  {
    key: 'temperatures',
    flag: 'temperature',
    kind: 'numbers',
    names: nriStructures,
    labels: structureLabels,
    above: 0,
    meaning: 'temperature of the relaxation in training',
    label: 'Temperature',
  },
  {
    key: 'vertices',
    flag: 'vertices',
    kind: 'integer',
    min: 3,
    meaning: 'vertices |V| of each graph',
    label: 'Vertices |V|',
  },
  {
    key: 'timesteps',
    flag: 'timesteps',
    kind: 'integers',
    min: 2,
    meaning: 'frames T of each sequence, a group of columns each',
    label: 'Frames T',
  },
  ...counts.map(
    ([key, flag, meaning, label]) => ({ key, flag, kind: 'integer', min: 1, meaning, label }) as const,
  ),
  { key: 'evaluationBatch', kind: 'integer', min: 1, meaning: 'sequences in an evaluation batch' },
  {
    key: 'learningRate',
    flag: 'learning-rate',
    kind: 'number',
    above: 0,
    meaning: "Adam's step size",
    label: 'Learning rate (Adam)',
  },
  {
    key: 'variance',
    kind: 'number',
    above: 0,
    meaning: 'variance of the likelihood',
    label: 'Variance of the likelihood',
  },
  {
    key: 'presentEdgeScale',
    kind: 'number',
    above: 0,
    meaning: 'factor on the initial weights of present-edge messages',
    label: 'Initial scale of present-edge messages',
  },
  {
    key: 'dataSeed',
    flag: 'data-seed',
    kind: 'integer',
    min: 0,
    meaning: 'seed of the data set',
    label: 'Seed of the data',
  },
  ...commonSettings,
];

/** Refuses settings that do not go together. */
export function checkNri({
  timesteps,
  rollout,
  batch,
  trainSize,
  structures,
  estimators,
  samples,
}: NriSettings): void {
  const least = Math.min(...timesteps);
  expectSetting(rollout < least, 'rollout', 'less than the number of timesteps', rollout);
  expectSetting(batch <= trainSize, 'batch', 'at most trainSize', batch);
  checkEstimators({ estimators, samples }, structures, propertiesOf, comparesDraws);
}

/**
 * The settings of a preset (default `quick`) with overrides, checked.
 *
 * @throws SstError INVALID_ARGUMENT naming the setting, what was expected and what came
 */
export function nriSettings(options: SettingsOptions<NriSettings> = {}): NriSettings {
  return settingsOf({ presets: nriPresets, settings: nriTable, check: checkNri }, options);
}

/** Estimators whose draws are compared over the whole batch, so that one of each sequence is enough. */
const overBatch: readonly EstimatorName[] = ['reinforce', 'trace', 'family-score-function'];

/** Whether an estimator compares the draws of a sequence with one another. */
function comparesDraws(estimator: EstimatorName): boolean {
  return estimatorTraits[estimator].compares === true && !overBatch.includes(estimator);
}

/** Whether training by an estimator draws what `samples` says. */
function drawsMany(estimator: EstimatorName): boolean {
  return estimator !== 'relaxed' && estimator !== 'straight-through';
}

/** The runs: one for each seed, number of frames, estimator and structure that offers it, seeds outermost. */
export function nriRuns(settings: NriSettings): NriConfig[] {
  const {
    preset: _preset,
    structures,
    estimators,
    samples,
    seeds,
    timesteps,
    temperatures,
    ...shared
  } = settings;
  return seeds.flatMap((seed) =>
    timesteps.flatMap((frames) =>
      estimators.flatMap((estimator) =>
        structures
          .filter((structure) => holdsFor(estimator, propertiesOf(structure)))
          .map((structure) => ({
            structure,
            estimator,
            seed,
            temperature: temperatures[structure],
            timesteps: frames,
            ...(samples > 1 && drawsMany(estimator) && { samples }),
            ...shared,
          })),
      ),
    ),
  );
}

/** The row of a structure and an estimator: `top-k`, `top-k-nvil`. */
export function nriRow({ structure, estimator }: Pick<NriConfig, 'structure' | 'estimator'>): string {
  return estimator === 'relaxed' ? structure : `${structure}-${estimator}`;
}

/** The name of a distribution over edges, with that of its estimator unless it is the relaxed one. */
export function variantLabel({ structure, estimator }: Pick<NriConfig, 'structure' | 'estimator'>): string {
  return withEstimator(structureLabels[structure], estimator);
}
