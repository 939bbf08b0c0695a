import { checkOptions } from '../arguments/validate';
import { checkMovingAverage, MovingAverage, type MovingAverageState } from './baseline';
import { type Call, ofCountedRows } from './call';
import { dots } from './rows';

/** What an estimator has learnt of its control variate. */
export interface ControlVariateState {
  /** Of its product with the score function. */
  product: MovingAverageState;
  /** Of its square. */
  square: MovingAverageState;
}

/**
 * A control variate b of an estimate a, `a + eta b`: eta is the best one, -E[a.b] / E[b.b], for the averages of earlier
 * calls, so that the estimate stays unbiased; 1 in the first.
 */
export class ControlVariate {
  readonly #product: MovingAverage;
  readonly #square: MovingAverage;

  constructor(decay: number | undefined) {
    this.#product = new MovingAverage(decay);
    this.#square = new MovingAverage(decay);
  }

  /** `a + eta b` of the rows of a call, of which eta then learns. */
  add(a: Float64Array, b: Float64Array, call: Call): Float64Array {
    const eta = this.#square.value > 0 ? -this.#product.value / this.#square.value : 1;
    this.#product.observe(ofCountedRows(dots(a, b, call.batch), call));
    this.#square.observe(ofCountedRows(dots(b, b, call.batch), call));
    return a.map((own, i) => own + eta * b[i]);
  }

  save(): ControlVariateState {
    return { product: this.#product.save(), square: this.#square.save() };
  }

  /** @throws SstError `INVALID_ARGUMENT` */
  restore(state: ControlVariateState): void {
    checkOptions('state', state, ['product', 'square']);
    checkMovingAverage(state.product);
    checkMovingAverage(state.square);
    this.#product.restore(state.product);
    this.#square.restore(state.square);
  }
}
