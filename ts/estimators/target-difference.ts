import type { Trick } from '../trick/trick';
import type { Call } from './call';

/**
 * How the solution answers to a step against the gradient g of the loss, utility by utility,
 *
 *     [X(U) - X(U - lambda g)] / lambda,   or   [X(U + lambda g) - X(U - lambda g)] / (2 lambda),
 *
 * a difference quotient that stands for dL/dU. A row whose lambda is 0 gets 0.
 *
 * @param lambda one for each row
 * @param options of the methods on these rows
 */
export function targetDifference(
  trick: Trick,
  utility: Float64Array,
  x: Float64Array,
  gradient: Float64Array,
  lambda: Float64Array,
  symmetric: boolean,
  options: Call['ofDraws'],
): Float64Array {
  const n = trick.dimension;
  const at = (sign: number) =>
    trick.argmax(
      utility.map((u, i) => u + sign * lambda[Math.floor(i / n)] * gradient[i]),
      options,
    );
  const above = symmetric ? at(1) : x;
  const below = at(-1);
  const span = symmetric ? 2 : 1;
  return above.map((a, i) => {
    const step = span * lambda[Math.floor(i / n)];
    return step === 0 ? 0 : (a - below[i]) / step;
  });
}
