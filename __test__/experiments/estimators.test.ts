import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../../ts/experiments/backend';
import { estimatorNames, estimatorTraits, holdsFor } from '../../ts/experiments/estimators/names';
import { repeatRows } from '../../ts/experiments/estimators/repeat-rows';
import { makeEstimator } from '../../ts/experiments/estimators/training-estimator';
import type { Trainer } from '../../ts/experiments/harness/experiment';
import { plannedRuns, settingsOf } from '../../ts/experiments/harness/plan';
import type { ListopsConfig } from '../../ts/experiments/listops/config';
import { listops } from '../../ts/experiments/listops/experiment';
import { type LatentName, latentNames, propertiesOf } from '../../ts/experiments/listops/names';
import type { ReviewsConfig } from '../../ts/experiments/reviews/config';
import { reviews } from '../../ts/experiments/reviews/experiment';
import {
  type MethodName,
  methodNames,
  propertiesOf as propertiesOfMethod,
} from '../../ts/experiments/reviews/names';
import {
  arborescence,
  correlatedTopK,
  gaussian,
  independentEdges,
  negativeExponential,
  projectiveTree,
  spanningTree,
  type TopKRelaxation,
  type Trick,
  topK,
} from '../../ts/index';
import { tiny } from './harness/tiny';

const cacheDirectory = mkdtempSync(join(tmpdir(), 'sst-estimators-'));
beforeAll(() => useBackend('native'));
afterAll(() => rmSync(cacheDirectory, { recursive: true }));

const graphs: Record<LatentName, Trick> = {
  'independent-undirected': independentEdges({ vertices: 4 }),
  'spanning-tree': spanningTree({ vertices: 4 }),
  'independent-directed': independentEdges({ vertices: 4, directed: true }),
  'arborescence-negative-exponential': arborescence({ vertices: 4, utility: negativeExponential() }),
  'arborescence-gaussian': arborescence({ vertices: 4, utility: gaussian() }),
  'arborescence-gumbel': arborescence({ vertices: 4 }),
  'projective-tree': projectiveTree({ words: 3 }),
  'arborescence-trace': arborescence({ vertices: 4, utility: negativeExponential() }),
};

function choiceOf(method: MethodName): Trick {
  const options = { elements: 5, k: 2, shortRows: 'min' } as const;
  if (method.startsWith('correlated')) return correlatedTopK(options);
  return topK({ ...options, relaxation: method as TopKRelaxation });
}

const structures = [
  ...latentNames.map((name) => ({ name, trick: graphs[name], properties: propertiesOf(name) })),
  ...methodNames
    .filter((name) => name !== 'constant')
    .map((name) => ({ name, trick: choiceOf(name), properties: propertiesOfMethod(name) })),
];

test.each(structures)('$name: the settings admit what the library admits, on ragged rows', (structure) => {
  const { trick, properties } = structure;
  const size = trick.name === 'projective-tree' ? 3 : trick.name.includes('top-k') ? 5 : 4;
  const theta = Float64Array.from({ length: 2 * trick.parameterDimension }, (_, i) => Math.sin(i));
  const loss = (x: Float64Array, rows: number) => ({
    value: Float64Array.from({ length: rows }, (_, row) => x[(row * x.length) / rows]!),
    gradient: new Float64Array(x.length),
  });
  const admitted = estimatorNames.filter((name) => {
    try {
      const estimator = makeEstimator(name, trick, { temperature: 1, inputs: 1, seed: 1 });
      const inputs = name === 'nvil' ? { inputs: [0, 0] } : {};
      estimator.estimate(theta, loss, { seed: 1, samples: 2, lengths: [size, size - 1], ...inputs });
      return true;
    } catch (error) {
      expect(error).toMatchObject({ name: 'SstError', code: 'INVALID_ARGUMENT' });
      return false;
    }
  });
  expect(admitted).toEqual(estimatorNames.filter((name) => holdsFor(name, properties)));
});

