import { invalid } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import { type Call, ofCountedRows } from './call';
import { meanRows } from './rows';

/** What is subtracted from the losses of a batch before they weigh the scores. */
export type BaselineName = 'none' | 'batch-mean' | 'leave-one-out' | 'moving-average';

/** What a moving average has seen: decayed sums of the losses and of their weights. */
export interface MovingAverageState {
  sum: number;
  weight: number;
}

/**
 * The losses [batch x samples] less a baseline that does not depend on the draw it is subtracted from, so that the
 * score function stays unbiased:
 *
 * - `leave-one-out`: the mean of the other draws of the row, which is `S / (S - 1) (L_s - mean L)`;
 * - `batch-mean`: the mean of the other draws of the whole batch. (The mean of all of them, the usual batch mean, would
 *   shrink the gradient by 1 - 1/N.)
 */
export function centre(
  baseline: 'none' | 'batch-mean' | 'leave-one-out',
  value: Float64Array,
  call: Call,
): Float64Array {
  const { batch, samples } = call;
  if (baseline === 'none') return value;
  const ofRows = baseline === 'leave-one-out';
  const counted = ofRows ? value : ofCountedRows(value, call);
  const group = ofRows ? samples : counted.length;
  if (group === 1) {
    const where = ofRows ? 'draws of each row' : 'draws in all';
    throw invalid('samples', `at least 2 ${where} for the baseline ${baseline}`, samples);
  }
  if (group === 0) return value;
  const means = meanRows(counted, ofRows ? batch : 1, group, 1);
  const meanOf = (draw: number) => means[ofRows ? Math.floor(draw / samples) : 0];
  return value.map((loss, draw) => (group / (group - 1)) * (loss - meanOf(draw)));
}

/** The largest number that an average takes notice of. */
const LARGEST = 1e150;

/** The decayed mean of the losses of earlier calls; 0 before the first. */
export class MovingAverage {
  readonly #decay: number;
  #state: MovingAverageState = { sum: 0, weight: 0 };

  constructor(decay: unknown = 0.9) {
    if (typeof decay !== 'number' || !(decay >= 0 && decay < 1)) {
      throw invalid('decay', 'a number from 0 up to, but not including, 1', decay);
    }
    this.#decay = decay;
  }

  get value(): number {
    const { sum, weight } = this.#state;
    return weight === 0 ? 0 : sum / weight;
  }

  observe(losses: Float64Array): void {
    if (losses.length === 0) return;
    const mean = losses.reduce((a, b) => a + b / losses.length, 0);
    // Of what is so large that its square is no number, nothing is learnt: it would never be forgotten.
    if (!(Math.abs(mean) <= LARGEST)) return;
    const { sum, weight } = this.#state;
    const decay = this.#decay;
    this.#state = { sum: decay * sum + (1 - decay) * mean, weight: decay * weight + (1 - decay) };
  }

  save(): MovingAverageState {
    return { ...this.#state };
  }

  restore(state: MovingAverageState): void {
    checkMovingAverage(state);
    this.#state = { ...state };
  }
}

/** Refuses what no moving average has saved. */
export function checkMovingAverage(state: MovingAverageState): void {
  checkOptions('state', state, ['sum', 'weight']);
  for (const key of ['sum', 'weight'] as const) {
    if (!Number.isFinite(state[key])) throw invalid(`state.${key}`, 'a finite number', state[key]);
  }
}
