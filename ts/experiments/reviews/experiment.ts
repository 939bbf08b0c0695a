import { estimatorTraits } from '../estimators/names';
import { checkEstimators, estimatorSetting } from '../estimators/settings';
import type { Experiment } from '../harness/experiment';
import {
  commonSettings,
  expectSetting,
  type SettingDescription,
  temperatureSettings,
} from '../harness/settings';
import { html } from '../report/html';
import type { ReviewsConfig } from './config';
import { aspects } from './corpus/aspects';
import type { ReviewsData } from './corpus/data';
import { figures } from './figures';
import { methodLabels, methodNames, modelNames, poolings, propertiesOf, relaxationNames } from './names';
import { published } from './published-table';
import { presets, type ReviewsSettings, reviewsRuns } from './settings';
import { columns, place, rows } from './table';

const settings: readonly SettingDescription<Exclude<keyof ReviewsSettings, 'preset'>>[] = [
  ...commonSettings,
  {
    key: 'methods',
    flag: 'methods',
    kind: 'choices',
    choices: methodNames,
    labels: methodLabels,
    meaning: 'rows of the table',
    label: 'Ways to choose',
  },
  estimatorSetting,
  {
    key: 'samples',
    flag: 'samples',
    kind: 'integer',
    min: 1,
    max: 1000,
    meaning: 'choices a step draws of each review, of all estimators but the relaxed one',
    label: 'Draws of estimators',
  },
  {
    key: 'models',
    flag: 'models',
    kind: 'choices',
    choices: modelNames,
    meaning: 'sizes of the selector',
    label: 'Selectors',
  },
  {
    key: 'ks',
    flag: 'k',
    kind: 'integers',
    min: 1,
    max: 100,
    meaning: 'numbers of words to choose',
    label: 'k',
  },
  {
    key: 'everywhere',
    flag: 'at-every-k',
    kind: 'choices',
    choices: methodNames,
    labels: methodLabels,
    meaning: 'rows that are trained for every k; the others for the middle one of the list',
    label: 'Trained for every k',
  },
  {
    key: 'data',
    flag: 'data',
    kind: 'text',
    meaning: 'a folder of reviews in the published format; without it they are generated',
    label: 'Data',
  },
  {
    key: 'aspect',
    flag: 'aspect',
    kind: 'choice',
    choices: aspects,
    meaning: 'whose rating is told',
    label: 'Aspect',
  },
  {
    key: 'trainSize',
    flag: 'train-size',
    kind: 'integer',
    min: 1,
    max: 1e6,
    meaning: 'generated reviews for training',
    label: 'Training reviews',
  },
  {
    key: 'validationSize',
    flag: 'validation-size',
    kind: 'integer',
    min: 1,
    max: 1e6,
    meaning: 'generated reviews for validation',
    label: 'Validation reviews',
  },
  {
    key: 'testSize',
    flag: 'test-size',
    kind: 'integer',
    min: 1,
    max: 1e6,
    meaning: 'generated reviews for testing',
    label: 'Test reviews',
  },
  {
    key: 'dataSeed',
    flag: 'data-seed',
    kind: 'integer',
    min: 0,
    meaning: 'seed of the generated reviews',
    label: 'Seed of the reviews',
  },
  {
    key: 'longest',
    flag: 'longest',
    kind: 'integer',
    min: 1,
    max: 4096,
    meaning: 'tokens that longer reviews are cut to',
    label: 'Tokens at most',
  },
  {
    key: 'dimension',
    flag: 'dimension',
    kind: 'integer',
    min: 1,
    max: 1024,
    meaning: 'length of word vectors that are made from the text',
    label: 'Length of word vectors',
  },
  {
    key: 'trainWords',
    flag: 'train-words',
    kind: 'switch',
    meaning: 'train the word vectors too',
    label: 'Word vectors trained',
  },
  {
    key: 'selectorFilters',
    flag: 'selector-filters',
    kind: 'integer',
    min: 1,
    max: 4096,
    meaning: 'features of each convolution of the selector',
    label: "Selector's features",
  },
  {
    key: 'predictorFilters',
    flag: 'predictor-filters',
    kind: 'integer',
    min: 1,
    max: 4096,
    meaning: 'features of the convolution of the predictor',
    label: "Predictor's features",
  },
  {
    key: 'pooling',
    flag: 'pooling',
    kind: 'choice',
    choices: poolings,
    meaning: 'how the predictor puts the words of a review together',
    label: 'Pooling',
  },
  {
    key: 'dropout',
    flag: 'dropout',
    kind: 'number',
    min: 0,
    max: 0.95,
    meaning: "share of the selector's inputs that are dropped in training",
    label: 'Dropout',
  },
  {
    key: 'batch',
    flag: 'batch',
    kind: 'integer',
    min: 1,
    max: 1e5,
    meaning: 'reviews of a step',
    label: 'Batch',
  },
  {
    key: 'learningRate',
    flag: 'learning-rate',
    kind: 'number',
    above: 0,
    meaning: "Adam's learning rate",
    label: 'Learning rate',
  },
  {
    key: 'selectorRates',
    flag: 'selector-rate',
    kind: 'numbers',
    names: relaxationNames,
    labels: methodLabels,
    above: 0,
    meaning: "the selector's learning rate as a share of the others'",
    label: "Selector's share of it",
  },
  {
    key: 'warmUp',
    flag: 'warm-up',
    kind: 'integer',
    min: 0,
    meaning: 'steps in which the learning rate rises',
    label: 'Steps of warm-up',
  },
  {
    key: 'decayFrom',
    flag: 'decay-from',
    kind: 'number',
    min: 0,
    max: 1,
    meaning: 'share of the steps after which the learning rate falls to 0; 1: never',
    label: 'Decay from',
  },
  ...temperatureSettings(relaxationNames, methodLabels),
  {
    key: 'pairBias',
    flag: 'pair-bias',
    kind: 'number',
    meaning: 'what scores of neighbouring pairs start from in Corr. Top k',
    label: 'Pair scores at the start',
  },
  { key: 'scoreScale', kind: 'number', above: 0, meaning: 'factor on the initial maps to scores' },
  { key: 'evaluationBatch', kind: 'integer', min: 1, meaning: 'reviews of an evaluation batch' },
];