test('estimators that compare draws refuse a single one, others do not', () => {
  const tricks = [topK({ elements: 4, k: 2 }), independentEdges({ vertices: 3 })];
  for (const name of estimatorNames) {
    const trick = tricks.find((_, i) =>
      holdsFor(name, ['density', 'aligned', 'family', 'ranked', i === 0 ? 'races' : 'coins']),
    )!;
    const estimator = makeEstimator(name, trick, { temperature: 1, inputs: trick.dimension, seed: 1 });
    const loss = (x: Float64Array, rows: number) => ({ value: new Float64Array(rows), gradient: x });
    const estimate = () => estimator.estimate(new Float64Array(trick.dimension), loss, { seed: 1 });
    // The perturbed optimizer does without a baseline then, and is too noisy to train by.
    if (estimatorTraits[name].compares && name !== 'perturbed-optimizer') expect(estimate).toThrow(/samples/);
    else expect(estimate).not.toThrow();
  }
});

test.each([
  [
    listops,
    { structures: ['arborescence-gumbel'], estimators: ['trace'] },
    /^estimators: expected .*arborescence-gumbel.*races.*got trace$/,
  ],
  [listops, { structures: ['gold'], estimators: ['simple'] }, /^estimators: expected .*none is chosen/],
  [listops, { structures: ['spanning-tree'], estimators: ['arms'] }, /coins.*got arms/],
  [reviews, { methods: ['correlated'], estimators: ['sum-and-sample'] }, /order.*got sum-and-sample/],
  [
    listops,
    { estimators: ['reinforce'], samples: 1, structures: ['spanning-tree'] },
    /^samples: expected at least 2/,
  ],
  [listops, { estimators: ['gradient'] }, /^estimators: expected some of relaxed/],
  [
    reviews,
    { methods: ['l2x'], estimators: ['implicit-mle'] },
    /^estimators: expected .*coordinate.*got implicit-mle/,
  ],
  [reviews, { methods: ['correlated'], estimators: ['reinforce'] }, /random.*got reinforce/],
  [
    reviews,
    { methods: ['softsub'], estimators: ['perturbed-optimizer'], samples: 1 },
    /^samples: expected at least 2/,
  ],
] as const)('settings that do not go together are refused: %#', (experiment, options, message) => {
  expect(() => settingsOf(experiment as never, options as never)).toThrow(message);
});

test('a row for each structure and each estimator that holds for it; what is given has no estimator', () => {
  const settings = settingsOf(listops, {
    structures: ['lstm', 'spanning-tree', 'arborescence-gumbel', 'arborescence-trace', 'gold'],
    estimators: ['relaxed', 'trace', 'mu-prop'],
    seeds: [1],
  });
  const rows = [
    'lstm',
    'spanning-tree',
    'spanning-tree-trace',
    'spanning-tree-mu-prop',
    'arborescence-gumbel',
  ];
  const expected = [...rows, 'arborescence-gumbel-mu-prop', 'arborescence-trace', 'gold'];
  expect(plannedRuns(listops, settings).map(({ row }) => row)).toEqual(expected);
  expect(listops.rows(settings).map(({ id }) => id)).toEqual(expected);
  const labels = listops.rows(settings).map(({ label }) => label);
  expect(labels.slice(1, 4)).toEqual([
    'Spanning Tree',
    'Spanning Tree, trace REINFORCE',
    'Spanning Tree, MuProp',
  ]);
  // A temperature is for what has a relaxation.
  const configs = plannedRuns(listops, settings).map(({ config }) => config as ListopsConfig);
  expect(configs.map(({ temperature }) => temperature !== undefined)).toEqual(
    expected.map((row) => ['spanning-tree', 'arborescence-gumbel'].includes(row)),
  );
  const ofReviews = settingsOf(reviews, {
    methods: ['exponential-family', 'l2x', 'constant'],
    estimators: ['relaxed', 'simple'],
    ks: [3],
    seeds: [1],
  });
  expect(reviews.rows(ofReviews).map(({ id, label }) => [id, label])).toEqual([
    ['simple-exponential-family', 'E.F. Ent. Top k'],
    ['simple-exponential-family-simple', 'E.F. Ent. Top k, SIMPLE'],
    ['simple-l2x', 'L2X'],
    ['simple-constant', 'Mean rating, random words'],
  ]);
  expect(plannedRuns(reviews, ofReviews).map(({ row }) => row)).toEqual(
    reviews.rows(ofReviews).map(({ id }) => id),
  );
});

