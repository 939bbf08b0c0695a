import { subset, topK } from '../../ts';
import {
  adaptiveImplicitMle,
  blackbox,
  familyScoreFunction,
  fenchelYoung,
  identity,
  implicitMle,
  maximumLikelihood,
  muProp,
  nvil,
  perturbedOptimizer,
  raoBlackwellised,
  relax,
  relaxed,
  scoreFunction,
  secondOrderSimple,
  simple,
  straightThrough,
  traceScoreFunction,
} from '../../ts/estimators';

const trick = topK({ elements: 4, k: 2 });
const theta = [0, 1, 2, 3];
const good = (x: Float64Array, rows: number) => ({
  value: new Float64Array(rows),
  gradient: new Float64Array(x.length),
});

// biome-ignore lint/suspicious/noExplicitAny: what no type admits is the subject.
type Wrong = any;

const factories: [string, (trick: Wrong, options?: Wrong) => unknown][] = [
  ['relaxed', relaxed],
  ['straightThrough', straightThrough],
  ['scoreFunction', scoreFunction],
  ['nvil', nvil],
  ['perturbedOptimizer', perturbedOptimizer],
  ['fenchelYoung', fenchelYoung],
  ['maximumLikelihood', maximumLikelihood],
  ['implicitMle', implicitMle],
  ['adaptiveImplicitMle', adaptiveImplicitMle],
  ['blackbox', blackbox],
  ['identity', identity],
  ['traceScoreFunction', traceScoreFunction],
  ['raoBlackwellised', raoBlackwellised],
  ['relax', relax],
  ['simple', simple],
  ['secondOrderSimple', secondOrderSimple],
  ['muProp', muProp],
  ['familyScoreFunction', familyScoreFunction],
];

const refused = (message: RegExp, code = 'INVALID_ARGUMENT') =>
  expect.objectContaining({ name: 'SstError', code, message: expect.stringMatching(message) });

test.each(factories)('%s refuses what is no trick, and unknown options', (_, make) => {
  for (const bad of [undefined, null, {}, 'top-k', { ...trick }]) {
    expect(() => make(bad)).toThrow(refused(/^trick: expected /));
  }
  expect(() => make(trick, { temprature: 1 })).toThrow(refused(/^options: expected options among /));
  expect(() => make(trick, null)).toThrow(refused(/^options: expected /));
});

test.each<[() => unknown, RegExp]>([
  [() => scoreFunction(trick, { baseline: 'mean' as Wrong }), /^baseline: expected one of none, batch-mean/],
  [() => scoreFunction(trick, { baseline: 'moving-average', decay: 1 }), /^decay: expected /],
  [() => scoreFunction(trick, { baseline: 'none', decay: 0.5 } as Wrong), /^decay: expected none/],
  [() => nvil(trick, { hidden: 0 }), /^hidden: expected an integer from 1/],
  [() => nvil(trick, { learningRate: 0 }), /^learningRate: expected a finite number > 0/],
  [() => implicitMle(trick, { lambda: 0 }), /^lambda: expected a finite number > 0, got 0/],
  [() => blackbox(trick, { lambda: Number.NaN }), /^lambda: /],
  [() => adaptiveImplicitMle(trick, { alpha: -1 }), /^alpha: /],
  [() => adaptiveImplicitMle(trick, { decay: 2 }), /^decay: /],
  [() => perturbedOptimizer(trick, { sigma: Infinity }), /^sigma: /],
  [() => perturbedOptimizer(trick, { noise: subset({ elements: 1 }).utility }), /^noise: /],
  [() => perturbedOptimizer(trick, { noise: { name: 'gumbel' } }), /^utility: /],
  [() => raoBlackwellised(trick, { resamples: 0 }), /^resamples: expected an integer from 1/],
  [() => traceScoreFunction(subset({ elements: 3 }) as Wrong), /^trick: expected one that has traces/],
  [() => identity(trick, { projection: 'median' as Wrong }), /^projection: /],
])('%s', (make, message) => {
  expect(make).toThrow(refused(message));
});

describe('an estimate', () => {
  const estimator = relaxed(trick);
  const scores = scoreFunction(trick, { baseline: 'leave-one-out' });

  test.each<[string, Wrong, RegExp, string]>([
    ['no function', 3, /^loss: expected a function of embeddings, got /, 'INVALID_ARGUMENT'],
    [
      'no gradient',
      () => [1, 1],
      /^loss: expected a function that gives \{ value, gradient \}/,
      'INVALID_ARGUMENT',
    ],
    ['nothing', () => undefined, /^loss: expected /, 'INVALID_ARGUMENT'],
    [
      'too few losses',
      (x: Float64Array) => ({ value: [1], gradient: x }),
      /^loss.value: expected 2 numbers \(one for each embedding\), got 1/,
      'INVALID_SHAPE',
    ],
    [
      'too short a gradient',
      () => ({ value: [1, 1], gradient: [1] }),
      /^loss.gradient: expected 8 numbers/,
      'INVALID_SHAPE',
    ],
    [
      'a gradient that is no number',
      (x: Float64Array) => ({ value: [1, 1], gradient: x.map(() => Number.NaN) }),
      /^loss.gradient\[0\]: expected a finite number, got NaN/,
      'NOT_FINITE',
    ],
  ])('refuses a loss that gives %s', (_, loss, message, code) => {
    expect(() => estimator.estimate(theta, loss, { seed: 1, samples: 2 })).toThrow(refused(message, code));
  });

  test('refuses what is wrong beside the loss', () => {
    const estimate = (parameters: Wrong, options: Wrong) => estimator.estimate(parameters, good, options);
    expect(() => estimate([1, 2, 3], { seed: 1 })).toThrow(refused(/^theta: /, 'INVALID_SHAPE'));
    expect(() => estimate([1, 2, 3, Number.NaN], { seed: 1 })).toThrow(refused(/^theta/, 'NOT_FINITE'));
    expect(() => estimate(theta, {})).toThrow(refused(/^seed is required: /));
    expect(() => estimate(theta, { seed: 1, samples: 0 })).toThrow(refused(/^samples: /));
    expect(() => estimate(theta, { seed: 1, sample: 3 })).toThrow(refused(/^options: /));
    expect(() => scores.estimate(theta, good, { seed: 1 })).toThrow(
      refused(/^samples: expected at least 2 draws of each row for the baseline leave-one-out, got 1/),
    );
    expect(() => nvil(trick, { inputs: 2 }).estimate(theta, good, { seed: 1 })).toThrow(
      refused(/^inputs: expected 2 numbers/, 'INVALID_SHAPE'),
    );
    expect(() => nvil(trick, { inputs: 1 }).estimate(theta, good, { seed: 1, inputs: [Infinity] })).toThrow(
      refused(/^inputs\[0\]: /, 'NOT_FINITE'),
    );
  });

  test('refuses an overflow rather than give infinities', () => {
    const huge = (_: Float64Array, rows: number) => new Float64Array(rows).fill(1.7e308);
    expect(() => scoreFunction(trick).estimate(theta, huge, { seed: 1, samples: 4 })).toThrow(
      refused(/./, 'NOT_FINITE'),
    );
  });

  test("passes the loss's own errors on", () => {
    const own = new Error('of the loss');
    const fails = () => {
      throw own;
    };
    expect(() => estimator.estimate(theta, fails, { seed: 1 })).toThrow(own);
  });
});
