import {
  adaptiveImplicitMle,
  arms,
  blackbox,
  type Estimator,
  familyScoreFunction,
  gappedStraightThrough,
  identity,
  implicitMle,
  indecater,
  muProp,
  nvil,
  perturbedOptimizer,
  raoBlackwellised,
  reinMax,
  relax,
  relaxed,
  rodeo,
  scoreFunction,
  secondOrderSimple,
  simple,
  straightThrough,
  sumAndSample,
  traceScoreFunction,
  unorderedSet,
} from '../../estimators';
import { ExponentialFamilyTrick } from '../../trick/exponential-family-trick';
import { TracedTrick } from '../../trick/traced-trick';
import type { Trick } from '../../trick/trick';
import { gumbel } from '../../utilities';
import type { LabMethod } from './names';

/**
 * What an estimator is measured against: the gradient of the mean loss of the hard structure, of the mean loss of its
 * relaxation, of the mean loss under the exponential family, or of the loss of the mean structure.
 */
export type Objective = 'hard' | 'relaxed' | 'family' | 'mean';

/** An estimator as the laboratory runs it. */
export interface LabMethodEntry {
  label: string;
  make: (trick: Trick, temperature: number) => Estimator;
  admits: (trick: Trick) => boolean;
  /** Whether it has a temperature, or a step that stands for one. */
  tempered: boolean;
  objective: Objective;
  /** Whether theory says that it is unbiased for its objective. */
  unbiased: boolean;
  /** It draws nothing. */
  noiseless?: true;
  leastSamples?: number;
  /** Estimates before the measured ones, for what learns. */
  warmUp?: number;
}

const any = () => true;
const traced = (trick: Trick) => trick instanceof TracedTrick;
const hard = { admits: any, objective: 'hard', unbiased: false } as const;

const ofFamily = {
  admits: (trick: Trick) => trick instanceof ExponentialFamilyTrick,
  objective: 'family',
  tempered: false,
  unbiased: false,
} as const;

const areCoins = (trick: Trick) => trick.name === 'subset';
const areIndependent = (trick: Trick) => areCoins(trick) || trick.name === 'one-hot';

