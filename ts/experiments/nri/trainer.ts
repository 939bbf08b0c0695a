import * as tf from '@tensorflow/tfjs';
import { Adam } from '../../training/flat-adam';
import { deriveSeed } from '../../training/random';
import { BatchOrder } from '../batch-order';
import type { Evaluation, Metrics, Trainer, TrainerState, Watch, Weights } from '../harness/experiment';
import { copyArrays, flatParameters, parametersByName } from '../harness/weights';
import type { Moments } from '../layers';
import type { Parameters } from '../parameters';
import { RunningMoments } from '../running-moments';
import { arrangeBatch } from './batches';
import type { NriConfig } from './config';
import type { LayoutData } from './dataset';
import { betterLabelling } from './edge-metrics';
import { encoderBlocks } from './encoder';
import { evaluate } from './evaluate';
import { examples } from './examples';
import { type NriGradient, nriGradient } from './gradient';
import { forward, type NriModel, nriModel, nriParameters, type Trained } from './model';
import type { NriExample, NriLabelling } from './records';

/** The model of a run in training. */
export class NriTrainer implements Trainer {
  readonly model: NriModel;
  readonly parameters: Parameters;
  readonly running: RunningMoments;
  /** Steps done. Batches and noise depend on (seed, step) only, so this is also the position of the random numbers. */
  step = 0;
  readonly #config: NriConfig;
  readonly #data: LayoutData;
  readonly #adam: Adam;
  readonly #gradient: NriGradient;
  readonly #order: BatchOrder;

  constructor(config: NriConfig, data: LayoutData) {
    this.#config = config;
    this.#data = data;
    this.model = nriModel(config);
    this.parameters = nriParameters(config);
    this.running = new RunningMoments(encoderBlocks, config.encoderHidden);
    this.#gradient = nriGradient(config, this.model.latent.trick);
    this.#adam = new Adam(this.parameters.values.length, config.learningRate);
    this.#order = new BatchOrder(config.trainSize, config.batch, config.seed);
  }

  /** One step of Adam on the objective of the next batch, relaxed or hard as the estimator has it. */
  trainStep(): Metrics {
    const step = this.step + 1;
    const { vertices, timesteps, rollout, seed } = this.#config;
    const shape = { vertices, timesteps, rollout };
    const batch = arrangeBatch(this.#data.train, this.#order.at(step), shape);
    const sampling = this.#gradient.sampling(deriveSeed(seed, 'noise', step));
    const objective = tf.tidy(() => {
      const observed: { block: string; moments: Moments; rows: number }[] = [];
      const parts: { nll?: tf.Scalar; kl?: tf.Scalar } = {};
      const loss = (...tensors: tf.Tensor[]) => {
        const { nll, kl } = forward(this.model, this.parameters.named(tensors), batch, shape, sampling, {
          observe: (block, moments, rows) => {
            tf.keep(moments.mean);
            tf.keep(moments.variance);
            observed.push({ block, moments, rows });
          },
        });
        parts.nll = tf.keep(nll);
        parts.kl = tf.keep(kl);
        return tf.add(nll, kl) as tf.Scalar;
      };
      const { grads } = tf.valueAndGrads(loss)(this.parameters.tensors());
      for (const { block, moments, rows } of observed) {
        this.running.observe(block, moments, rows);
        tf.dispose([moments.mean, moments.variance]);
      }
      this.#adam.update(this.parameters.values, this.parameters.flatten(grads), step);
      const [nll, kl] = [parts.nll, parts.kl].map((scalar) => scalar?.dataSync()[0] ?? Number.NaN);
      tf.dispose([parts.nll, parts.kl] as tf.Tensor[]);
      return { elbo: -(nll + kl), nll, kl };
    });
    this.step = step;
    return objective;
  }

  weights(): Weights {
    return {
      parameters: parametersByName(this.parameters, this.parameters.values),
      arrays: copyArrays({ running: this.running.values }),
    };
  }

  save(): TrainerState {
    const { mean, square } = this.#adam;
    const learnt = this.#gradient.save();
    return {
      step: this.step,
      weights: this.weights(),
      optimiser: copyArrays({ mean, square }),
      ...(learnt !== undefined && { rest: learnt }),
    };
  }

  restore({ step, weights, optimiser, rest }: TrainerState): void {
    this.step = step;
    this.parameters.values.set(flatParameters(this.parameters, weights.parameters));
    this.running.values.set(weights.arrays.running.values);
    this.#adam.mean.set(optimiser.mean.values);
    this.#adam.square.set(optimiser.square.values);
    this.#gradient.restore(rest);
  }

  async evaluate(
    weights: Weights,
    set: 'validation' | 'test',
    { choice, signal, onProgress }: Watch & { choice?: unknown },
  ): Promise<Evaluation | undefined> {
    const data = this.#data[set];
    const trained = trainedModel(this, weights);
    const found = await evaluate(this.model, trained, this.#config, data, set, {
      ...(signal && { signal }),
      onBatch: (sequences) => onProgress?.(sequences, data.size),
    });
    tf.dispose(trained);
    if (found === undefined) return undefined;
    const { recovery, ...objective } = found;
    const labelling = (choice as NriLabelling | undefined) ?? betterLabelling(recovery);
    return { metrics: { ...objective, ...recovery[labelling] }, choice: labelling };
  }

  examples(weights: Weights, choice: unknown): NriExample[] {
    const trained = trainedModel(this, weights);
    const found = examples(this.model, trained, this.#config, this.#data.test, choice as NriLabelling);
    tf.dispose(trained);
    return found;
  }
}

/** Weights as tensors, for evaluation; the caller disposes them. */
function trainedModel({ parameters, running }: NriTrainer, weights: Weights): Trained {
  return {
    weights: parameters.named(parameters.tensors(flatParameters(parameters, weights.parameters))),
    running: running.tensors(weights.arrays.running.values),
  };
}
