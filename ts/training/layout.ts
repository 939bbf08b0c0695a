import { invalid, misshapen } from '../arguments/errors';
import { checkSeed } from '../arguments/validate';
import { checkShape, type ParameterSpecs } from './initialisers';
import { RandomStream, type Seed } from './random';

/** Where named arrays lie in one flat array: one after another, in the order of their names. */
export class Layout {
  readonly names: readonly string[];
  /** The length of the flat array. */
  readonly size: number;
  readonly #shapes: readonly (readonly number[])[];
  readonly #ends: readonly number[];

  constructor(shapes: Readonly<Record<string, readonly number[]>>) {
    this.names = Object.keys(shapes);
    this.#shapes = Object.values(shapes);
    let end = 0;
    this.#ends = this.#shapes.map((shape) => {
      end += shape.reduce((size, axis) => size * axis, 1);
      return end;
    });
    this.size = end;
  }

  /** The shape and the part of a flat array (no copy) of each name, in their order. */
  split(values: Float32Array): { shape: number[]; values: Float32Array }[] {
    if (values.length !== this.size) {
      throw misshapen('values', `${this.size} numbers`, String(values.length));
    }
    return this.#ends.map((end, i) => ({
      shape: [...this.#shapes[i]],
      values: values.subarray(i === 0 ? 0 : this.#ends[i - 1], end),
    }));
  }

  /** One flat array of arrays in the order of the names. */
  join(arrays: readonly ArrayLike<number>[]): Float32Array {
    const flat = new Float32Array(this.size);
    for (const [i, { values }] of this.split(flat).entries()) values.set(arrays[i]);
    return flat;
  }
}

/**
 * Initial values of parameters in one flat array. Each array has a random stream of its own, (seed, name), so adding one
 * leaves the others as they were.
 */
export function initialValues(specs: ParameterSpecs, seed: Seed): { layout: Layout; values: Float32Array } {
  checkSeed(seed);
  for (const [name, { shape }] of Object.entries(specs)) checkShape(name, shape);
  const layout = new Layout(
    Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, shape])),
  );
  const values = new Float32Array(layout.size);
  for (const [index, part] of layout.split(values).entries()) {
    const name = layout.names[index];
    const random = new RandomStream(seed, 'parameters', name);
    for (let i = 0; i < part.values.length; i++) {
      const value = specs[name].draw(random);
      if (!Number.isFinite(Math.fround(value))) {
        throw invalid(name, 'initial values that are finite in single precision', value);
      }
      part.values[i] = value;
    }
  }
  return { layout, values };
}