const labMethods: Record<LabMethod, LabMethodEntry> = {
  relaxed: {
    ...hard,
    label: 'Relaxed',
    make: (trick, temperature) => relaxed(trick, { temperature }),
    tempered: true,
  },
  'relaxed-objective': {
    ...hard,
    label: 'Relaxed, for its own objective',
    make: (trick, temperature) => relaxed(trick, { temperature }),
    tempered: true,
    objective: 'relaxed',
    unbiased: true,
  },
  'straight-through': {
    ...hard,
    label: 'Straight-through',
    make: (trick, temperature) => straightThrough(trick, { temperature }),
    tempered: true,
  },
  'rao-blackwellised': {
    ...hard,
    label: 'Rao-Blackwellised',
    make: (trick, temperature) => raoBlackwellised(trick as TracedTrick, { temperature }),
    admits: traced,
    tempered: true,
  },
  'score-function': {
    ...hard,
    label: 'Score function',
    make: (trick) => scoreFunction(trick),
    tempered: false,
    unbiased: true,
  },
  'score-function-moving-average': {
    ...hard,
    label: 'Score function, moving average',
    make: (trick) => scoreFunction(trick, { baseline: 'moving-average', decay: 0.99 }),
    tempered: false,
    unbiased: true,
    warmUp: 300,
  },
  'score-function-leave-one-out': {
    ...hard,
    label: 'Score function, leave one out',
    make: (trick) => scoreFunction(trick, { baseline: 'leave-one-out' }),
    tempered: false,
    unbiased: true,
    leastSamples: 2,
  },
  'trace-score-function': {
    ...hard,
    label: 'Trace score function',
    make: (trick) => traceScoreFunction(trick as TracedTrick),
    admits: traced,
    tempered: false,
    unbiased: true,
  },
  'trace-score-function-leave-one-out': {
    ...hard,
    label: 'Trace score function, leave one out',
    make: (trick) => traceScoreFunction(trick as TracedTrick, { baseline: 'leave-one-out' }),
    admits: traced,
    tempered: false,
    unbiased: true,
    leastSamples: 2,
  },
  relax: {
    ...hard,
    label: 'RELAX',
    make: (trick, temperature) => relax(trick as TracedTrick, { temperature, decay: 0.99 }),
    admits: traced,
    tempered: true,
    unbiased: true,
    warmUp: 300,
  },
  nvil: {
    ...hard,
    label: 'NVIL',
    make: (trick) => nvil(trick, { decay: 0.99 }),
    tempered: false,
    unbiased: true,
    warmUp: 300,
  },
  'implicit-mle': {
    ...hard,
    label: 'Implicit MLE',
    make: (trick, lambda) => implicitMle(trick, { lambda }),
    tempered: true,
  },
  'adaptive-implicit-mle': {
    ...hard,
    label: 'Adaptive implicit MLE',
    make: (trick) => adaptiveImplicitMle(trick, { rate: 0.01 }),
    tempered: false,
    warmUp: 300,
  },
  identity: {
    ...hard,
    label: 'Identity',
    make: (trick) => identity(trick, { projection: trick.name === 'subset' ? 'none' : 'mean' }),
    tempered: false,
  },
  blackbox: {
    ...hard,
    label: 'Blackbox',
    make: (trick, lambda) => blackbox(trick, { lambda }),
    tempered: true,
    noiseless: true,
  },
  simple: {
    ...ofFamily,
    label: 'SIMPLE, for its family',
    make: (trick) => simple(trick as ExponentialFamilyTrick, { temperature: 1 }),
  },
  'second-order-simple': {
    ...ofFamily,
    label: 'Second-order SIMPLE, for its family',
    make: (trick) => secondOrderSimple(trick as ExponentialFamilyTrick, { temperature: 1 }),
    // The losses here are at most quadratic.
    unbiased: true,
  },
  'mu-prop': {
    ...ofFamily,
    label: 'MuProp, for its family',
    make: (trick) => muProp(trick as ExponentialFamilyTrick, { temperature: 1 }),
    unbiased: true,
  },
  'family-score-function': {
    ...ofFamily,
    label: 'Score function of the family',
    make: (trick) => familyScoreFunction(trick as ExponentialFamilyTrick, { temperature: 1 }),
    unbiased: true,
  },
  'family-score-function-leave-one-out': {
    ...ofFamily,
    label: 'Score function of the family, leave one out',
    make: (trick) =>
      familyScoreFunction(trick as ExponentialFamilyTrick, { temperature: 1, baseline: 'leave-one-out' }),
    unbiased: true,
    leastSamples: 2,
  },
  'rein-max': {
    ...ofFamily,
    label: 'ReinMax, for its family',
    make: (trick) => reinMax(trick as ExponentialFamilyTrick, { temperature: 1 }),
    admits: areIndependent,
  },
  'gapped-straight-through': {
    ...ofFamily,
    label: 'Gapped straight-through, for its family',
    make: (trick, backwardTemperature) =>
      gappedStraightThrough(trick as ExponentialFamilyTrick, { temperature: 1, backwardTemperature }),
    admits: (trick) => trick.name === 'one-hot',
    tempered: true,
  },
  arms: {
    ...ofFamily,
    label: 'ARMS, for its family',
    make: (trick) => arms(trick as ExponentialFamilyTrick, { temperature: 1 }),
    admits: areCoins,
    unbiased: true,
    leastSamples: 2,
  },
  indecater: {
    ...ofFamily,
    label: 'IndeCateR, for its family',
    make: (trick) => indecater(trick as ExponentialFamilyTrick, { temperature: 1 }),
    admits: areCoins,
    unbiased: true,
  },
  rodeo: {
    ...ofFamily,
    label: 'RODEO, for its family',
    make: (trick) => rodeo(trick as ExponentialFamilyTrick, { temperature: 1, decay: 0.99 }),
    admits: areIndependent,
    unbiased: true,
    leastSamples: 2,
    warmUp: 300,
  },
  'sum-and-sample': {
    ...ofFamily,
    label: 'Sum and sample, for its family',
    make: (trick) => sumAndSample(trick as ExponentialFamilyTrick, { temperature: 1 }),
    unbiased: true,
  },
  'unordered-set': {
    ...ofFamily,
    label: 'Unordered set, for its family',
    // Of as few categories as there may be something is left.
    make: (trick) => unorderedSet(trick as ExponentialFamilyTrick, { temperature: 1, k: 2 }),
    admits: (trick) => trick.name === 'one-hot',
    unbiased: true,
  },
  'perturbed-optimizer': {
    ...hard,
    label: 'Perturbed optimizer, for L(E[X])',
    make: (trick) => perturbedOptimizer(trick, { noise: gumbel() }),
    admits: (trick) => trick.utility.name === 'gumbel',
    tempered: false,
    objective: 'mean',
    leastSamples: 2,
  },
};

/** How an estimator is run and judged. */
export function labMethod(name: LabMethod): LabMethodEntry {
  return labMethods[name];
}
