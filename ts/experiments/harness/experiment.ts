import type { StoredArray } from '../../files/array-file';
import type { Html } from '../report/html';
import type { Figure } from '../report/render';
import type { Backend } from '../usable-backend';
import type { BaseSettings, SettingDescription } from './settings';

/** One training run, as JSON: written to its config.json; the same configuration gives the same bits. */
export interface RunConfig {
  /** Seeds the initial weights, the batches and the noise. */
  seed: number;
  /** Optimiser steps; 0 for what is evaluated without training. */
  steps: number;
  evaluateEvery: number;
  logEvery: number;
  checkpointEvery: number;
  backend: Backend;
}

/** Numbers by name. NaN where something diverged; absent where a variant has no such number. */
export type Metrics = Record<string, number>;

/** Arrays by name, each with its shape. */
export type NamedArrays = Record<string, StoredArray<Float32Array>>;

/** What evaluation needs of a trained model: best.bin. Copies, never live. */
export interface Weights {
  /** Trained parameters by name. */
  parameters: NamedArrays;
  /** What else the model needs, such as running statistics. */
  arrays: NamedArrays;
}

/** Everything a run needs to go on bit for bit: checkpoint.bin. Copies, never live. */
export interface TrainerState {
  /** Optimiser steps done. */
  step: number;
  weights: Weights;
  /** What the optimiser has learnt, by name. */
  optimiser: NamedArrays;
  /** What else there is, as JSON (an estimator's state); undefined if nothing. */
  rest?: unknown;
}

/** What an evaluation of a whole set gives. */
export interface Evaluation {
  metrics: Metrics;
  /**
   * What validation has to settle before the test set may be read (which of two readings of a graph is meant, a
   * threshold), as JSON: kept with the best weights and handed to their evaluation on the test set.
   */
  choice?: unknown;
}

