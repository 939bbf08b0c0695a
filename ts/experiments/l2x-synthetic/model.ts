import * as tf from '@tensorflow/tfjs';
import type { TensorEstimator } from '../../tfjs';
import { constant, type ParameterSpecs, uniformByInputs } from '../../training/initialisers';
import { dense } from '../../training/layers';
import { denseRelu } from '../layers';
import { Parameters, type Weights } from '../parameters';
import { features, type L2xData } from './problems';

/** Layers of both networks: two hidden ones of rectifiers, then `outputs`. */
function networkSpecs(name: string, hidden: number, outputs: number): ParameterSpecs {
  return {
    [`${name}.weight1`]: uniformByInputs([features, hidden]),
    [`${name}.bias1`]: constant([hidden], 0),
    [`${name}.weight2`]: uniformByInputs([hidden, hidden]),
    [`${name}.bias2`]: constant([hidden], 0),
    [`${name}.weight3`]: uniformByInputs([hidden, outputs]),
    [`${name}.bias3`]: constant([outputs], 0),
  };
}

/** Initial parameters: the explainer scores features, the predictor sees the chosen ones. */
export function l2xParameters(hidden: number, seed: number): Parameters {
  return new Parameters(
    { ...networkSpecs('explainer', hidden, features), ...networkSpecs('predictor', hidden, 1) },
    seed,
  );
}

function network(weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const weight = (layer: number) => weights[`${name}.weight${layer}`] as tf.Tensor2D;
  const bias = (layer: number) => weights[`${name}.bias${layer}`] as tf.Tensor1D;
  const first = denseRelu(x, weight(1), bias(1) as never);
  return dense(denseRelu(first, weight(2), bias(2) as never), weight(3), bias(3) as never);
}

/** Scores theta of the features of each input, [rows, features]. */
export function explain(weights: Weights, x: tf.Tensor2D): tf.Tensor2D {
  return network(weights, 'explainer', x);
}

/**
 * Cross-entropy in nats, for each choice of features, of what the predictor makes of the chosen ones: `[rows, features]` in
 * [0, 1] to `[rows]`, the same number of choices for each input.
 */
function losses(weights: Weights, x: tf.Tensor2D, probability: tf.Tensor1D, choices: tf.Tensor2D): tf.Tensor {
  const inputs = x.shape[0];
  const each = choices.shape[0] / inputs;
  const seen = tf.mul(tf.reshape(choices, [inputs, each, features]), tf.expandDims(x, 1));
  const logit = tf.reshape(network(weights, 'predictor', tf.reshape(seen, [-1, features])), [inputs, each]);
  // softplus(z) - p z is the cross-entropy of sigmoid(z) to p.
  const entropy = tf.sub(tf.softplus(logit), tf.mul(logit, tf.expandDims(probability, 1)));
  return tf.reshape(entropy, [-1]);
}

function tensors({ rows, x, probability }: L2xData): { x: tf.Tensor2D; probability: tf.Tensor1D } {
  return {
    x: tf.tensor2d(Float32Array.from(x), [rows, features]),
    probability: tf.tensor1d(Float32Array.from(probability)),
  };
}

/** The mean loss of a batch, its gradient in the explainer by the estimator. */
export function objective(
  weights: Weights,
  data: L2xData,
  estimator: TensorEstimator,
  options: { seed: bigint; samples: number; observed: boolean },
): tf.Scalar {
  const { x, probability } = tensors(data);
  const { loss } = estimator.estimate(
    explain(weights, x),
    (choices) => losses(weights, x, probability, choices),
    { seed: options.seed, samples: options.samples, ...(options.observed && { inputs: x }) },
  );
  return tf.mean(loss);
}

/** Scores of a data set's features, and the mean loss with the k best of each input chosen. */
export function test(weights: Weights, data: L2xData, k: number): { scores: Float32Array; loss: number } {
  return tf.tidy(() => {
    const { x, probability } = tensors(data);
    const scores = explain(weights, x);
    const { indices } = tf.topk(scores, k);
    const choices = tf.sum(tf.oneHot(indices as tf.Tensor2D, features), 1) as tf.Tensor2D;
    const loss = tf.mean(losses(weights, x, probability, tf.cast(choices, 'float32')));
    return { scores: scores.dataSync() as Float32Array, loss: loss.dataSync()[0] };
  });
}
