import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-file';
import { useBackend } from '../backend';
import { readJson } from '../json-file';
import { MetricsFile } from '../metrics-file';
import type { Evaluation, Experiment, Metrics, RunConfig, RunResult, Trainer, Weights } from './experiment';
import { betterThan } from './objective';
import {
  type RunIdentity,
  type RunState,
  readCheckpoint,
  removeCheckpoint,
  runFiles,
  writeBest,
  writeCheckpoint,
} from './run-files';

/** What a run reports while it works. */
export interface RunProgress {
  phase: 'data' | 'train' | 'validation' | 'test';
  /** Steps done and their total; items, in the phases other than `train`. */
  step: number;
  steps: number;
  /** Seconds of the run so far, over all its sessions. */
  seconds: number;
  /** Newest training step's numbers. */
  train?: Metrics;
  /** Newest evaluation on the validation set, and its step. */
  validation?: Metrics;
  evaluated?: number;
}

/** Where a run keeps its files, and how it is watched and stopped. */
export interface RunOptions {
  /** The run's folder. */
  directory: string;
  /** Folder of generated data sets (default `.cache`). */
  cacheDirectory?: string;
  /** Go on from the folder's checkpoint if there is one (default false: start anew). */
  resume?: boolean;
  /** Stops the run after the current step, with a checkpoint. */
  signal?: AbortSignal;
  /** Called after every step and evaluation batch. */
  onProgress?: (progress: RunProgress) => void;
}

/** `finished` is false if the signal stopped the run; it then resumes from `step`. */
export interface RunOutcome {
  finished: boolean;
  step: number;
  result?: RunResult;
}

/** What running needs of an experiment. */
type RunnableExperiment = Pick<Experiment, 'name' | 'place' | 'objective' | 'code'>;

/**
 * Trains one model, keeps the weights of the best objective on the validation set, and evaluates those on the test set.
 * Writes config.json, metrics.jsonl, checkpoint.bin, best.bin and at the end result.json into `options.directory`.
 *
 * If the signal stops it, it finishes the current step, writes a checkpoint and returns `finished: false`; with
 * `resume` it later goes on exactly as if it had not been stopped. A finished run is returned as it is.
 *
 * @throws Error if a checkpoint to resume from is damaged or belongs to another configuration
 */
export async function trainRun(
  experiment: RunnableExperiment,
  config: RunConfig,
  options: RunOptions,
): Promise<RunOutcome> {
  const { directory, cacheDirectory, resume = false, signal, onProgress } = options;
  const finished = resume ? readResult(directory) : undefined;
  if (finished !== undefined && finished.steps >= config.steps) {
    return { finished: true, step: finished.steps, result: finished };
  }
  const code = experiment.code();
  const data = await code.load(config, {
    ...(cacheDirectory !== undefined && { cacheDirectory }),
    ...(signal && { signal }),
    onProgress: (step, steps) => onProgress?.({ phase: 'data', step, steps, seconds: 0 }),
  });
  if (data === undefined) return { finished: false, step: 0 };
  await useBackend(config.backend);
  return new Run(experiment, config, options, code.trainer(config, data)).run();
}

function readResult(directory: string): RunResult | undefined {
  const path = join(directory, runFiles.result);
  return existsSync(path) ? readJson<RunResult>(path) : undefined;
}

class Run {
  readonly #experiment: RunnableExperiment;
  readonly #config: RunConfig;
  readonly #identity: RunIdentity;
  readonly #options: RunOptions;
  readonly #trainer: Trainer;
  readonly #state: RunState;
  readonly #metrics: MetricsFile;
  readonly #newest: Pick<RunProgress, 'train' | 'validation' | 'evaluated'> = {};
  readonly #start: number;

