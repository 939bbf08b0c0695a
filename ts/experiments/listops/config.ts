import type { EstimatorName } from '../estimators/names';
import type { RunConfig } from '../harness/experiment';
import type { DataSettings } from './corpus/data';
import type { StructureName } from './names';

/** Sizes of the model. */
export interface ModelSettings {
  /** Features of a token, and of a vertex of the graph. */
  embedding: number;
  /** State of the encoder's LSTM in each direction. */
  encoderHidden: number;
  /** Features in which a head and a modifier are compared. */
  arcHidden: number;
  /** Factor on the products of heads and modifiers. */
  scoreScale: number;
  /** Hidden layer of the update of a vertex. */
  updateHidden: number;
  /** Rounds of messages. */
  rounds: number;
  /** State of the LSTM without a graph. */
  lstmHidden: number;
}

/** What all runs share. */
export interface SharedSettings extends DataSettings, ModelSettings {
  /** Expressions of a step. */
  batch: number;
  learningRate: number;
  /** Steps in which the learning rate rises; then it falls, linearly to 0. */
  warmUp: number;
  /** Decay of matrices, decoupled. */
  weightDecay: number;
  /** Gradients are scaled down to this norm. */
  clipNorm: number;
  /** The temperature at the end as a share of that at the start; it falls geometrically. */
  annealing: number;
  /** Graphs a step draws of each expression, of all estimators but the relaxed one. */
  samples: number;
  /** Expressions of an evaluation batch. */
  evaluationBatch: number;
}

/** One training run. */
export interface ListopsConfig extends RunConfig, SharedSettings {
  structure: StructureName;
  /** Gradient through the graph; absent for the relaxed one, and where no graph is drawn. */
  estimator?: EstimatorName;
  /** Temperature at the start, of relaxations. */
  temperature?: number;
  /** The encoder's learning rate as a share of the others', of latent graphs. */
  encoderRate?: number;
}
