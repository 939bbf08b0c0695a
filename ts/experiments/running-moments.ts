import * as tf from '@tensorflow/tfjs';
import type { Moments } from './layers';

const momentum = 0.1;

/** Running averages of batch statistics, by block, as batch normalisation uses them in evaluation. */
export class RunningMoments {
  /** For each block its means, then its (unbiased) variances. */
  readonly values: Float32Array;
  readonly #blocks: readonly string[];
  readonly #features: number;

  constructor(blocks: readonly string[], features: number) {
    this.#blocks = blocks;
    this.#features = features;
    this.values = new Float32Array(blocks.length * 2 * features);
    for (const block of blocks.keys())
      this.values.fill(1, (2 * block + 1) * features, (2 * block + 2) * features);
  }

  /** Moves a block's averages a tenth of the way to a batch's statistics over `rows` rows. */
  observe(block: string, { mean, variance }: Moments, rows: number): void {
    const start = this.#blocks.indexOf(block) * 2 * this.#features;
    const means = mean.dataSync();
    const variances = variance.dataSync();
    const unbiased = rows / Math.max(1, rows - 1);
    for (let i = 0; i < this.#features; i++) {
      this.#move(start + i, means[i]);
      this.#move(start + this.#features + i, variances[i] * unbiased);
    }
  }

  #move(index: number, value: number): void {
    this.values[index] += momentum * (value - this.values[index]);
  }

  /** The averages (or the given ones) as tensors, by block. */
  tensors(values = this.values): Record<string, Moments> {
    const part = (index: number) =>
      tf.tensor1d(values.slice(index * this.#features, (index + 1) * this.#features));
    return Object.fromEntries(
      this.#blocks.map((block, index) => [block, { mean: part(2 * index), variance: part(2 * index + 1) }]),
    );
  }
}
