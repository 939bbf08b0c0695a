import * as tf from '@tensorflow/tfjs';
import { Adam } from '../../training/flat-adam';
import { zeros } from '../../training/initialisers';
import { deriveSeed, RandomStream } from '../../training/random';
import { geometricSchedule, linearSchedule, type Schedule, warmUp } from '../../training/schedules';
import { TrainingEstimator } from '../estimators/training-estimator';
import type { Evaluation, Metrics, Trainer, TrainerState, Watch, Weights } from '../harness/experiment';
import { copyArrays, flatParameters, parametersByName } from '../harness/weights';
import { Parameters } from '../parameters';
import { arrangeBatch, BatchOrder } from './batches';
import { type Choice, choiceOf } from './choice';
import type { ReviewsConfig } from './config';
import { aspects } from './corpus/aspects';
import type { ReviewsData } from './corpus/data';
import type { ReviewSet } from './corpus/review-set';
import { scaled } from './corpus/word-vectors';
import { evaluate, evaluateConstant } from './evaluate';
import { type ReviewsExample, readExamples } from './examples';
import { isSelector, modelParameters, type ReviewsModel, trainingError } from './model';

/** Name of the trained word vectors, [words but the padding, dimension]. */
const wordsName = 'words';

/** Selector and predictor in training. */
export class ReviewsTrainer implements Trainer {
  step = 0;
  readonly #config: ReviewsConfig;
  readonly #data: ReviewsData;
  readonly #choice: Choice;
  /** The gradient through drawn choices, unless they are relaxed; it may learn. */
  readonly #estimator: TrainingEstimator | undefined;
  readonly #parameters: Parameters;
  /** Where the selector's parameters begin. */
  readonly #selector: number;
  readonly #adam: { rest: Adam; selector: Adam };
  readonly #order: BatchOrder;
  readonly #learningRate: Schedule;
  readonly #temperature: Schedule;
  /** Vectors that are not trained, [words, dimension]; there may be many, so that they are laid down once. */
  readonly #fixedVectors: tf.Tensor2D | undefined;

