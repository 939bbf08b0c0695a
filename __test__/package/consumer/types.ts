import { oneHot, spanningTree, type TopKRelaxation, type Trick, topK } from 'stochastic-softmax-tricks';

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
