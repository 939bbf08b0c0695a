import { spanningTree } from 'stochastic-softmax-tricks';
import { tensorTrick } from 'stochastic-softmax-tricks/tfjs';
import { Adam } from 'stochastic-softmax-tricks/tfjs-backend';

export const optimizer = new Adam(0.01);
export const trees = tensorTrick(spanningTree({ vertices: 4 }));