  constructor(config: ReviewsConfig, data: ReviewsData) {
    const { seed, batch, learningRate, temperature, annealing, trainWords } = config;
    this.#config = config;
    this.#data = data;
    this.#choice = choiceOf(config.method, config.k);
    const { estimator, samples = 1 } = config;
    this.#estimator = estimator && new TrainingEstimator(estimator, { samples, seed });
    const { parameters, vectors } = initialParameters(config, data, this.#choice.pairs);
    this.#parameters = parameters;
    const shape: [number, number] = [data.vocabulary.words.length, data.dimension];
    this.#fixedVectors = trainWords ? undefined : tf.keep(tf.tensor2d(vectors, shape));
    const { layout } = this.#parameters;
    this.#selector = layout
      .split(this.#parameters.values)
      .reduce((sum, { values }, i) => sum + (isSelector(layout.names[i]) ? 0 : values.length), 0);
    this.#adam = {
      rest: new Adam(this.#selector, learningRate),
      selector: new Adam(layout.size - this.#selector, learningRate),
    };
    this.#order = new BatchOrder(data.train, batch, seed);
    this.#learningRate = rateOf(config);
    const steps = Math.max(1, config.steps);
    this.#temperature = geometricSchedule({ from: temperature, to: annealing * temperature, steps });
  }

  /** One step of Adam on the squared errors of a batch, with the choices that training draws. */
  trainStep(): Metrics {
    const step = this.step + 1;
    const config = this.#config;
    const batch = arrangeBatch(this.#data.train, this.#order.at(step), aspects.indexOf(config.aspect));
    const draw = {
      seed: deriveSeed(config.seed, 'noise', step),
      temperature: this.#temperature(step - 1),
      dropoutSeed: deriveSeed(config.seed, 'dropout', step).toString(),
    };
    // Not given out of `tidy`, which would look for tensors in every entry.
    let gradient: Float32Array = new Float32Array();
    const mse = tf.tidy(() => {
      const loss = (...tensors: tf.Tensor[]) => {
        const weights = this.#parameters.named(tensors);
        const model = { config, choice: this.#choice, vectors: this.#vectors(weights), weights };
        return trainingError(model, batch, draw, this.#estimator);
      };
      const { value, grads } = tf.valueAndGrads(loss)(this.#parameters.tensors());
      gradient = this.#parameters.flatten(grads);
      return value.dataSync()[0];
    });
    this.#update(gradient, step);
    this.step = step;
    return { mse };
  }

  #update(gradient: Float32Array, step: number): void {
    const { values } = this.#parameters;
    const rate = this.#learningRate(step - 1);
    const at = this.#selector;
    this.#adam.rest.update(values.subarray(0, at), gradient.subarray(0, at), step, rate);
    const slower = rate * this.#config.selectorRate;
    this.#adam.selector.update(values.subarray(at), gradient.subarray(at), step, slower);
  }

  /** Vectors of all words. The padding's are 0 whatever is learnt. */
  #vectors(weights: Record<string, tf.Tensor>): tf.Tensor2D {
    const { dimension } = this.#data;
    if (this.#fixedVectors !== undefined) return this.#fixedVectors;
    return tf.concat([tf.zeros([1, dimension]), weights[wordsName]]) as tf.Tensor2D;
  }

  weights(): Weights {
    return { parameters: parametersByName(this.#parameters, this.#parameters.values), arrays: {} };
  }

  save(): TrainerState {
    const learnt = this.#estimator?.save();
    return {
      step: this.step,
      weights: this.weights(),
      optimiser: copyArrays(this.#moments()),
      ...(learnt !== undefined && { rest: learnt }),
    };
  }

  restore({ step, weights, optimiser, rest }: TrainerState): void {
    this.step = step;
    this.#estimator?.restore(rest);
    this.#parameters.values.set(flatParameters(this.#parameters, weights.parameters));
    for (const [name, live] of Object.entries(this.#moments())) live.set(optimiser[name].values);
  }

  /** The optimiser's arrays by name; live. */
  #moments(): Record<string, Float32Array> {
    const { rest, selector } = this.#adam;
    return {
      'rest.mean': rest.mean,
      'rest.square': rest.square,
      'selector.mean': selector.mean,
      'selector.square': selector.square,
    };
  }

  async evaluate(
    weights: Weights,
    set: 'validation' | 'test',
    watch: Watch,
  ): Promise<Evaluation | undefined> {
    const model = this.trained(weights);
    try {
      const metrics = await evaluate(model, this.#data[set], set, watch);
      const { annotated, test } = this.#data;
      if (metrics === undefined || set !== 'test' || annotated === undefined || annotated === test) {
        return metrics && { metrics };
      }
      const recovery = await evaluate(model, annotated, 'annotated', watch);
      return recovery && { metrics: { ...recovery, ...metrics } };
    } finally {
      release(model);
    }
  }

  /** Numbers on reviews that are not of the data. */
  async evaluateSet(weights: Weights, set: ReviewSet, watch: Watch): Promise<Metrics | undefined> {
    const model = this.trained(weights);
    try {
      return await evaluate(model, set, 'file', watch);
    } finally {
      release(model);
    }
  }

  examples(weights: Weights): ReviewsExample[] {
    const model = this.trained(weights);
    try {
      return readExamples(model, this.#data);
    } finally {
      release(model);
    }
  }

  /** The model with given weights, as tensors; the caller disposes of them. */
  trained(weights: Weights): ReviewsModel {
    const tensors = this.#parameters.named(
      this.#parameters.tensors(flatParameters(this.#parameters, weights.parameters)),
    );
    const vectors = tf.tidy(() => this.#vectors(tensors).clone());
    return { config: this.#config, choice: this.#choice, vectors, weights: tensors };
  }
}

/** A row of the table that needs no training. */
export class ConstantTrainer implements Trainer {
  readonly step = 0;
  readonly #config: ReviewsConfig;
  readonly #data: ReviewsData;

  constructor(config: ReviewsConfig, data: ReviewsData) {
    this.#config = config;
    this.#data = data;
  }

  trainStep(): Metrics {
    return {};
  }

  weights(): Weights {
    return { parameters: {}, arrays: {} };
  }

  save(): TrainerState {
    return { step: 0, weights: this.weights(), optimiser: {} };
  }

  restore(): void {}

  async evaluate(_: Weights, set: 'validation' | 'test'): Promise<Evaluation> {
    const { train, annotated } = this.#data;
    const aspect = aspects.indexOf(this.#config.aspect);
    const metrics = evaluateConstant(train, this.#data[set], aspect);
    if (set !== 'test' || annotated === undefined) return { metrics };
    return { metrics: { ...evaluateConstant(train, annotated, aspect), ...metrics } };
  }
}

/**
 * Initial parameters, and the vectors of all words: those of a file as they are; those made from the text with standard
 * normal noise, which tells words apart that are used alike, with mean square 1 again.
 */
function initialParameters(
  config: ReviewsConfig,
  data: ReviewsData,
  pairs: boolean,
): { parameters: Parameters; vectors: Float32Array } {
  const { dimension, givenVectors } = data;
  const words = data.vocabulary.words.length - 1;
  const random = new RandomStream(config.seed, 'parameters', wordsName);
  const parameters = new Parameters(
    {
      [wordsName]: zeros([config.trainWords ? words : 0, dimension]),
      ...modelParameters(config, dimension, pairs),
    },
    config.seed,
  );
  const noise = Float32Array.from({ length: words * dimension }, () => random.normal());
  const made = scaled(
    data.vectors.subarray(dimension).map((value, i) => value + noise[i]),
    dimension,
  );
  const chosen = givenVectors ? data.vectors.subarray(dimension) : made;
  if (config.trainWords) parameters.values.set(chosen);
  const vectors = new Float32Array(data.vectors.length);
  vectors.set(chosen, dimension);
  return { parameters, vectors };
}

function release({ vectors, weights }: ReviewsModel): void {
  tf.dispose([vectors, ...Object.values(weights)]);
}

/** Rises in the first steps, stays, and falls to 0 at the end. */
function rateOf({ learningRate, warmUp: rising, decayFrom, steps }: ReviewsConfig): Schedule {
  const begin = Math.round(decayFrom * steps);
  const fall = linearSchedule({ from: learningRate, to: 0, steps: Math.max(1, steps - begin) });
  const rise = warmUp(rising, learningRate);
  return (step) => (step < begin ? rise(step) : Math.min(rise(step), fall(step - begin)));
}
