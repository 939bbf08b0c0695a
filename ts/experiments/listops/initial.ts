import type { ParameterSpec } from '../../training/initialisers';

/** Standard normal entries, as embeddings start. */
export function standardNormal(shape: readonly number[]): ParameterSpec {
  return { shape, draw: (random) => random.normal() };
}