/** Learning to explain the ratings of reviews (paper, section 8.3): Table 3 and Figure 5. */
export const reviews: Experiment<ReviewsSettings, ReviewsConfig, ReviewsData> = {
  name: 'reviews',
  title: 'Choosing the words of a review',
  summary: 'choose the k words of a review that explain its rating (paper, Table 3 and Figure 5)',
  description:
    'Trains a selector that chooses k words of a review and a predictor that tells the rating of one aspect from them alone, with each relaxation of k-subsets.',
  examples: [
    ['--k 10 --methods l2x,correlated --seeds 2', 'two rows'],
    [
      '--k 10 --methods exponential-family --estimator relaxed,trace',
      'another gradient, beside the relaxed one',
    ],
    ['--data beer --preset paper', 'on reviews in the published format'],
  ],
  presets,
  settings,
  check({ steps, evaluateEvery, methods, estimators, samples, models, ks }) {
    expectSetting(evaluateEvery <= steps, 'evaluateEvery', `at most steps (${steps})`, evaluateEvery);
    expectSetting(methods.length * models.length * ks.length > 0, 'methods', 'at least one', '[]');
    const trained = methods.filter((method) => method !== 'constant');
    checkEstimators({ estimators, samples }, trained, propertiesOf);
  },
  runs: reviewsRuns,
  place,
  rows,
  columns,
  rowHeading: 'Relaxation',
  metrics: [
    {
      key: 'mse',
      label: 'MSE × 100',
      short: 'MSE',
      better: 'lower',
      format: { decimals: 2, factor: 100 },
      curve: true,
    },
    {
      key: 'precision',
      label: 'Subset precision (%)',
      short: 'precision',
      better: 'higher',
      format: 'percent',
      curve: { domain: [0, 1] },
    },
    {
      key: 'precisionOfBest',
      label: 'Precision without noise (%)',
      short: 'without noise',
      better: 'higher',
      format: 'percent',
      inTable: false,
    },
    {
      key: 'runs',
      label: 'Stretches',
      short: 'stretches',
      better: 'lower',
      format: { decimals: 1 },
      inTable: false,
    },
    {
      key: 'chosen',
      label: 'Words',
      short: 'words',
      better: 'higher',
      format: { decimals: 1 },
      inTable: false,
    },
  ],
  objective: { key: 'mse', better: 'lower' },
  finding: 'precision',
  searchRanges: [
    { key: 'learningRate', low: 1e-3, high: 5e-2, applies: isTrained },
    { key: 'selectorRate', low: 0.03, high: 1, applies: isTrained },
    { key: 'temperature', low: 0.1, high: 4, applies: isTempered },
  ],
  published,
  about({ estimators, samples, data, aspect, ks, trainSize, testSize }) {
    const source =
      data === undefined
        ? html`The reviews are generated (${trainSize.toLocaleString('en')} to train on, ${testSize.toLocaleString('en')} to test on): five aspects with ratings that
correlate by .26, three to eight sentences each about one aspect, opinions with negations and turns ("not bad", "far from
great", "no lack of charm"), and words of description that say nothing.`
        : html`The reviews are those of ${data}.`;
    const others = estimators.some((name) => name !== 'relaxed')
      ? ` where no other estimator is named (those draw ${samples} choices of each review)`
      : '';
    return [
      html`A selector scores the words of a review and chooses k of them (k = ${ks.join(', ')}); a predictor sees those alone and tells the
rating of the ${aspect}. Both learn from the squared error, through relaxed choices${others}; every evaluation draws hard ones. Subset precision is
the share of the chosen words that stand in sentences about the ${aspect}, which training never sees. ${source}`,
      html`The row “Mean rating, random words” needs no training: its precision is the share of such words in a review. In Corr. Top k a
run of neighbours scores more than its words, by a score for each pair; these start from a positive number, and the row “pair scores
from 0” shows what that start is worth. L2X draws with replacement, and so chooses fewer than k words.`,
      html`<b>What was tuned.</b> Temperature and the selector's rate of each row are the best of the same three settings by validation MSE (k = 10,
seed 1, 600 steps, on an earlier generator). The architecture, the learning rate and the generator were found mostly with Corr. and
E.F. Top k, with precision in sight; Corr. has one setting more, the start of its pair scores. Trust what moves the rows (the row
“from 0”; the notes in docs/reviews.md) more than the size of a gap.`,
    ];
  },
  figures,
  code: () => (require('./code') as typeof import('./code')).code,
};

function isTrained({ method }: ReviewsConfig): boolean {
  return method !== 'constant';
}

function isTempered(config: ReviewsConfig): boolean {
  return isTrained(config) && estimatorTraits[config.estimator ?? 'relaxed'].tempered === true;
}