  constructor(experiment: RunnableExperiment, config: RunConfig, options: RunOptions, trainer: Trainer) {
    const { directory, resume = false } = options;
    this.#experiment = experiment;
    this.#config = config;
    this.#identity = { experiment: experiment.name, config };
    this.#options = options;
    this.#trainer = trainer;
    const restored = resume ? readCheckpoint(directory, this.#identity) : undefined;
    if (restored !== undefined) trainer.restore(restored.trainer);
    // A run without a step is evaluated at step 0, others are not.
    const state = restored?.state ?? { seconds: 0, evaluated: config.steps === 0 ? -1 : 0 };
    this.#state = state;
    this.#start = performance.now() - state.seconds * 1000;
    rmSync(join(directory, runFiles.result), { force: true });
    if (restored === undefined) removeCheckpoint(directory);
    writeFileAtomically(join(directory, runFiles.config), `${JSON.stringify(config, undefined, 2)}\n`);
    const { step } = trainer;
    this.#metrics = new MetricsFile(
      join(directory, runFiles.metrics),
      (line) => line.step <= (line.kind === 'validation' ? state.evaluated : step),
    );
  }

  async run(): Promise<RunOutcome> {
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
    this.#newest.train = this.#trainer.trainStep();
    const { step } = this.#trainer;
    if (step % this.#config.logEvery === 0) this.#log('train', this.#newest.train);
    this.#report('train', step, this.#config.steps);
  }

  /** Evaluates on the validation set; false if the signal stopped it. */
  async #validate(): Promise<boolean> {
    const trainer = this.#trainer;
    const weights = trainer.weights();
    const found = await this.#evaluate(weights, 'validation');
    if (found === undefined) return false;
    const { metrics, choice } = found;
    const { key, better } = this.#experiment.objective;
    if (!(key in metrics)) throw new Error(`an evaluation without '${key}', the objective`);
    this.#state.evaluated = trainer.step;
    const { best } = this.#state;
    if (best === undefined || betterThan(metrics[key], best.validation[key], better)) {
      this.#state.best = {
        step: trainer.step,
        validation: metrics,
        ...(choice !== undefined && { choice }),
        weights,
      };
      writeBest(this.#options.directory, this.#identity, this.#state.best);
    }
    this.#log('validation', metrics);
    Object.assign(this.#newest, { validation: metrics, evaluated: trainer.step });
    return true;
  }

  /** Evaluates the best model on the test set and writes the result. */
  async #finish(): Promise<RunOutcome> {
    const best = this.#state.best;
    if (best === undefined) throw new Error('finished without an evaluation');
    const { choice } = best;
    const found = await this.#evaluate(best.weights, 'test', choice);
    if (found === undefined) return this.#stop();
    const { step } = this.#trainer;
    const examples = this.#trainer.examples?.(best.weights, choice);
    const result: RunResult = {
      experiment: this.#experiment.name,
      ...this.#experiment.place(this.#config),
      seed: this.#config.seed,
      bestStep: best.step,
      steps: step,
      seconds: this.#seconds(),
      ...(choice !== undefined && { choice }),
      validation: best.validation,
      test: found.metrics,
      ...(examples !== undefined && { examples }),
    };
    writeFileAtomically(
      join(this.#options.directory, runFiles.result),
      `${JSON.stringify(result, undefined, 1)}\n`,
    );
    return { finished: true, step, result };
  }

  #evaluate(
    weights: Weights,
    phase: 'validation' | 'test',
    choice?: unknown,
  ): Promise<Evaluation | undefined> {
    const { signal } = this.#options;
    return this.#trainer.evaluate(weights, phase, {
      ...(signal && { signal }),
      ...(choice !== undefined && { choice }),
      onProgress: (done, total) => this.#report(phase, done, total),
    });
  }

  #checkpoint(): void {
    const state = { ...this.#state, seconds: this.#seconds() };
    writeCheckpoint(this.#options.directory, this.#identity, this.#trainer.save(), state);
  }

  #stop(): RunOutcome {
    this.#checkpoint();
    return { finished: false, step: this.#trainer.step };
  }

  #log(kind: 'train' | 'validation', values: Metrics): void {
    this.#metrics.write({ kind, step: this.#trainer.step, seconds: this.#seconds(), ...values });
  }

  #report(phase: RunProgress['phase'], step: number, steps: number): void {
    this.#options.onProgress?.({ phase, step, steps, seconds: this.#seconds(), ...this.#newest });
  }

  #seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }
}
