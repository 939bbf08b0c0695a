import { spanningTree } from 'stochastic-softmax-tricks';
import { tensorTrick } from 'stochastic-softmax-tricks/tfjs';

export const trees = tensorTrick(spanningTree({ vertices: 4 }));
