import { Perturbation } from '../trick/perturbation';
import { NativeSolver } from '../trick/solver';
import { gaussian } from '../utilities';

/** Standard normal numbers, the same for the same seed. */
export function normals(length: number, seed: number): Float64Array {
  if (length === 0) return new Float64Array(0);
  const noise = new Perturbation(gaussian(), NativeSolver.coordinates(length));
  return noise.perturb(new Float64Array(length), { seed });
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  // A forbidden utility meets a coordinate that is 0.
  for (let i = 0; i < a.length; i++) if (b[i] !== 0) sum += a[i] * b[i];
  return sum;
}

/** The largest absolute difference. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
}

export function largest(values: ArrayLike<number>): number {
  return distance(values, new Float64Array(values.length));
}

/** The rows of a flat array. */
export function rowsOf(values: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

/** A number as sentences have it. */
export function shown(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(4))) : String(x);
}
