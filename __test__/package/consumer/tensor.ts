import { spanningTree } from 'stochastic-softmax-tricks';
import { relaxed, scoreFunction } from 'stochastic-softmax-tricks/estimators';
import { tensorEstimator, tensorTrick } from 'stochastic-softmax-tricks/tfjs';
import { Adam } from 'stochastic-softmax-tricks/tfjs-backend';

export const optimizer = new Adam(0.01);
export const trees = tensorTrick(spanningTree({ vertices: 4 }));
export const estimators = [relaxed, scoreFunction].map((make) => tensorEstimator(make(trees.trick)));
