import { invalid, SstError } from '../arguments/errors';
import { checkNumber } from '../arguments/validate';
import { tf } from './tf';

/** Gradients as `tf.variableGrads` gives them by name, or as `tf.grads` in a list. */
export type Gradients = Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[];

/**
 * The Euclidean norm of all entries of all tensors together, summed in double precision on every backend.
 *
 * @throws SstError NOT_FINITE naming the tensor that has an entry that is not finite
 */
export function globalNorm(gradients: Gradients): number {
  return normOf(entriesOf(gradients));
}

/**
 * All gradients times `min(1, norm / globalNorm)` (Pascanu, Mikolov and Bengio, 2013), as new tensors, and their norm
 * before. TensorFlow.js has it for none but its layers' weights one by one.
 *
 * @param norm a positive number; `Infinity` clips nothing
 * @throws SstError NOT_FINITE naming the gradient that has an entry that is not finite
 */
export function clipByGlobalNorm<G extends Gradients>(
  gradients: G,
  norm: number,
): { gradients: G; norm: number } {
  checkNumber('norm', norm, Number.MIN_VALUE, Number.POSITIVE_INFINITY);
  const entries = entriesOf(gradients);
  const found = normOf(entries);
  const scale = clippingScale(found, norm);
  const clipped = entries.map(([name, tensor]): [string, tf.Tensor] => [
    name,
    scale === 1 ? tensor.clone() : tf.mul(tensor, scale),
  ]);
  const list = Array.isArray(gradients) ? clipped.map(([, tensor]) => tensor) : Object.fromEntries(clipped);
  return { gradients: list as unknown as G, norm: found };
}

/** What gradients of a norm are multiplied by. */
export function clippingScale(found: number, most: number): number {
  return found > most ? most / found : 1;
}

/** {@link globalNorm} of tensors with their names. */
export function normOf(gradients: readonly (readonly [string, tf.Tensor])[]): number {
  let squares = 0;
  for (const [name, gradient] of gradients) {
    const values = gradient.dataSync();
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
    // A square of single precision is in the range of doubles: a sum that is not finite has a term that is not.
    if (!Number.isFinite(sum)) {
      const bad = values.findIndex((value) => !Number.isFinite(value));
      const got = `${values[bad]} at ${bad}`;
      throw new SstError('NOT_FINITE', `gradient of '${name}': expected finite numbers, got ${got}`);
    }
    squares += sum;
  }
  return Math.sqrt(squares);
}

function entriesOf(gradients: Gradients): [string, tf.Tensor][] {
  if (typeof gradients !== 'object' || gradients === null) {
    throw invalid('gradients', 'tensors by name or a list of them', gradients);
  }
  const entries = Object.entries(gradients);
  for (const [name, tensor] of entries) {
    if (!(tensor instanceof tf.Tensor)) throw invalid(`gradients['${name}']`, 'a tensor', tensor);
  }
  return entries;
}
