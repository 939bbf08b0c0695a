import { spanningTree, topK } from 'stochastic-softmax-tricks';

const trees = spanningTree({ vertices: 4 });
const soft: ArrayLike<number> = trees.softmax([0.5, 1, -0.2, 0.3, 0.8, -1], { temperature: 0.5 });
const dimension: number = trees.dimension;
export const used = [soft, dimension];

// @ts-expect-error the number of vertices is required
spanningTree({});
// @ts-expect-error there is no such relaxation
topK({ elements: 4, k: 2, relaxation: 'none' });
