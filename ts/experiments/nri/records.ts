import type { NriStructure } from './config';

/** Averages over sequences, in nats per vertex: elbo = -(nll + kl). */
export interface NriObjective {
  elbo: number;
  nll: number;
  kl: number;
}

/** Objective and structure recovery with hard samples and teacher forcing. */
export interface NriEvaluation extends NriObjective {
  /** Edge precision and recall, averaged over sequences. */
  precision: number;
  recall: number;
}

/** A line of metrics.jsonl: kind "train" is the relaxed objective of one batch. */
export type NriMetricsLine =
  | ({ kind: 'train'; step: number; seconds: number } & NriObjective)
  | ({ kind: 'validation'; step: number; seconds: number } & NriEvaluation);

/** Which of X (`edges`) and 1 - X (`complement`) is read as the graph. */
export type NriLabelling = 'edges' | 'complement';

/** A test sequence with a model's graph for it. */
export interface NriExample {
  vertices: number;
  /** Positions [x, y] of the vertices in the last frame, normalised. */
  positions: [number, number][];
  /** Edges of the true tree, i < j. */
  truth: [number, number][];
  /** Edges of the hard sample: i < j, or [sender, receiver] for independent directed edges. */
  sample: [number, number][];
  /** Relaxed sample for each pair i < j in row-major order (for directed edges the mean of both directions). */
  soft: number[];
}

/** result.json of a finished run: the weights of the best validation ELBO on validation and test set. */
export interface NriResult {
  structure: NriStructure;
  seed: number;
  bestStep: number;
  steps: number;
  /** Training and evaluation time over all sessions of the run. */
  seconds: number;
  /** Chosen on the validation set by precision, then used for the test set and the examples. */
  labelling: NriLabelling;
  validation: NriEvaluation;
  test: NriEvaluation;
  examples: NriExample[];
}

/** What a run reports while it works. */
export interface NriProgress {
  phase: 'data' | 'train' | 'validation' | 'test';
  /** Steps done and their total; sequences, in the phases other than `train`. */
  step: number;
  steps: number;
  /** Seconds of the run so far, over all its sessions. */
  seconds: number;
  /** Newest relaxed training objective. */
  train?: NriObjective;
  /** Newest evaluation on the validation set. */
  validation?: NriEvaluation;
}

/** Where a run keeps its files, and how it is watched and stopped. */
export interface NriRunOptions {
  /** The run's folder, `runs/<name>/<structure>-seed<k>`. */
  directory: string;
  /** Folder of generated data sets (default `.cache`). */
  cacheDirectory?: string;
  /** Go on from the folder's checkpoint if there is one (default false: start anew). */
  resume?: boolean;
  /** Stops the run after the current step, with a checkpoint. */
  signal?: AbortSignal;
  /** Called after every step and evaluation batch. */
  onProgress?: (progress: NriProgress) => void;
}

/** `finished` is false if the signal stopped the run; it then resumes from `step`. */
export interface NriOutcome {
  finished: boolean;
  step: number;
  result?: NriResult;
}
