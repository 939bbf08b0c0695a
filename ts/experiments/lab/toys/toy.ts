import type { Html } from '../../report/html';
import type { Figure } from '../../report/render';
import type { ToySettings } from './settings';

/** One estimator at one setting of a problem. */
export interface ToyCell {
  /** Unlike any other of its problem. */
  name: string;
  /** The estimator in words. */
  label: string;
  /** What else tells it from others: an exponent, a number of draws. */
  at: Record<string, number>;
}

/** A cell with what came out: numbers, and a curve of the objective over steps if it is a descent. */
export interface ToyResult extends ToyCell {
  values: Record<string, number>;
  curve: [step: number, value: number][];
}

/** A sentence of a paper, or of theory, and whether it holds of the results. */
export interface Finding {
  claim: string;
  /** What was found, in numbers. */
  found: string;
  holds: boolean;
}

/** A published problem. */
export interface Toy {
  title: string;
  /** What it is, and what is compared. */
  about(settings: ToySettings): Html[];
  cells(settings: ToySettings): ToyCell[];
  /** Runs a cell; yields now and then how many of its steps or estimates are done. */
  run(cell: ToyCell, settings: ToySettings): Generator<number, Pick<ToyResult, 'values' | 'curve'>>;
  /** Numbers of a result in the table: those of `at`, then those of `values`. */
  columns: readonly { key: string; label: string; decimals: number }[];
  findings(results: readonly ToyResult[], settings: ToySettings): Finding[];
  figure(results: readonly ToyResult[], settings: ToySettings): Figure;
}

/** A number in a sentence. */
export function told(value: number | undefined): string {
  return value === undefined ? 'nothing' : String(Number(value.toPrecision(4)));
}
