/** Adam (Kingma and Ba, 2015) over one flat array, with its published defaults for the decay rates. */
export class Adam {
  readonly mean: Float32Array;
  readonly square: Float32Array;
  readonly #learningRate: number;

  constructor(size: number, learningRate: number) {
    this.mean = new Float32Array(size);
    this.square = new Float32Array(size);
    this.#learningRate = learningRate;
  }

  /** Moves `values` by step number `step`, counted from 1; `learningRate` overrides the optimiser's own. */
  update(
    values: Float32Array,
    gradient: Float32Array,
    step: number,
    learningRate = this.#learningRate,
  ): void {
    const { mean, square } = this;
    const rate = learningRate / (1 - 0.9 ** step);
    const correction = 1 / (1 - 0.999 ** step);
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i];
      mean[i] = 0.9 * mean[i] + 0.1 * g;
      square[i] = 0.999 * square[i] + 0.001 * g * g;
      values[i] -= (rate * mean[i]) / (Math.sqrt(square[i] * correction) + 1e-8);
    }
  }
}
