import type { EstimatorSettings } from '../estimators/settings';
import type { BaseSettings } from '../harness/settings';
import type { ReviewsConfig, SharedSettings } from './config';
import {
  type MethodName,
  type ModelName,
  methodNames,
  type RelaxationName,
  relaxationNames,
  type Variant,
  variantsOf,
} from './names';

/** The experiment: every method with every selector and k, for each seed. */
export interface ReviewsSettings extends BaseSettings, SharedSettings, EstimatorSettings {
  methods: MethodName[];
  models: ModelName[];
  /** Numbers of words to choose. */
  ks: number[];
  /** Methods that are trained for each number; the others for the middle one of the list. */
  everywhere: MethodName[];
  temperatures: Record<RelaxationName, number>;
  selectorRates: Record<RelaxationName, number>;
  pairBias: number;
}

/** The best of three settings each by validation MSE: temperature 2 or 1, a selector at a tenth or three tenths. */
const temperatures = each(2, { l2x: 1 });
const selectorRates = each(0.1, { correlated: 0.3, 'categorical-entropy': 0.3 });

const quick: ReviewsSettings = {
  preset: 'quick',
  seeds: [1, 2, 3],
  methods: [...methodNames],
  estimators: ['relaxed'],
  samples: 4,
  models: ['simple'],
  ks: [5, 10, 15],
  everywhere: ['l2x', 'softsub', 'exponential-family', 'correlated', 'constant'],
  steps: 2000,
  evaluateEvery: 1000,
  logEvery: 50,
  checkpointEvery: 500,
  backend: 'native',
  data: undefined,
  aspect: 'aroma',
  trainSize: 24000,
  validationSize: 1000,
  testSize: 1000,
  dataSeed: 1,
  longest: 350,
  dimension: 32,
  trainWords: true,
  selectorFilters: 32,
  predictorFilters: 32,
  pooling: 'sum',
  dropout: 0,
  batch: 40,
  learningRate: 0.02,
  warmUp: 50,
  decayFrom: 0.5,
  temperatures,
  annealing: 0.5,
  selectorRates,
  pairBias: 6,
  scoreScale: 0.1,
  evaluationBatch: 100,
};

/**
 * `quick` is half a minute a run, with the rows of one relaxation a kind for each k and all of them for k = 10; `table` has both selectors and five seeds, hours on two cores; `paper` has the published
 * sizes, which want the published data (`--data`) and days.
 */
export const presets: Readonly<Record<'quick' | 'table' | 'paper', ReviewsSettings>> = {
  quick,
  table: {
    ...quick,
    preset: 'table',
    models: ['simple', 'complex'],
    seeds: [1, 2, 3, 4, 5],
    everywhere: [...methodNames],
  },
  paper: {
    ...quick,
    preset: 'paper',
    // All pair scores start from 0.
    methods: methodNames.filter((name) => name !== 'correlated-from-zero'),
    models: ['simple', 'complex'],
    seeds: [1, 2, 3, 4, 5],
    everywhere: [...methodNames],
    // 20 passes over 80,000 reviews.
    steps: 40000,
    evaluateEvery: 2000,
    trainSize: 80000,
    validationSize: 5000,
    testSize: 5000,
    dimension: 200,
    trainWords: false,
    selectorFilters: 100,
    predictorFilters: 250,
    pooling: 'max',
    dropout: 0.2,
    learningRate: 1e-3,
    warmUp: 0,
    decayFrom: 1,
    temperatures: each(0.5),
    annealing: 1,
    selectorRates: each(1),
    pairBias: 0,
    scoreScale: 1,
  },
};

function each(
  value: number,
  others: Partial<Record<RelaxationName, number>> = {},
): Record<RelaxationName, number> {
  return Object.fromEntries(relaxationNames.map((name) => [name, others[name] ?? value])) as Record<
    RelaxationName,
    number
  >;
}

/** The runs, seeds outermost. */
export function reviewsRuns(settings: ReviewsSettings): ReviewsConfig[] {
  const { preset, methods, estimators, samples, models, ks, everywhere, seeds, ...rest } = settings;
  const { temperatures, selectorRates, pairBias, ...shared } = rest;
  const middle = ks[Math.floor(ks.length / 2)];
  const configOf = (method: MethodName) => ({
    temperature: temperatures[relaxationOf(method)],
    selectorRate: selectorRates[relaxationOf(method)],
    pairBias: method === 'correlated' ? pairBias : 0,
    steps: method === 'constant' ? 0 : shared.steps,
  });
  const config = (seed: number, model: ModelName, k: number, variant: Variant): ReviewsConfig => ({
    ...shared,
    ...configOf(variant.method),
    ...variant,
    ...(variant.estimator !== undefined && { samples }),
    seed,
    model,
    k,
  });
  return seeds.flatMap((seed) =>
    models.flatMap((model) =>
      ks.flatMap((k) =>
        variantsOf(methods, estimators)
          .filter(({ method }) => k === middle || everywhere.includes(method))
          .map((variant) => config(seed, model, k, variant)),
      ),
    ),
  );
}

/** Whose settings a method has. */
function relaxationOf(method: MethodName): RelaxationName {
  return method === 'correlated-from-zero' || method === 'constant' ? 'correlated' : method;
}
