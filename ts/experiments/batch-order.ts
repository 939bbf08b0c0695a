import { RandomStream } from '../training/random';

/** Which items each step trains on: whole batches of a permutation drawn anew for each pass over the set. */
export class BatchOrder {
  readonly #size: number;
  readonly #batch: number;
  readonly #seed: number;
  #pass = -1;
  #order: Uint32Array = new Uint32Array();

  constructor(size: number, batch: number, seed: number) {
    this.#size = size;
    this.#batch = batch;
    this.#seed = seed;
  }

  /** The items of step number `step`, counted from 1; the same whatever steps were asked for before. */
  at(step: number): Uint32Array {
    const batches = Math.floor(this.#size / this.#batch);
    const pass = Math.floor((step - 1) / batches);
    if (pass !== this.#pass) {
      this.#pass = pass;
      this.#order = new RandomStream(this.#seed, 'batches', pass).permutation(this.#size);
    }
    const start = ((step - 1) % batches) * this.#batch;
    return this.#order.subarray(start, start + this.#batch);
  }
}
