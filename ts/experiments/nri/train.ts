import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { writeFileAtomically } from '../../files/atomic-file';
import { useBackend } from '../backend';
import { MetricsFile } from '../metrics-file';
import { type RunState, readCheckpoint, removeCheckpoint, writeBest, writeCheckpoint } from './checkpoint';
import type { NriConfig } from './config';
import { type LayoutData, loadLayouts } from './dataset';
import { betterLabelling } from './edge-metrics';
import { type Evaluation, evaluate } from './evaluate';
import { examples } from './examples';
import type { Trained } from './model';
import type {
  NriEvaluation,
  NriLabelling,
  NriMetricsLine,
  NriOutcome,
  NriProgress,
  NriResult,
  NriRunOptions,
} from './records';
import { NriTrainer } from './trainer';

const resultName = 'result.json';

/**
 * Trains one model, keeps the weights of the best validation ELBO, and evaluates those on the test set. Writes
 * config.json, metrics.jsonl, checkpoint.bin, best.bin and at the end result.json into `options.directory`.
 *
 * If the signal stops it, it finishes the current step, writes a checkpoint and returns `finished: false`; with
 * `resume` it later goes on exactly as if it had not been stopped. A finished run is returned as it is.
 *
 * @throws Error if a checkpoint to resume from is damaged or belongs to another configuration
 */
export async function trainNri(config: NriConfig, options: NriRunOptions): Promise<NriOutcome> {
  const { directory, cacheDirectory, resume = false, signal, onProgress } = options;
  const finished = resume ? readResult(directory) : undefined;
  if (finished !== undefined && finished.steps >= config.steps) {
    return { finished: true, step: finished.steps, result: finished };
  }
  const data = await loadLayouts(config, {
    ...(cacheDirectory !== undefined && { cacheDirectory }),
    ...(signal && { signal }),
    onProgress: (step, steps) => onProgress?.({ phase: 'data', step, steps, seconds: 0 }),
  });
  if (data === undefined) return { finished: false, step: 0 };
  await useBackend(config.backend);
  return new Run(config, options, data).run();
}

function readResult(directory: string): NriResult | undefined {
  const path = join(directory, resultName);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as NriResult) : undefined;
}

class Run {
  readonly #config: NriConfig;
  readonly #options: NriRunOptions;
  readonly #data: LayoutData;
  readonly #trainer: NriTrainer;
  readonly #state: RunState;
  readonly #metrics: MetricsFile;
  readonly #newest: Pick<NriProgress, 'train' | 'validation'> = {};
  readonly #start: number;

  constructor(config: NriConfig, options: NriRunOptions, data: LayoutData) {
    const { directory, resume = false } = options;
    this.#config = config;
    this.#options = options;
    this.#data = data;
    this.#trainer = new NriTrainer(config);
    const restored = resume ? readCheckpoint(directory, config, this.#trainer) : undefined;
    const state = restored ?? { seconds: 0, evaluated: 0 };
    this.#state = state;
    this.#start = performance.now() - state.seconds * 1000;
    rmSync(join(directory, resultName), { force: true });
    if (restored === undefined) removeCheckpoint(directory);
    writeFileAtomically(join(directory, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
    const { step } = this.#trainer;
    this.#metrics = new MetricsFile(
      join(directory, 'metrics.jsonl'),
      (line) => line.step <= (line.kind === 'validation' ? state.evaluated : step),
    );
  }

  async run(): Promise<NriOutcome> {
    const { steps, evaluateEvery, checkpointEvery } = this.#config;
    const trainer = this.#trainer;
    for (;;) {
      const due = trainer.step % evaluateEvery === 0 || trainer.step === steps;
      if (due && this.#state.evaluated < trainer.step) {
        if (!(await this.#validate())) return this.#stop();
        this.#checkpoint();
      } else if (trainer.step % checkpointEvery === 0 && trainer.step > 0) {
        this.#checkpoint();
      }
      if (trainer.step >= steps) return this.#finish();
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#options.signal?.aborted) return this.#stop();
      this.#train();
    }
  }

  #train(): void {
    this.#newest.train = this.#trainer.trainStep(this.#data.train);
    const { step } = this.#trainer;
    if (step % this.#config.logEvery === 0) this.#log({ kind: 'train', ...this.#newest.train });
    this.#report('train', step, this.#config.steps);
  }

  /** Evaluates on the validation set; false if the signal stopped it. */
  async #validate(): Promise<boolean> {
    const trainer = this.#trainer;
    const trained = trainer.trained();
    const found = await this.#evaluate(trained, 'validation');
    tf.dispose(trained);
    if (found === undefined) return false;
    const labelling = betterLabelling(found.recovery);
    const validation = read(found, labelling);
    this.#state.evaluated = trainer.step;
    const { best } = this.#state;
    // Written so that any number beats NaN.
    if (best === undefined || !(best.validation.elbo >= validation.elbo)) {
      const { parameters, running } = trainer.trainedArrays();
      const arrays = { parameters: parameters.slice(), running: running.slice() };
      this.#state.best = { step: trainer.step, labelling, validation, arrays };
      writeBest(this.#options.directory, this.#config, trainer, this.#state.best);
    }
    this.#log({ kind: 'validation', ...validation });
    this.#newest.validation = validation;
    return true;
  }

  /** Evaluates the best model on the test set and writes the result. */
  async #finish(): Promise<NriOutcome> {
    const best = this.#state.best;
    if (best === undefined) throw new Error('finished without an evaluation');
    const trained = this.#trainer.trained(best.arrays);
    const found = await this.#evaluate(trained, 'test');
    if (found === undefined) return this.#stop();
    const { structure, seed } = this.#config;
    const { step, model } = this.#trainer;
    const result: NriResult = {
      structure,
      seed,
      bestStep: best.step,
      steps: step,
      seconds: this.#seconds(),
      labelling: best.labelling,
      validation: best.validation,
      test: read(found, best.labelling),
      examples: examples(model, trained, this.#config, this.#data.test, best.labelling),
    };
    tf.dispose(trained);
    writeFileAtomically(
      join(this.#options.directory, resultName),
      `${JSON.stringify(result, undefined, 1)}\n`,
    );
    return { finished: true, step, result };
  }

  async #evaluate(trained: Trained, phase: 'validation' | 'test'): Promise<Evaluation | undefined> {
    const set = this.#data[phase];
    const { signal } = this.#options;
    return evaluate(this.#trainer.model, trained, this.#config, set, phase, {
      ...(signal && { signal }),
      onBatch: (sequences) => this.#report(phase, sequences, set.size),
    });
  }

  #checkpoint(): void {
    const { directory } = this.#options;
    writeCheckpoint(directory, this.#config, this.#trainer, { ...this.#state, seconds: this.#seconds() });
  }

  #stop(): NriOutcome {
    this.#checkpoint();
    return { finished: false, step: this.#trainer.step };
  }

  #log(line: DistributiveOmit<NriMetricsLine, 'step' | 'seconds'>): void {
    const { kind, ...values } = line;
    this.#metrics.write({ kind, step: this.#trainer.step, seconds: this.#seconds(), ...values });
  }

  #report(phase: NriProgress['phase'], step: number, steps: number): void {
    this.#options.onProgress?.({ phase, step, steps, seconds: this.#seconds(), ...this.#newest });
  }

  #seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function read({ recovery, ...objective }: Evaluation, labelling: NriLabelling): NriEvaluation {
  return { ...objective, ...recovery[labelling] };
}
