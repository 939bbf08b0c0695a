import type { NumberArray } from '../arguments/arrays';
import type { LengthArray } from '../arguments/lengths';
import type { Trick } from '../trick/trick';

/** Losses of some embeddings and their gradients: `value` [rows], `gradient` [rows x dimension]. */
export interface LossAndGradient {
  value: NumberArray;
  gradient: NumberArray;
}

/**
 * A loss with its gradient: of embeddings x [rows x dimension], a copy of what was drawn. The draws of one row of theta are
 * next to one another, so that embedding r belongs to row `floor(r / samples)`.
 */
export type DifferentiableLoss = (x: Float64Array, rows: number) => LossAndGradient;

/** A loss, [rows], of embeddings x [rows x dimension]; one that gives its gradient too will do. */
export type ValueLoss = (x: Float64Array, rows: number) => NumberArray | LossAndGradient;

/** What every estimator is told. */
export interface EstimateOptions {
  /** A safe integer >= 0 or a bigint below 2^64. Same seed, same bits. */
  seed: number | bigint;
  /**
   * Draws for each row of theta.
   * @defaultValue `1`
   */
  samples?: number | undefined;
  /**
   * How many things (elements, vertices, words) each row of theta is over. What stands beyond is ignored in theta
   * and in the loss's gradient, and 0 in embeddings and results.
   * @defaultValue every row is whole
   */
  lengths?: LengthArray | undefined;
}

/** What an estimator gives. */
export interface Estimate {
  /** The mean loss of the draws of each row of theta, [batch]; weighed, where an estimator weighs embeddings. */
  loss: Float64Array;
  /** An estimate of `d E[L(X)] / d theta`, row by row, [batch x parameter dimension]. */
  gradient: Float64Array;
  /** What was drawn, [batch x samples x dimension]. */
  samples: Float64Array;
}

/** A way to estimate the gradient of an expected loss over a random structure; L is what it needs of the loss. */
export interface Estimator<L extends ValueLoss = DifferentiableLoss> {
  readonly name: string;
  readonly trick: Trick;
  /** What it asks of the loss. */
  readonly needs: 'value' | 'gradient';
  /**
   * Draws structures from theta [batch x parameter dimension] and estimates their expected loss and its gradient.
   *
   * @throws SstError of the trick's methods; `INVALID_SHAPE` and `NOT_FINITE` also for what the loss gives
   */
  readonly estimate: (theta: NumberArray, loss: L, options: EstimateOptions) => Estimate;
}

/** An estimator that learns from call to call. Its state is a plain object, fit for JSON. */
export interface StatefulEstimator<L extends ValueLoss, State> extends Estimator<L> {
  /** A copy of what it has learnt. */
  save(): State;
  /** Goes on from what another of its kind had learnt. @throws SstError `INVALID_ARGUMENT` */
  restore(state: State): void;
}
