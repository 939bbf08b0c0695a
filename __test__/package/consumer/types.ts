import {
  customStructure,
  oneHot,
  spanningTree,
  type TopKRelaxation,
  type Trick,
  topK,
} from 'stochastic-softmax-tricks';

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

const own = customStructure({ dimension: 3, argmax: (utility, rows) => utility.subarray(0, 3 * rows) });
export const weights: number[] = own.sparseMap([1, 2, 3]).atoms[0].map(({ weight }) => weight);
const relaxed = customStructure({
  dimension: 3,
  argmax: () => [[1, 0, 0]],
  relaxation: { softmax: (u) => u },
});
// @ts-expect-error a relaxation of one's own is no SparseMAP
relaxed.sparseMap([1, 2, 3]);
// @ts-expect-error the argmax is required
customStructure({ dimension: 3 });
// @ts-expect-error an argmax is no promise of one
customStructure({ dimension: 3, argmax: async () => [1, 0, 0] });
const sparse = spanningTree({ vertices: 4, relaxation: 'sparsemap' });
export const edges: ReadonlyArray<readonly [number, number]> = sparse.edges;
// @ts-expect-error SparseMAP has no log-partition function
sparse.logPartition([0, 0, 0, 0, 0, 0]);
