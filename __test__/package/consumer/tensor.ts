import { spanningTree } from 'stochastic-softmax-tricks';
import { relaxed, scoreFunction } from 'stochastic-softmax-tricks/estimators';
import { tensorEstimator, tensorTrick } from 'stochastic-softmax-tricks/tfjs';
import { Adam } from 'stochastic-softmax-tricks/tfjs-backend';
import { AdamW, createParameters, dense, zeros } from 'stochastic-softmax-tricks/training';

export const optimizer = new Adam(0.01);
export const trees = tensorTrick(spanningTree({ vertices: 4 }));
export const estimators = [relaxed, scoreFunction].map((make) => tensorEstimator(make(trees.trick)));

const parameters = createParameters({ weight: zeros([2, 3]), bias: zeros([3]) }, { seed: 1 });
export const trained = new AdamW(parameters, { groups: [{ parameters: ['bias'], weightDecay: 0 }] });
export const layer = dense(parameters.weight, parameters.weight, parameters.bias);
// @ts-expect-error there is no such parameter
export const other = parameters.shift;
