import type * as tf from '@tensorflow/tfjs';
import {
  adaptiveImplicitMle,
  arms,
  blackbox,
  type Estimator,
  familyScoreFunction,
  identity,
  implicitMle,
  indecater,
  muProp,
  nvil,
  perturbedOptimizer,
  raoBlackwellised,
  reinMax,
  relax,
  relaxed,
  rodeo,
  type StatefulEstimator,
  scoreFunction,
  secondOrderSimple,
  simple,
  straightThrough,
  sumAndSample,
  traceScoreFunction,
} from '../../estimators';
import { tensorEstimator } from '../../tfjs';
import type { ExponentialFamilyTrick } from '../../trick/exponential-family-trick';
import type { TracedTrick } from '../../trick/traced-trick';
import type { Trick } from '../../trick/trick';
import { type EstimatorName, estimatorTraits } from './names';

/** What a step tells an estimator. */
export interface TrainingDraw {
  seed: bigint;
  /** Of relaxations; the trick's own if undefined. */
  temperature: number | undefined;
  lengths: Uint32Array;
  /** What a learnt baseline sees of each row, [rows, inputs]. */
  inputs: tf.Tensor2D;
}

/** What an estimator is made of. */
interface Making {
  temperature: number | undefined;
  /** Numbers that a learnt baseline sees of a row. */
  inputs: number;
  seed: number;
}

type Make = (trick: Trick, making: Making) => Estimator;

const family = (make: (trick: ExponentialFamilyTrick) => Estimator): Make => {
  return (trick) => make(trick as ExponentialFamilyTrick);
};

/**
 * The library's factories as training has them: draws that are compared are those of the same row, relaxations have the
 * temperature of the step, exponential families that of the trick, 1, where their law is nearest to that of the utilities.
 */
const makers: Record<EstimatorName, Make> = {
  relaxed: (trick, { temperature }) => relaxed(trick, { temperature }),
  'straight-through': (trick, { temperature }) => straightThrough(trick, { temperature }),
  'rao-blackwellised': (trick, { temperature }) => raoBlackwellised(trick as TracedTrick, { temperature }),
  reinforce: (trick) => scoreFunction(trick, { baseline: 'leave-one-out' }),
  trace: (trick) => traceScoreFunction(trick as TracedTrick, { baseline: 'leave-one-out' }),
  nvil: (trick, { inputs, seed }) => nvil(trick, { inputs, hidden: 32, seed }),
  relax: (trick, { temperature }) => relax(trick as TracedTrick, { temperature }),
  'implicit-mle': (trick) => implicitMle(trick),
  'adaptive-implicit-mle': (trick) => adaptiveImplicitMle(trick),
  identity: (trick) => identity(trick),
  blackbox: (trick) => blackbox(trick),
  'perturbed-optimizer': (trick) => perturbedOptimizer(trick),
  simple: family(simple),
  'second-order-simple': family(secondOrderSimple),
  'mu-prop': family(muProp),
  'family-score-function': family((trick) => familyScoreFunction(trick, { baseline: 'leave-one-out' })),
  'sum-and-sample': family(sumAndSample),
  'rein-max': family(reinMax),
  arms: family(arms),
  indecater: family(indecater),
  rodeo: family(rodeo as (trick: ExponentialFamilyTrick) => Estimator),
};

/** An estimator of a name for a structure; refuses, as the library does, what it does not hold for. */
export function makeEstimator(name: EstimatorName, trick: Trick, making: Making): Estimator {
  return makers[name](trick, making);
}

/** Whether an estimator learns from call to call. */
export function learns(estimator: Estimator): estimator is StatefulEstimator<never, unknown> & Estimator {
  return 'save' in estimator;
}

/**
 * The estimator of a run, over structures of one kind and any width: what it learns does not depend on the width, and goes
 * from batch to batch.
 */
export class TrainingEstimator {
  readonly #name: EstimatorName;
  readonly #samples: number;
  readonly #seed: number;
  #learnt: unknown;

  constructor(name: EstimatorName, { samples, seed }: { samples: number; seed: number }) {
    this.#name = name;
    // Without noise all draws are the same.
    this.#samples = name === 'blackbox' ? 1 : samples;
    this.#seed = seed;
  }

  /**
   * The mean loss of drawn structures, [rows], with the estimate for its gradient in theta.
   *
   * @param loss of embeddings [rows x times, dimension], those of a row next to one another
   */
  estimate(
    trick: Trick,
    theta: tf.Tensor,
    loss: (x: tf.Tensor2D) => tf.Tensor,
    { seed, temperature, lengths, inputs }: TrainingDraw,
  ): tf.Tensor {
    const tempered = estimatorTraits[this.#name].tempered === true;
    const numbers = makeEstimator(this.#name, trick, {
      temperature: tempered ? temperature : undefined,
      inputs: inputs.shape[1],
      seed: this.#seed,
    });
    if (learns(numbers) && this.#learnt !== undefined) numbers.restore(this.#learnt);
    const observed = this.#name === 'nvil' ? { inputs } : {};
    const { loss: means } = tensorEstimator(numbers).estimate(theta, loss, {
      seed,
      samples: this.#samples,
      lengths,
      ...observed,
    });
    if (learns(numbers)) this.#learnt = numbers.save();
    return means;
  }

  /** What it has learnt, undefined if it does not learn. */
  save(): unknown {
    return this.#learnt;
  }

  /** Goes on from what `save` gave. */
  restore(learnt: unknown): void {
    this.#learnt = learnt;
  }
}
