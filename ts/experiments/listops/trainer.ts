import * as tf from '@tensorflow/tfjs';
import { flatArray } from '../../files/array-file';
import { AdamW, type AdamWState, type ParameterGroup } from '../../training/adamw';
import { assignValues, createParameters, type ParameterMap } from '../../training/parameters';
import { deriveSeed } from '../../training/random';
import { geometricSchedule, linearSchedule, type Schedule, warmUp } from '../../training/schedules';
import { BatchOrder } from '../batch-order';
import type {
  Evaluation,
  Metrics,
  NamedArrays,
  Trainer,
  TrainerState,
  Watch,
  Weights,
} from '../harness/experiment';
import { arrangeBatch } from './batches';
import type { ListopsConfig } from './config';
import type { ListopsData } from './corpus/data';
import type { ExpressionSet } from './corpus/expression-set';
import { isEncoder } from './encoder';
import { evaluate, readExamples } from './evaluate';
import { type ListopsModel, listopsModel, modelParameters, trainingLoss } from './model';
import type { ListopsExample } from './records';

/** What the optimiser has counted, beside its moments. */
interface Counts {
  iterations: number;
  /** Steps in which each parameter had a gradient. */
  steps: Record<string, number>;
  /** What an estimator that learns has learnt. */
  learnt?: unknown;
}

/** A model in training. */
export class ListopsTrainer implements Trainer {
  step = 0;
  readonly #config: ListopsConfig;
  readonly #data: ListopsData;
  readonly #model: ListopsModel;
  readonly #parameters: ParameterMap;
  readonly #optimiser: AdamW;
  readonly #order: BatchOrder;
  readonly #temperature: Schedule | undefined;

  constructor(config: ListopsConfig, data: ListopsData) {
    const { seed, temperature, annealing, clipNorm, batch } = config;
    const steps = Math.max(1, config.steps);
    this.#config = config;
    this.#data = data;
    this.#model = listopsModel(config);
    this.#parameters = createParameters(modelParameters(config), { seed });
    this.#optimiser = new AdamW(this.#parameters, {
      clipNorm,
      groups: parameterGroups(this.#parameters, config),
    });
    this.#order = new BatchOrder(data.train.size, Math.min(batch, data.train.size), seed);
    this.#temperature =
      temperature === undefined
        ? undefined
        : geometricSchedule({ from: temperature, to: annealing * temperature, steps });
  }

  /** One step of AdamW on the cross-entropy of a batch, one draw for each expression. */
  trainStep(): Metrics {
    const step = this.step + 1;
    const batch = arrangeBatch(this.#data.train, this.#order.at(step));
    const draw = {
      seed: deriveSeed(this.#config.seed, 'noise', step),
      temperature: this.#temperature?.(this.step),
    };
    const loss = this.#optimiser.minimize(
      () => trainingLoss(this.#model, this.#parameters, batch, draw),
      true,
    ) as tf.Scalar;
    const crossEntropy = loss.dataSync()[0];
    loss.dispose();
    this.step = step;
    return { crossEntropy };
  }

  weights(): Weights {
    const parameters = Object.entries(this.#parameters).map(([name, variable]) => [
      name,
      { shape: [...variable.shape], values: (variable.dataSync() as Float32Array).slice() },
    ]);
    return { parameters: Object.fromEntries(parameters), arrays: {} };
  }

  save(): TrainerState {
    const { iterations, parameters } = this.#optimiser.save();
    const optimiser: NamedArrays = {};
    const steps: Counts['steps'] = {};
    for (const [name, { mean, square, ...moments }] of Object.entries(parameters)) {
      optimiser[`${name}.mean`] = flatArray(mean);
      optimiser[`${name}.square`] = flatArray(square);
      steps[name] = moments.steps;
    }
    const learnt = this.#model.estimator?.save();
    const rest: Counts = { iterations, steps, ...(learnt !== undefined && { learnt }) };
    return { step: this.step, weights: this.weights(), optimiser, rest };
  }

  restore({ step, weights, optimiser, rest }: TrainerState): void {
    const { iterations, steps, learnt } = rest as Counts;
    this.#model.estimator?.restore(learnt);
    const state: AdamWState = { iterations, parameters: {} };
    for (const [name, { shape, values }] of Object.entries(weights.parameters)) {
      assignValues(this.#parameters[name], shape, values.slice());
      const [mean, square] = ['mean', 'square'].map((moment) => optimiser[`${name}.${moment}`].values);
      state.parameters[name] = { steps: steps[name], shape, mean, square };
    }
    this.#optimiser.restore(state);
    this.step = step;
  }

  async evaluate(
    weights: Weights,
    set: 'validation' | 'test',
    watch: Watch,
  ): Promise<Evaluation | undefined> {
    const seed = deriveSeed(this.#config.seed, 'evaluation', set);
    const metrics = await evaluateWeights(this.#model, weights, this.#data[set], seed, watch);
    return metrics && { metrics };
  }

  examples(weights: Weights): ListopsExample[] {
    const tensors = tensorsOf(weights);
    const found = readExamples(this.#model, tensors, this.#data.test);
    tf.dispose(tensors);
    return found;
  }
}

/** Numbers of given weights on a set; undefined if the signal stopped it. */
export async function evaluateWeights(
  model: ListopsModel,
  weights: Weights,
  set: ExpressionSet,
  seed: bigint,
  watch: Watch,
): Promise<Metrics | undefined> {
  const tensors = tensorsOf(weights);
  try {
    return await evaluate(model, tensors, set, seed, watch);
  } finally {
    tf.dispose(tensors);
  }
}

/** Weights as tensors; the caller disposes of them. */
function tensorsOf({ parameters }: Weights): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, values }]) => [
      name,
      tf.tensor(values.slice(), [...shape]),
    ]),
  );
}

/** The encoder has a rate of its own; matrices decay, vectors do not. */
function parameterGroups(parameters: ParameterMap, config: ListopsConfig): ParameterGroup[] {
  const { learningRate, encoderRate = 1, weightDecay } = config;
  const isMatrix = (name: string) => !/(bias|scale|shift)$/i.test(name);
  return [true, false].flatMap((encoder) =>
    [true, false].flatMap((matrix): ParameterGroup[] => {
      const names = Object.keys(parameters).filter(
        (name) => isEncoder(name) === encoder && isMatrix(name) === matrix,
      );
      if (names.length === 0) return [];
      const rate = encoder ? encoderRate * learningRate : learningRate;
      return [
        { parameters: names, learningRate: rateOf(config, rate), weightDecay: matrix ? weightDecay : 0 },
      ];
    }),
  );
}

/** Rises in the first steps and falls to 0 at the end. */
function rateOf({ warmUp: rising, steps }: ListopsConfig, rate: number): Schedule {
  return warmUp(rising, linearSchedule({ from: rate, to: 0, steps: Math.max(1, steps - rising) }));
}
