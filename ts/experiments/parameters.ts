import * as tf from '@tensorflow/tfjs';
import type { ParameterSpecs } from '../training/initialisers';
import { initialValues, type Layout } from '../training/layout';

/** Tensors by parameter name. */
export type Weights = Record<string, tf.Tensor>;

/** Named parameter arrays in one flat array, for the optimiser and for checkpoints. */
export class Parameters {
  readonly layout: Layout;
  readonly values: Float32Array;

  /** Draws initial values. */
  constructor(specs: ParameterSpecs, seed: number) {
    const { layout, values } = initialValues(specs, seed);
    this.layout = layout;
    this.values = values;
  }

  get names(): readonly string[] {
    return this.layout.names;
  }

  /** A tensor of each array, in the order of `names`; of `values` instead of the current ones if given. */
  tensors(values = this.values): tf.Tensor[] {
    return this.layout.split(values).map(({ shape, values: part }) => tf.tensor(part.slice(), shape));
  }

  /** Tensors in the order of `names`, by name. */
  named(tensors: tf.Tensor[]): Weights {
    return Object.fromEntries(this.names.map((name, index) => [name, tensors[index]]));
  }

  /** One flat array of tensors in the order of `names`. */
  flatten(tensors: tf.Tensor[]): Float32Array {
    return this.layout.join(tensors.map((tensor) => tensor.dataSync()));
  }
}
