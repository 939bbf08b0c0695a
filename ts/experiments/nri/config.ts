import { SstError } from '../../arguments/errors';

/** The three distributions over the latent graph compared in the experiment. */
export const nriStructures = ['spanning-tree', 'top-k', 'independent'] as const;
export type NriStructure = (typeof nriStructures)[number];

/** Ways to estimate the gradient through the latent graph. */
export const nriEstimators = [
  'relaxed',
  'straight-through',
  'reinforce',
  'nvil',
  'adaptive-implicit-mle',
] as const;
export type NriEstimator = (typeof nriEstimators)[number];

/** TensorFlow.js backends a run can use. */
export const nriBackends = ['native', 'wasm', 'cpu'] as const;
export type NriBackend = (typeof nriBackends)[number];

/** Names of the presets. */
export type NriPreset = 'quick' | 'paper';

/** Everything but the structure and the seed: shared by all runs of an experiment. */
export interface NriSettings {
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
  /** Optimiser steps. */
  steps: number;
  /** Adam's step size, constant. */
  learningRate: number;
  /** Frames predicted in training before the truth is fed again; 1 is teacher forcing. */
  rollout: number;
  /** Variance of the Gaussian likelihood, in normalised coordinates. */
  variance: number;
  /** Factor on the initial weights of the present-edge messages' last layer. */
  presentEdgeScale: number;
  /** Steps between evaluations on the validation set. */
  evaluateEvery: number;
  /** Sequences in an evaluation batch. */
  evaluationBatch: number;
  /** Steps between lines of kind "train" in metrics.jsonl. */
  logEvery: number;
  /** Steps between checkpoints. */
  checkpointEvery: number;
  backend: NriBackend;
}

/** One training run. */
export interface NriConfig extends NriSettings {
  structure: NriStructure;
  estimator: NriEstimator;
  /** Seeds the initial weights, the batches and the noise. */
  seed: number;
  /** Temperature of the relaxation in training. */
  temperature: number;
}

/** A set of runs over structures and seeds. */
export interface NriExperiment extends NriSettings {
  preset: NriPreset;
  structures: NriStructure[];
  estimators: NriEstimator[];
  seeds: number[];
  temperatures: Record<NriStructure, number>;
}

/** What a caller may override of a preset; `temperature` sets all three temperatures. */
export type NriOptions = Partial<Omit<NriExperiment, 'temperatures'>> & {
  temperature?: number;
  temperatures?: Partial<Record<NriStructure, number>>;
};

/**
 * `quick` keeps the paper's order in minutes on two cores; `paper` has the published sizes, with the published
 * code's default learning rate (the paper tuned learning rate and temperature by random search).
 */
export const nriPresets: Record<NriPreset, NriExperiment> = {
  quick: {
    preset: 'quick',
    structures: [...nriStructures],
    estimators: ['relaxed'],
    seeds: [1, 2, 3, 4, 5],
    vertices: 8,
    timesteps: 10,
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
  },
  paper: {
    preset: 'paper',
    structures: [...nriStructures],
    estimators: ['relaxed'],
    seeds: [1, 2, 3, 4, 5],
    vertices: 10,
    timesteps: 10,
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

const counts = [
  'timesteps',
  'trainSize',
  'validationSize',
  'testSize',
  'encoderHidden',
  'decoderHidden',
  'batch',
  'steps',
  'rollout',
  'evaluateEvery',
  'evaluationBatch',
  'logEvery',
  'checkpointEvery',
] as const;

const positives = ['learningRate', 'variance', 'presentEdgeScale'] as const;

/**
 * The experiment of a preset (default `quick`) with overrides, validated.
 *
 * @throws SstError INVALID_ARGUMENT naming the option, what was expected and what came.
 */
export function nriExperiment(options: NriOptions = {}): NriExperiment {
  const { temperature, temperatures, ...overrides } = options;
  const name = options.preset ?? 'quick';
  expect(Object.hasOwn(nriPresets, name), 'preset', `one of ${Object.keys(nriPresets).join(', ')}`, name);
  const base: NriExperiment = structuredClone(nriPresets[name]);
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const experiment: NriExperiment = { ...base, ...given };
  for (const structure of nriStructures) {
    experiment.temperatures[structure] =
      temperatures?.[structure] ?? temperature ?? base.temperatures[structure];
  }
  validate(experiment);
  return experiment;
}

/** The runs of an experiment, one for each seed, estimator and structure, seeds outermost. */
export function nriRuns(experiment: NriExperiment): NriConfig[] {
  const { preset: _preset, structures, estimators, seeds, temperatures, ...settings } = experiment;
  return seeds.flatMap((seed) =>
    estimators.flatMap((estimator) =>
      structures.map((structure) => ({
        structure,
        estimator,
        seed,
        temperature: temperatures[structure],
        ...settings,
      })),
    ),
  );
}

/** Name of a run's folder inside the experiment's folder, for example `top-k-seed3` or `top-k-nvil-seed3`. */
export function nriRunName(run: Pick<NriConfig, 'structure' | 'estimator' | 'seed'>): string {
  const estimator = run.estimator === 'relaxed' ? '' : `-${run.estimator}`;
  return `${run.structure}${estimator}-seed${run.seed}`;
}

function validate(experiment: NriExperiment): void {
  const { vertices, structures, estimators, seeds, temperatures, backend } = experiment;
  for (const key of counts) {
    expect(isCount(experiment[key], 1), key, 'an integer of at least 1', experiment[key]);
  }
  expect(isCount(vertices, 3), 'vertices', 'an integer of at least 3', vertices);
  expect(experiment.timesteps >= 2, 'timesteps', 'an integer of at least 2', experiment.timesteps);
  expect(
    experiment.rollout < experiment.timesteps,
    'rollout',
    'less than the number of timesteps',
    experiment.rollout,
  );
  expect(experiment.batch <= experiment.trainSize, 'batch', 'at most trainSize', experiment.batch);
  for (const key of positives) {
    const value = experiment[key];
    expect(Number.isFinite(value) && value > 0, key, 'a positive number', value);
  }
  for (const structure of nriStructures) {
    const value = temperatures[structure];
    expect(Number.isFinite(value) && value > 0, 'temperature', 'a positive number', value);
  }
  expect(structures.length > 0, 'structures', 'at least one structure', '[]');
  for (const structure of structures) {
    expect(nriStructures.includes(structure), 'structures', `some of ${nriStructures.join(', ')}`, structure);
  }
  expect(new Set(structures).size === structures.length, 'structures', 'distinct structures', structures);
  expect(estimators.length > 0, 'estimators', 'at least one estimator', '[]');
  for (const estimator of estimators) {
    expect(nriEstimators.includes(estimator), 'estimators', `some of ${nriEstimators.join(', ')}`, estimator);
  }
  expect(new Set(estimators).size === estimators.length, 'estimators', 'distinct estimators', estimators);
  expect(seeds.length > 0, 'seeds', 'at least one seed', '[]');
  for (const seed of [...seeds, experiment.dataSeed]) {
    expect(isCount(seed, 0), 'seeds', 'non-negative safe integers', seed);
  }
  expect(new Set(seeds).size === seeds.length, 'seeds', 'distinct seeds', seeds);
  expect(nriBackends.includes(backend), 'backend', `one of ${nriBackends.join(', ')}`, backend);
}

function isCount(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}

function expect(condition: boolean, name: string, expected: string, came: unknown): void {
  if (!condition)
    throw new SstError('INVALID_ARGUMENT', `${name}: expected ${expected}, got ${String(came)}`);
}
