import { flatArray } from '../../files/array-file';
import type { Parameters } from '../parameters';
import type { NamedArrays } from './experiment';

/** Copies of the parts of a flat array of parameters, by name. */
export function parametersByName({ layout }: Parameters, values: Float32Array): NamedArrays {
  const parts = layout.split(values.slice());
  return Object.fromEntries(layout.names.map((name, index) => [name, parts[index]]));
}

/** The flat array that named parameters make up. */
export function flatParameters({ layout }: Parameters, named: NamedArrays): Float32Array {
  return layout.join(layout.names.map((name) => named[name].values));
}

/** Copies of flat arrays, by name. */
export function copyArrays(arrays: Record<string, Float32Array>): NamedArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, values]) => [name, flatArray(values.slice())]),
  );
}
