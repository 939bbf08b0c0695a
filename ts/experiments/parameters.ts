import * as tf from '@tensorflow/tfjs';
import { RandomStream } from './random';

/** Shape and initial distribution of one parameter array. */
export interface ParameterSpec {
  shape: number[];
  /** Draws one entry. */
  draw: (random: RandomStream) => number;
}

export type ParameterSpecs = Record<string, ParameterSpec>;

/** Tensors by parameter name. */
export type Weights = Record<string, tf.Tensor>;

/** Entries equal to `value`. */
export function constant(shape: number[], value: number): ParameterSpec {
  return { shape, draw: () => value };
}

/** Uniform entries between -1 / sqrt(inputs) and 1 / sqrt(inputs), times `scale`. */
export function uniformByInputs(shape: number[], inputs: number, scale = 1): ParameterSpec {
  return { shape, draw: (random) => ((2 * random.uniform() - 1) * scale) / Math.sqrt(inputs) };
}

/** Xavier's normal initialisation, variance 2 / (inputs + outputs); a layer split in parts gives its whole inputs. */
export function xavierNormal(shape: [number, number], inputs = shape[0]): ParameterSpec {
  const deviation = Math.sqrt(2 / (inputs + shape[1]));
  return { shape, draw: (random) => random.normal() * deviation };
}

/** Named parameter arrays in one flat array, for the optimiser and for checkpoints. */
export class Parameters {
  readonly names: string[];
  readonly values: Float32Array;
  readonly #slots: { shape: number[]; start: number; end: number }[] = [];

  /** Draws initial values; each array has its own random stream, so adding one leaves the others as they were. */
  constructor(specs: ParameterSpecs, seed: number) {
    this.names = Object.keys(specs);
    let end = 0;
    for (const name of this.names) {
      const { shape } = specs[name];
      const start = end;
      end += tf.util.sizeFromShape(shape);
      this.#slots.push({ shape, start, end });
    }
    this.values = new Float32Array(end);
    for (const [index, name] of this.names.entries()) {
      const random = new RandomStream(seed, 'parameters', name);
      const { start, end } = this.#slots[index];
      for (let i = start; i < end; i++) this.values[i] = specs[name].draw(random);
    }
  }

  /** A tensor of each array, in the order of `names`; of `values` instead of the current ones if given. */
  tensors(values = this.values): tf.Tensor[] {
    return this.#slots.map(({ shape, start, end }) => tf.tensor(values.slice(start, end), shape));
  }

  /** Tensors in the order of `names`, by name. */
  named(tensors: tf.Tensor[]): Weights {
    return Object.fromEntries(this.names.map((name, index) => [name, tensors[index]]));
  }

  /** One flat array of tensors in the order of `names`. */
  flatten(tensors: tf.Tensor[]): Float32Array {
    const flat = new Float32Array(this.values.length);
    for (const [index, { start }] of this.#slots.entries()) flat.set(tensors[index].dataSync(), start);
    return flat;
  }
}
