import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../training/random';
import { Adam } from '../adam';
import type { Moments } from '../layers';
import type { Parameters } from '../parameters';
import { RunningMoments } from '../running-moments';
import { arrangeBatch, BatchOrder } from './batches';
import type { NriConfig } from './config';
import type { LayoutSet } from './dataset';
import { encoderBlocks } from './encoder';
import { type NriGradient, nriGradient } from './gradient';
import { forward, type NriModel, nriModel, nriParameters, type Trained } from './model';
import type { NriObjective } from './records';

/** What evaluation needs of a trained model. */
export interface TrainedArrays {
  parameters: Float32Array;
  running: Float32Array;
}

/** Parameters, optimiser and running statistics of a run, and its training step. */
export class NriTrainer {
  readonly model: NriModel;
  readonly parameters: Parameters;
  readonly running: RunningMoments;
  /** Steps done. Batches and noise depend on (seed, step) only, so this is also the position of the random numbers. */
  step = 0;
  readonly #config: NriConfig;
  readonly #adam: Adam;
  readonly #gradient: NriGradient;
  readonly #order: BatchOrder;

  constructor(config: NriConfig) {
    this.#config = config;
    this.model = nriModel(config);
    this.parameters = nriParameters(config);
    this.running = new RunningMoments(encoderBlocks, config.encoderHidden);
    this.#gradient = nriGradient(config, this.model.latent.trick);
    this.#adam = new Adam(this.parameters.values.length, config.learningRate);
    this.#order = new BatchOrder(config.trainSize, config.batch, config.seed);
  }

  /** One step of Adam on the objective of the next batch, relaxed or hard as the estimator has it. */
  trainStep(set: LayoutSet): NriObjective {
    const step = this.step + 1;
    const { vertices, timesteps, rollout, seed } = this.#config;
    const shape = { vertices, timesteps, rollout };
    const batch = arrangeBatch(set, this.#order.at(step), shape);
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

  /** Parameters and running statistics as tensors, for evaluation; the caller disposes them. */
  trained({ parameters, running }: TrainedArrays = this.trainedArrays()): Trained {
    return {
      weights: this.parameters.named(this.parameters.tensors(parameters)),
      running: this.running.tensors(running),
    };
  }

  /** Parameters and running statistics; live, not copies. */
  trainedArrays(): TrainedArrays {
    return { parameters: this.parameters.values, running: this.running.values };
  }

  /** What the estimator has learnt, undefined if it does not learn. */
  saveEstimator(): unknown {
    return this.#gradient.save();
  }

  /** Goes on from what {@link saveEstimator} gave. */
  restoreEstimator(state: unknown): void {
    this.#gradient.restore(state);
  }

  /** The arrays of a checkpoint; live, not copies. */
  arrays(): Record<string, Float32Array> & TrainedArrays {
    return {
      ...this.trainedArrays(),
      adamMean: this.#adam.mean,
      adamSquare: this.#adam.square,
    };
  }
}
