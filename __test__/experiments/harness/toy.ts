import { readFileSync } from 'node:fs';
import type {
  Evaluation,
  Experiment,
  ExperimentCode,
  RunConfig,
  Trainer,
  TrainerState,
  Weights,
} from '../../../ts/experiments/harness/experiment';
import { type BaseSettings, commonSettings } from '../../../ts/experiments/harness/settings';
import { html } from '../../../ts/experiments/report/html';
import { flatArray } from '../../../ts/files/array-file';
import { RandomStream } from '../../../ts/training/random';

/** A line fitted to noisy points, by gradient steps with momentum: an experiment that needs no TensorFlow.js. */
interface ToySettings extends BaseSettings {
  models: string[];
  slopes: number[];
  learningRate: number;
}

interface ToyConfig extends RunConfig {
  model: string;
  slope: number;
  learningRate: number;
}

type Point = readonly [x: number, y: number];
type ToyData = Record<'train' | 'validation' | 'test', Point[]>;

const models = ['line', 'constant', 'untrained'];

const quick: ToySettings = {
  preset: 'quick',
  models,
  slopes: [1, 3],
  seeds: [1, 2],
  learningRate: 0.05,
  steps: 40,
  evaluateEvery: 8,
  logEvery: 1,
  checkpointEvery: 5,
  backend: 'cpu',
};

export const toy: Experiment<ToySettings, ToyConfig, ToyData> = {
  name: 'toy',
  title: 'A line through points',
  summary: 'a line through points',
  description: 'Fits lines.',
  presets: { quick, paper: { ...quick, preset: 'paper', learningRate: 0.01, steps: 400 } },
  settings: [
    {
      key: 'models',
      flag: 'model',
      kind: 'choices',
      choices: models,
      meaning: 'what is fitted',
      label: 'Models',
    },
    { key: 'slopes', flag: 'slope', kind: 'integers', min: 0, meaning: 'true slopes', label: 'Slopes' },
    { key: 'learningRate', flag: 'rate', kind: 'number', above: 0, meaning: 'step size', label: 'Step size' },
    ...commonSettings,
  ],
  runs: ({ models: some, slopes, seeds, preset: _preset, ...shared }) =>
    seeds.flatMap((seed) =>
      slopes.flatMap((slope) =>
        some.map((model) => ({
          ...shared,
          seed,
          slope,
          model,
          steps: model === 'untrained' ? 0 : shared.steps,
        })),
      ),
    ),
  place: ({ model, slope }) => ({ row: model, column: `slope${slope}` }),
  rows: ({ models: some }) =>
    some.map((id) => ({
      id,
      label: id[0].toUpperCase() + id.slice(1),
      group: id === 'line' ? 'Right' : 'Wrong',
    })),
  columns: ({ slopes }) => slopes.map((slope) => ({ id: `slope${slope}`, label: `Slope ${slope}` })),
  rowHeading: 'Model',
  metrics: [
    {
      key: 'error',
      label: 'MSE × 100',
      short: 'MSE',
      better: 'lower',
      format: { decimals: 2, factor: 100 },
      curve: true,
    },
    { key: 'bias', label: 'Bias', short: 'bias', better: 'lower', format: { decimals: 3 } },
  ],
  objective: { key: 'error', better: 'lower' },
  finding: 'error',
  searchRanges: [
    { key: 'learningRate', low: 0.001, high: 0.1, applies: ({ model }) => model !== 'untrained' },
  ],
  published: {
    table: 'Table 0',
    cells: [{ row: 'line', column: 'slope3', values: { error: [1.25, 0.5], bias: 0.125 } }],
  },
  about: ({ slopes }) => [html`Points along lines of slope ${slopes.join(' & ')}.`],
  figures: (selections) => [
    {
      title: 'Parameters',
      content: html`<p class="toy">${selections.map(({ row, selected }) => `${row.label} ${JSON.stringify(selected.result.examples)}`).join('; ')}</p>`,
      caption: html`What was found.`,
    },
  ],
  code: () => code,
};

const code: ExperimentCode<ToyConfig, ToyData> = {
  async load({ slope }, { signal, onProgress }) {
    const set = (name: string): Point[] => {
      const random = new RandomStream(1, 'toy', name);
      return Array.from({ length: 20 }, () => {
        const x = random.normal();
        return [x, slope * x + 0.1 * random.normal()];
      });
    };
    onProgress?.(1, 1);
    if (signal?.aborted) return undefined;
    return { train: set('train'), validation: set('validation'), test: set('test') };
  },
  trainer: (config, data) => new ToyTrainer(config, data),
  async evaluateFile(_config, weights, path) {
    const points = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number) as unknown as Point);
    return { items: points.length, ...measure(weights, points) };
  },
};

class ToyTrainer implements Trainer {
  step = 0;
  readonly #line = new Float32Array(2);
  readonly #momentum = new Float32Array(2);
  readonly #config: ToyConfig;
  readonly #data: ToyData;

  constructor(config: ToyConfig, data: ToyData) {
    this.#config = config;
    this.#data = data;
    const random = new RandomStream(config.seed, 'weights');
    for (let i = 0; i < 2; i++) this.#line[i] = random.normal();
    if (config.model === 'constant') this.#line[0] = 0;
  }

  trainStep() {
    const { model, seed, learningRate } = this.#config;
    const random = new RandomStream(seed, 'batch', ++this.step);
    const [x, y] = this.#data.train[random.below(this.#data.train.length)];
    const error = this.#line[0] * x + this.#line[1] - y;
    const gradient = [model === 'constant' ? 0 : error * x, error];
    for (let i = 0; i < 2; i++) {
      this.#momentum[i] = 0.9 * this.#momentum[i] + gradient[i];
      this.#line[i] -= learningRate * this.#momentum[i];
    }
    return { error: error * error };
  }

  weights(): Weights {
    const [slope, intercept] = this.#line;
    return {
      parameters: {
        slope: flatArray(Float32Array.of(slope)),
        intercept: flatArray(Float32Array.of(intercept)),
      },
      arrays: {},
    };
  }

  save(): TrainerState {
    const optimiser = { momentum: flatArray(this.#momentum.slice()) };
    return { step: this.step, weights: this.weights(), optimiser, rest: { stepsSeen: this.step } };
  }

  restore({ step, weights: { parameters }, optimiser, rest }: TrainerState): void {
    expectSame((rest as { stepsSeen: number }).stepsSeen, step);
    this.step = step;
    this.#line.set([parameters.slope.values[0], parameters.intercept.values[0]]);
    this.#momentum.set(optimiser.momentum.values);
  }

  async evaluate(
    weights: Weights,
    set: 'validation' | 'test',
    { signal, onProgress, choice }: Parameters<Trainer['evaluate']>[2],
  ): Promise<Evaluation | undefined> {
    for (let done = 0; done < 20; done += 10) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) return undefined;
      onProgress?.(done + 10, 20);
    }
    const metrics = measure(weights, this.#data[set]);
    return { metrics, choice: choice ?? `chosen at ${metrics.error}` };
  }

  examples(weights: Weights, choice: unknown) {
    return { slope: weights.parameters.slope.values[0], choice };
  }
}

function expectSame(a: unknown, b: unknown): void {
  if (a !== b) throw new Error(`restored ${a} beside ${b}`);
}

function measure({ parameters }: Weights, points: readonly Point[]): { error: number; bias: number } {
  const errors = points.map(([x, y]) => parameters.slope.values[0] * x + parameters.intercept.values[0] - y);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return { error: mean(errors.map((e) => e * e)), bias: Math.abs(mean(errors)) };
}