test('rows are repeated one after the other', () => {
  const x = tf.tensor3d([1, 2, 3, 4], [2, 1, 2]);
  expect([...repeatRows(x, 2).dataSync()]).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  expect(repeatRows(x, 3).shape).toEqual([6, 1, 2]);
  expect([...repeatRows(tf.tensor1d([5, 6]), 2).dataSync()]).toEqual([5, 5, 6, 6]);
});

/** A run stopped in the middle, resumed in another trainer, ends with the bits of one that was not stopped. */
function expectSameOnResume(make: () => Trainer, parameter: (name: string) => boolean): void {
  const whole = make();
  const before = whole.weights().parameters;
  const train = (trainer: Trainer, until: number) => {
    const metrics: unknown[] = [];
    while (trainer.step < until) metrics.push(trainer.trainStep());
    return metrics;
  };
  const seen = train(whole, 5);
  const first = make();
  const begun = train(first, 2);
  // What has been learnt is kept in a file of JSON.
  const { rest, ...arrays } = first.save();
  const saved = { ...arrays, ...(rest !== undefined && { rest: JSON.parse(JSON.stringify(rest)) }) };
  const second = make();
  second.restore(saved);
  expect([...begun, ...train(second, 5)]).toEqual(seen);
  expect(second.weights()).toEqual(whole.weights());
  const after = whole.weights().parameters;
  const moved = Object.keys(after).filter((name) =>
    after[name]!.values.some((x, i) => x !== before[name]!.values[i]),
  );
  // The estimate reaches what scores structures (a vector there, which does not decay), and is finite.
  expect(moved.filter(parameter).length).toBeGreaterThan(0);
  for (const { values } of Object.values(after)) expect(values.every(Number.isFinite)).toBe(true);
}

const ofRaces = ['straight-through', 'rao-blackwellised', 'reinforce', 'trace', 'nvil', 'relax'] as const;
const ofFamily = [
  'simple',
  'second-order-simple',
  'mu-prop',
  'family-score-function',
  'sum-and-sample',
] as const;
const ofSolvers = [
  'implicit-mle',
  'adaptive-implicit-mle',
  'identity',
  'blackbox',
  'perturbed-optimizer',
] as const;

test.each([
  ...[...ofRaces, ...ofFamily, ...ofSolvers].map((name) => ['spanning-tree', name] as const),
  ...(['rein-max', 'arms', 'indecater', 'rodeo'] as const).map(
    (name) => ['independent-directed', name] as const,
  ),
  ['arborescence-negative-exponential', 'relax'] as const,
  ['projective-tree', 'mu-prop'] as const,
  ['independent-undirected', 'second-order-simple'] as const,
])(
  'ListOps, %s by %s: stopped and resumed goes on as if it had not been stopped',
  async (structure, estimator) => {
    const options = { ...tiny.listops, structures: [structure], estimators: [estimator], samples: 2 };
    const config = plannedRuns(listops, settingsOf(listops, options))[0]!.config as ListopsConfig;
    expect(config).toMatchObject({ structure, estimator });
    const code = listops.code();
    const data = (await code.load(config, { cacheDirectory }))!;
    const before = tf.memory().numTensors;
    expectSameOnResume(
      () => code.trainer(config, data),
      (name) => /^encoder.*bias$/.test(name),
    );
    expect(tf.memory().numTensors).toBeLessThan(before + 200);
  },
);

test.each([
  ...[...ofRaces, ...ofFamily, ...ofSolvers].map((name) => ['exponential-family', name] as const),
  ['l2x', 'nvil'] as const,
  ['softsub', 'straight-through'] as const,
  ['correlated', 'mu-prop'] as const,
])(
  'reviews, %s by %s: stopped and resumed goes on as if it had not been stopped',
  async (method, estimator) => {
    const options = { ...tiny.reviews, methods: [method], estimators: [estimator], samples: 2 };
    const config = plannedRuns(reviews, settingsOf(reviews, options))[0]!.config as ReviewsConfig;
    expect(config).toMatchObject({ method, estimator, samples: 2 });
    const code = reviews.code();
    const data = (await code.load(config, { cacheDirectory }))!;
    expectSameOnResume(
      () => code.trainer(config, data),
      (name) => name.startsWith('selector'),
    );
  },
);
