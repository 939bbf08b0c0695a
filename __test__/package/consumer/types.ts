import {
  customStructure,
  oneHot,
  spanningTree,
  type TopKRelaxation,
  type Trick,
  topK,
} from 'stochastic-softmax-tricks';
import {
  type DifferentiableLoss,
  type Estimator,
  familyScoreFunction,
  maximumLikelihood,
  muProp,
  nvil,
  relax,
  relaxed,
  scoreFunction,
  simple,
  traceScoreFunction,
  type ValueLoss,
} from 'stochastic-softmax-tricks/estimators';
import { assertStructure, checkEstimator, type LawReport } from 'stochastic-softmax-tricks/laws';

const trees = spanningTree({ vertices: 4 });
const soft: ArrayLike<number> = trees.softmax([0.5, 1, -0.2, 0.3, 0.8, -1], { temperature: 0.5 });
const dimension: number = trees.dimension;
const choice: Trick = topK({ elements: 4, k: 2, relaxation: 'l2x' as TopKRelaxation });
const log: ArrayLike<number> = oneHot({ categories: 4, relaxation: 'categorical-entropy' }).logPartition([
  1, 2, 3, 4,
]);
export const used = [soft, dimension, choice, log];

// @ts-expect-error the number of vertices is required
spanningTree({});
// @ts-expect-error there is no such relaxation
topK({ elements: 4, k: 2, relaxation: 'none' });
// @ts-expect-error one-hot vectors have no such relaxation
oneHot({ categories: 4, relaxation: 'softsub' });
// @ts-expect-error only the exponential family has a log-partition function
topK({ elements: 4, k: 2, relaxation: 'euclidean' }).logPartition([1, 2, 3, 4]);

const slope: Float64Array = trees.temperatureVjp([0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], {
  temperature: 0.5,
  gradient: { finiteDifference: 1e-3 },
});
const single: Float32Array = trees.temperatureVjp(new Float32Array(6), [1, 0, 0, 0, 0, 0]);
const later: Promise<Float64Array> = trees.temperatureVjpAsync([0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], {
  signal: new AbortController().signal,
});
const homogeneous: boolean = choice.homogeneous;
export const derivatives = [slope, single, later, homogeneous];
// @ts-expect-error the cotangent is required
trees.temperatureVjp([0, 0, 0, 0, 0, 0]);
// @ts-expect-error of a promise the gradient is exact
trees.temperatureVjpAsync([0], [0], { gradient: { finiteDifference: 1e-3 } });

const own = customStructure({ dimension: 3, argmax: (utility, rows) => utility.subarray(0, 3 * rows) });
export const weights: number[] = own.sparseMap([1, 2, 3]).atoms[0].map(({ weight }) => weight);
const ownRelaxation = customStructure({
  dimension: 3,
  argmax: () => [[1, 0, 0]],
  relaxation: { softmax: (u) => u },
});
// @ts-expect-error a relaxation of one's own is no SparseMAP
ownRelaxation.sparseMap([1, 2, 3]);
// @ts-expect-error the argmax is required
customStructure({ dimension: 3 });
// @ts-expect-error an argmax is no promise of one
customStructure({ dimension: 3, argmax: async () => [1, 0, 0] });
const sparse = spanningTree({ vertices: 4, relaxation: 'sparsemap' });
export const edges: ReadonlyArray<readonly [number, number]> = sparse.edges;
// @ts-expect-error SparseMAP has no log-partition function
sparse.logPartition([0, 0, 0, 0, 0, 0]);

const value: ValueLoss = (_, rows) => new Float64Array(rows);
const differentiable: DifferentiableLoss = (x, rows) => ({ value: new Float64Array(rows), gradient: x });
const options = { seed: 1, samples: 2 };

// A loss without a gradient is enough for a score function, and one with it will do; not so for a relaxation.
scoreFunction(trees).estimate([], value, options);
scoreFunction(trees).estimate([], differentiable, options);
relaxed(trees).estimate([], differentiable, options);
// @ts-expect-error a relaxed estimator needs the gradient of the loss
relaxed(trees).estimate([], value, options);
// @ts-expect-error the seed is required
relaxed(trees).estimate([], differentiable, {});
// Whatever needs less of a loss stands where more is given.
export const list: Estimator[] = [relaxed(trees), scoreFunction(trees), nvil(trees)];
// @ts-expect-error but not the other way round
export const scores: Estimator<ValueLoss> = relaxed(trees);

const state: number = scoreFunction(trees, { baseline: 'moving-average' }).save().sum;
export const learnt = [state, nvil(trees).save().network.step];
// @ts-expect-error without a moving average there is nothing to save
scoreFunction(trees, { baseline: 'none' }).save();
// @ts-expect-error there is no such baseline
scoreFunction(trees, { baseline: 'median' });
nvil(trees).estimate([], value, { ...options, inputs: [1] });

maximumLikelihood(trees).evaluate([], []);
// @ts-expect-error exact marginals need an exponential family
maximumLikelihood(topK({ elements: 4, k: 2, relaxation: 'euclidean' }));

traceScoreFunction(trees).estimate([], value, options);
// @ts-expect-error RELAX needs the gradient of the loss
relax(trees).estimate([], value, options);
// @ts-expect-error a trace needs races
traceScoreFunction(topK({ elements: 4, k: 2, relaxation: 'euclidean' }));
// @ts-expect-error exact draws need an exponential family
familyScoreFunction(topK({ elements: 4, k: 2, relaxation: 'softsub' }));
familyScoreFunction(trees, { baseline: 'moving-average' }).restore({ sum: 0, weight: 0 });
// @ts-expect-error MuProp needs the gradient of the loss
muProp(trees).estimate([], value, options);
// @ts-expect-error exact draws need an exponential family
simple(topK({ elements: 4, k: 2, relaxation: 'softsub' }));

assertStructure(own, { except: ['masks'] });
// @ts-expect-error there is no such law
assertStructure(own, { except: ['gravity'] });
export const report: LawReport = checkEstimator(scoreFunction(trees), {
  theta: [0, 0, 0, 0, 0, 0],
  vertices: [[1, 1, 1, 0, 0, 0]],
  law: () => [1],
});
