import { checkEstimators, type EstimatorSettings, estimatorSetting } from '../estimators/settings';
import {
  type BaseSettings,
  commonSettings,
  expectSetting,
  type SettingDescription,
  temperatureSettings,
} from '../harness/settings';
import type { ListopsConfig, SharedSettings } from './config';
import {
  isLatent,
  isTempered,
  type LatentName,
  latentNames,
  propertiesOf,
  type StructureName,
  structureLabels,
  structureNames,
  temperedNames,
  variantsOf,
} from './names';

/** The experiment: every structure for each seed. */
export interface ListopsSettings extends BaseSettings, SharedSettings, EstimatorSettings {
  structures: StructureName[];
  temperatures: Record<string, number>;
  encoderRates: Record<LatentName, number>;
}

/** Arborescences leave "all tokens hang on the first one" from temperature 2 on; sparse graphs need less. */
const temperatures = eachOf(temperedNames, 2, {
  'independent-undirected': 1,
  'spanning-tree': 1,
  'independent-directed': 1,
  'arborescence-negative-exponential': 0.3,
});
const encoderRates = eachOf(latentNames, 1, {
  'independent-undirected': 0.25,
  'spanning-tree': 0.25,
  'independent-directed': 0.25,
});

const quick: ListopsSettings = {
  preset: 'quick',
  seeds: [1, 2, 3],
  structures: [...structureNames],
  estimators: ['relaxed'],
  steps: 1500,
  evaluateEvery: 250,
  logEvery: 50,
  checkpointEvery: 250,
  backend: 'native',
  data: undefined,
  depths: 3,
  shortest: 4,
  longest: 20,
  trainSize: 20000,
  validationSize: 500,
  testSize: 1000,
  dataSeed: 1,
  embedding: 32,
  encoderHidden: 32,
  arcHidden: 32,
  scoreScale: 0.2,
  updateHidden: 64,
  rounds: 3,
  lstmHidden: 64,
  batch: 64,
  learningRate: 5e-3,
  warmUp: 100,
  weightDecay: 1e-4,
  clipNorm: 1,
  temperatures,
  annealing: 0.5,
  encoderRates,
  samples: 4,
  evaluationBatch: 100,
};

/**
 * `quick` is less than a minute a run; `table` has the published depths and lengths, five seeds and more steps, hours on two
 * cores; `paper` has the published sizes and the optimiser's settings of others' reruns, without annealing.
 */
export const presets: Readonly<Record<'quick' | 'table' | 'paper', ListopsSettings>> = {
  quick,
  table: {
    ...quick,
    preset: 'table',
    seeds: [1, 2, 3, 4, 5],
    steps: 4000,
    evaluateEvery: 500,
    depths: 5,
    shortest: 10,
    longest: 49,
    trainSize: 50000,
    validationSize: 1000,
    testSize: 2000,
    rounds: 5,
  },
  paper: {
    ...quick,
    preset: 'paper',
    seeds: [1, 2, 3, 4, 5],
    structures: structureNames.filter((name) => name !== 'projective-tree' && name !== 'arborescence-trace'),
    // 50 passes over 100,000 expressions.
    steps: 50000,
    evaluateEvery: 1000,
    depths: 5,
    shortest: 10,
    longest: 49,
    trainSize: 100000,
    validationSize: 10000,
    testSize: 10000,
    embedding: 60,
    encoderHidden: 60,
    arcHidden: 60,
    scoreScale: 1,
    updateHidden: 60,
    rounds: 5,
    lstmHidden: 60,
    batch: 100,
    learningRate: 1e-3,
    warmUp: 0,
    weightDecay: 4e-5,
    clipNorm: 1e6,
    temperatures: eachOf(temperedNames, 1.2),
    annealing: 1,
    encoderRates: eachOf(latentNames, 1),
  },
};

/** A number for each of some names. */
function eachOf<Name extends string>(
  names: readonly Name[],
  value: number,
  others: Partial<Record<Name, number>> = {},
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, others[name] ?? value])) as Record<Name, number>;
}

/** The runs, seeds outermost. */
export function listopsRuns(settings: ListopsSettings): ListopsConfig[] {
  const { preset: _preset, structures, estimators, seeds, temperatures, encoderRates, ...shared } = settings;
  return seeds.flatMap((seed) =>
    variantsOf(structures, estimators).map((variant) => ({
      ...shared,
      ...variant,
      seed,
      ...(isTempered(variant) && { temperature: temperatures[variant.structure] }),
      ...(isLatent(variant.structure) && { encoderRate: encoderRates[variant.structure] }),
    })),
  );
}

