import { customStructure, spanningTree, topK } from 'stochastic-softmax-tricks';

const trees = spanningTree({ vertices: 4 });
const soft: ArrayLike<number> = trees.softmax([0.5, 1, -0.2, 0.3, 0.8, -1], { temperature: 0.5 });
const dimension: number = trees.dimension;
export const used = [soft, dimension];

// @ts-expect-error the number of vertices is required
spanningTree({});
// @ts-expect-error there is no such relaxation
topK({ elements: 4, k: 2, relaxation: 'none' });

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