/** How a long piece of work is watched and called off. */
export interface Watch {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * A model in training. Its randomness derives from (seed, purpose, step) alone, never from how often something was
 * called, so that a run that is taken up again has the same bits.
 */
export interface Trainer {
  /** Optimiser steps done. */
  readonly step: number;
  /** One step of the optimiser; returns what metrics.jsonl tells of it, such as the relaxed objective. */
  trainStep(): Metrics;
  /** The current weights. */
  weights(): Weights;
  /** The whole state. */
  save(): TrainerState;
  /** Goes on from what {@link save} gave. */
  restore(state: TrainerState): void;
  /**
   * Evaluates weights on a whole set, with hard samples whose noise depends on the run's seed and the set alone, so that
   * evaluations at different steps are comparable. Gives way to the event loop between batches (`setImmediate`).
   *
   * @param options `choice`: what the validation of these weights settled; only for the test set
   * @returns undefined if the signal stopped it
   */
  evaluate(
    weights: Weights,
    set: 'validation' | 'test',
    options: Watch & { choice?: unknown },
  ): Promise<Evaluation | undefined>;
  /** A few test items with what the model makes of them, as JSON, for result.json and the figures. */
  examples?(weights: Weights, choice: unknown): unknown;
}

/** The part of an experiment that needs TensorFlow.js: loaded when a run begins. */
export interface ExperimentCode<Config extends RunConfig = RunConfig, Data = unknown> {
  /**
   * The data, generated or read; cached in `cacheDirectory` if generating takes long.
   *
   * @returns undefined if the signal stopped it
   */
  load(config: Config, options: Watch & { cacheDirectory?: string }): Promise<Data | undefined>;
  /** A model with its initial weights. The backend is set. */
  trainer(config: Config, data: Data): Trainer;
  /** `sst evaluate`: numbers of trained weights on the items of a file, as one JSON object; undefined if stopped. */
  evaluateFile?(
    config: Config,
    weights: Weights,
    path: string,
    options: Watch & { cacheDirectory?: string },
  ): Promise<Record<string, number> | undefined>;
}

/** A row of the table of results. */
export interface Row {
  /** In result.json, in file names: lower case words joined by hyphens. */
  id: string;
  label: string;
  /** Rows of one group stand together under its name. */
  group?: string;
  /** Colour of its curves, one of `palette.ts` (a dark page swaps it for its partner); chosen by place if absent. */
  colour?: string;
  /** Dashes of its curves, to tell methods of one colour apart. */
  dash?: number[];
  /** Marks its best step in the curves: 'circle', 'square', 'triangle-up', 'diamond', 'cross'. */
  shape?: string;
}

/** A group of the table's columns, such as the number of frames: all metrics for one setting of the task. */
export interface Column {
  id: string;
  label: string;
}

/** A metric of the table, a key of an evaluation's metrics. */
export interface MetricDescription {
  key: string;
  /** Heading, with the unit: 'Edge precision (%)'. */
  label: string;
  /** A word for narrow places, lower case unless it is an acronym: 'precision'. */
  short: string;
  better: 'higher' | 'lower';
  /** How it is printed: `percent` of a fraction with one decimal; `nats` with no decimal from 100 on and one below. */
  format: 'percent' | 'nats' | { decimals: number; factor?: number };
  /** In the table of results (default true); the others are in the table of all runs only. */
  inTable?: boolean;
  /** Its values on the validation set are drawn over the steps; the domain of the axis, if it is fixed. */
  curve?: boolean | { domain: [number, number] };
}

/** A sign behind the labels of some runs, and the sentence that explains it. */
export interface Mark {
  symbol: string;
  /** Whether a finished run bears it. */
  when(result: RunResult): boolean;
  note: string;
}

/** A range of random search, over a key of the configuration. */
export interface SearchRange<Config = RunConfig> {
  key: string;
  low: number;
  high: number;
  /** Log-uniform (default true), else uniform. */
  log?: boolean;
  /** Rounded to integers. */
  integer?: boolean;
  /** Whether a variant has this key at all (default: all do). */
  applies?(config: Config): boolean;
}

/** Numbers of the published table, as printed: in the unit of the metric's column (per cent, x 100). */
export interface Published {
  /** 'Table 1'. */
  table: string;
  /** Of a row and column of ours; values by metric key, [value, error] or a value. */
  cells: { row: string; column?: string; values: Record<string, number | [number, number]> }[];
}

/** A further figure of the page: drawn by Vega-Lite, or HTML. */
export interface ExperimentFigure {
  title: string;
  content: Figure | Html;
  caption: Html;
}

/** An experiment of the harness. Light: importing it needs neither TensorFlow.js nor the addon. */
export interface Experiment<
  Settings extends BaseSettings = BaseSettings,
  Config extends RunConfig = RunConfig,
  Data = unknown,
> {
  /** Word of the command line, name of the folder. */
  name: string;
  /** Heading of the page. */
  title: string;
  /** One line in the list of commands. */
  summary: string;
  /** In the help of the command. */
  description: string;
  /** Lines of the help's examples: options after `sst train <name>`, and what they do. */
  examples?: readonly (readonly [options: string, meaning: string])[];
  /** The first is the default. The one named `paper` has the published sizes: the page tells what differs from it. */
  presets: Readonly<Record<string, Settings>>;
  settings: readonly SettingDescription[];
  /** Checks across settings; use `expectSetting`. */
  check?(settings: Settings): void;
  /** The runs: one for each variant and seed, seeds outermost. */
  runs(settings: Settings): Config[];
  /** Row and column of the table that a run belongs to. Its folder is `<row>[-<column>, if there are several]-seed<k>`. */
  place(config: Config): { row: string; column?: string };
  /** Rows in order; also those of a selection of variants that `settings` do not train are left out. */
  rows(settings: Settings): Row[];
  /** Groups of columns in order; without it there is one, without a name. */
  columns?(settings: Settings): Column[];
  /** Heading of the rows: 'Edge distribution'. */
  rowHeading: string;
  metrics: readonly MetricDescription[];
  /** Of an evaluation on validation: selects the best step of a run and the best run of a cell. */
  objective: { key: string; better: 'higher' | 'lower' };
  /** The metric whose order the page puts into a sentence. */
  finding: string;
  marks?: readonly Mark[];
  searchRanges: readonly SearchRange<Config>[];
  published?: Published;
  /** The paragraphs of the page before the table: what is trained on what. */
  about(settings: Settings): Html[];
  /** Figures beside the learning curves, from the examples of the selected runs. */
  figures?(selections: readonly Selection[], settings: Settings): ExperimentFigure[];
  /** The part that needs TensorFlow.js, loaded now: `() => (require('./code') as typeof import('./code')).code`. */
  code(): ExperimentCode<Config, Data>;
}

/** result.json of a finished run. */
export interface RunResult {
  experiment: string;
  row: string;
  column?: string;
  seed: number;
  /** The step whose weights these are: of the best objective on validation. */
  bestStep: number;
  steps: number;
  /** Training and evaluation time over all sessions of the run. */
  seconds: number;
  choice?: unknown;
  validation: Metrics;
  test: Metrics;
  examples?: unknown;
}

/** A line of metrics.jsonl, where the values stand beside the others. */
export interface RunMetrics {
  kind: 'train' | 'validation';
  step: number;
  seconds: number;
  values: Metrics;
}

/** One run of an experiment as its folder tells; `result` is absent until it is finished. */
export interface RunRecord {
  name: string;
  config: RunConfig;
  row: string;
  column?: string;
  metrics: RunMetrics[];
  result?: RunResult;
}

/** A finished run. */
export type FinishedRun = RunRecord & { result: RunResult };

/** A cell of the table of results: the run chosen among `runs` by its objective on validation. */
export interface Selection {
  row: Row;
  column?: Column;
  runs: FinishedRun[];
  selected: FinishedRun;
  test: Metrics;
  /** Bootstrap standard error over the selection, of each metric; undefined for a single run. */
  standardError: Metrics | undefined;
}