/** Refuses settings that do not go together. */
export function checkListops({
  steps,
  evaluateEvery,
  structures,
  estimators,
  samples,
  shortest,
  longest,
  depths,
}: ListopsSettings): void {
  expectSetting(evaluateEvery <= steps, 'evaluateEvery', `at most steps (${steps})`, evaluateEvery);
  const alone = structures.includes('arborescence-trace') && samples < 2;
  expectSetting(!alone, 'samples', 'at least 2 (each draw is compared with the others)', samples);
  const drawn = structures.filter(isLatent).filter((name) => name !== 'arborescence-trace');
  checkEstimators({ estimators, samples }, drawn, propertiesOf);
  expectSetting(shortest <= longest, 'shortest', `at most longest (${longest})`, shortest);
  // An operator in another, with one digit beside it each time.
  const least = 3 * depths + 1;
  expectSetting(longest >= least, 'longest', `at least ${least}, for a depth of ${depths}`, longest);
}

type Own = SettingDescription<Exclude<keyof ListopsSettings, 'preset'>>;

/** Settings that are one integer. */
const integers = [
  ['depths', 'depths', 1, 5, 'operators are nested 1 to this many deep', 'Depths'],
  ['shortest', 'shortest', 1, 1000, 'tokens at least, where operators are nested', 'Tokens at least'],
  ['longest', 'longest', 4, 1000, 'tokens at most', 'Tokens at most'],
  ['trainSize', 'train-size', 1, 1e6, 'generated expressions for training', 'Training expressions'],
  [
    'validationSize',
    'validation-size',
    1,
    1e6,
    'generated expressions for validation',
    'Validation expressions',
  ],
  ['testSize', 'test-size', 1, 1e6, 'generated expressions for testing', 'Test expressions'],
  ['dataSeed', 'data-seed', 0, 2 ** 32, 'seed of the generated expressions', 'Seed of the expressions'],
  ['embedding', 'embedding', 1, 4096, 'features of a token', 'Features of a token'],
  [
    'encoderHidden',
    'encoder-hidden',
    1,
    4096,
    "state of the encoder's LSTM in each direction",
    "Encoder's state",
  ],
  [
    'arcHidden',
    'arc-hidden',
    1,
    4096,
    'features in which heads and modifiers are compared',
    'Features of an arc',
  ],
  [
    'updateHidden',
    'update-hidden',
    1,
    4096,
    "hidden layer of a vertex's update",
    'Hidden layer of an update',
  ],
  ['rounds', 'rounds', 1, 100, 'rounds of messages', 'Rounds of messages'],
  ['lstmHidden', 'lstm-hidden', 1, 4096, 'state of the LSTM without a graph', "LSTM's state"],
  ['batch', 'batch', 1, 1e5, 'expressions of a step', 'Batch'],
  [
    'samples',
    'samples',
    1,
    1000,
    'graphs a step draws of each expression, of all estimators but the relaxed one',
    'Draws of estimators',
  ],
  [
    'warmUp',
    'warm-up',
    0,
    1e9,
    'steps in which the learning rate rises, before it falls to 0',
    'Steps of warm-up',
  ],
] as const;

/** The table of settings. */
export const settingsTable: readonly Own[] = [
  ...commonSettings,
  {
    key: 'structures',
    flag: 'structure',
    kind: 'choices',
    choices: structureNames,
    labels: structureLabels,
    meaning: 'rows of the table',
    label: 'Edge distributions',
  },
  estimatorSetting,
  {
    key: 'data',
    flag: 'data',
    kind: 'text',
    meaning: 'a folder with train.tsv, valid.tsv and test.tsv; without it expressions are generated',
    label: 'Data',
  },
  ...integers.map(
    ([key, flag, min, max, meaning, label]): Own => ({
      key,
      flag,
      kind: 'integer',
      min,
      max,
      meaning,
      label,
    }),
  ),
  { key: 'evaluationBatch', kind: 'integer', min: 1, meaning: 'expressions of an evaluation batch' },
  {
    key: 'learningRate',
    flag: 'learning-rate',
    kind: 'number',
    above: 0,
    meaning: "AdamW's learning rate",
    label: 'Learning rate (AdamW)',
  },
  {
    key: 'encoderRates',
    flag: 'encoder-rate',
    kind: 'numbers',
    names: latentNames,
    labels: structureLabels,
    above: 0,
    meaning: "the encoder's learning rate as a share of the others'",
    label: "Encoder's share of it",
  },
  {
    key: 'weightDecay',
    flag: 'weight-decay',
    kind: 'number',
    min: 0,
    meaning: 'decay of matrices, decoupled',
    label: 'Weight decay',
  },
  {
    key: 'clipNorm',
    flag: 'clip-norm',
    kind: 'number',
    above: 0,
    meaning: 'norm that gradients are scaled down to',
    label: 'Norm of gradients at most',
  },
  ...temperatureSettings(temperedNames, structureLabels),
  {
    key: 'scoreScale',
    flag: 'score-scale',
    kind: 'number',
    above: 0,
    meaning: 'factor on the products of heads and modifiers',
    label: 'Factor on scores',
  },
];
