import { Adam } from '../training/flat-adam';
import { Perturbation } from '../trick/perturbation';
import { NativeSolver } from '../trick/solver';
import { gaussian } from '../utilities';

/** What a regression has learnt, as plain arrays. */
export interface RegressionState {
  step: number;
  parameters: number[];
  mean: number[];
  square: number[];
}

/** Its square is a number of single precision. */
const LARGEST_GRADIENT = 1e15;

/**
 * A network with one hidden layer of rectifiers and one output, `v . max(W x + b, 0) + c`, fitted to targets by Adam on
 * the squared error. It starts at the constant 0.
 */
export class Regression {
  readonly #inputs: number;
  readonly #hidden: number;
  /** W row by row, b, v, c. */
  readonly #parameters: Float32Array;
  readonly #adam: Adam;
  #step = 0;

  constructor(inputs: number, hidden: number, learningRate: number, seed: bigint) {
    this.#inputs = inputs;
    this.#hidden = hidden;
    this.#parameters = new Float32Array(hidden * (inputs + 2) + 1);
    this.#adam = new Adam(this.#parameters.length, learningRate);
    const weights = new Float64Array(hidden * inputs);
    const scale = Math.sqrt(2 / Math.max(1, inputs));
    const normal = new Perturbation(gaussian({ scale }), NativeSolver.coordinates(weights.length));
    if (weights.length > 0) this.#parameters.set(normal.perturb(weights, { seed }));
  }

  /** The output for every row of inputs. */
  predict(inputs: Float64Array, rows: number): Float64Array {
    return Float64Array.from({ length: rows }, (_, row) => this.#forward(inputs, row).output);
  }

  /** One step towards the targets, one for each row; their mean squared error is what falls. */
  fit(inputs: Float64Array, targets: Float64Array): void {
    const gradient = new Float32Array(this.#parameters.length);
    const rows = targets.length;
    const [bias, output] = this.#offsets();
    for (let row = 0; row < rows; row++) {
      const { activations, output: predicted } = this.#forward(inputs, row);
      const dOutput = (2 * (predicted - targets[row])) / rows;
      gradient[gradient.length - 1] += dOutput;
      for (let h = 0; h < this.#hidden; h++) {
        gradient[output + h] += dOutput * activations[h];
        if (activations[h] <= 0) continue;
        const dHidden = dOutput * this.#parameters[output + h];
        gradient[bias + h] += dHidden;
        for (let i = 0; i < this.#inputs; i++) {
          gradient[h * this.#inputs + i] += dHidden * inputs[row * this.#inputs + i];
        }
      }
    }
    // A step whose squares leave single precision would stay in Adam's averages for ever.
    if (!gradient.every((g) => Math.abs(g) <= LARGEST_GRADIENT)) return;
    this.#step += 1;
    this.#adam.update(this.#parameters, gradient, this.#step);
  }

  save(): RegressionState {
    const { mean, square } = this.#adam;
    return {
      step: this.#step,
      parameters: [...this.#parameters],
      mean: [...mean],
      square: [...square],
    };
  }

  /** @returns whether the state fits this network */
  restore({ step, parameters, mean, square }: RegressionState): boolean {
    const fits = (array: unknown) =>
      Array.isArray(array) && array.length === this.#parameters.length && array.every(Number.isFinite);
    if (!Number.isSafeInteger(step) || step < 0 || ![parameters, mean, square].every(fits)) return false;
    this.#step = step;
    this.#parameters.set(parameters);
    this.#adam.mean.set(mean);
    this.#adam.square.set(square);
    return true;
  }

  #offsets(): [bias: number, output: number] {
    return [this.#hidden * this.#inputs, this.#hidden * (this.#inputs + 1)];
  }

  #forward(inputs: Float64Array, row: number): { activations: Float64Array; output: number } {
    const activations = new Float64Array(this.#hidden);
    const [bias, outputs] = this.#offsets();
    let output = this.#parameters[this.#parameters.length - 1];
    for (let h = 0; h < this.#hidden; h++) {
      let sum = this.#parameters[bias + h];
      for (let i = 0; i < this.#inputs; i++) {
        sum += this.#parameters[h * this.#inputs + i] * inputs[row * this.#inputs + i];
      }
      activations[h] = Math.max(sum, 0);
      output += this.#parameters[outputs + h] * activations[h];
    }
    return { activations, output };
  }
}
