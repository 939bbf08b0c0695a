import { checkLength, type NumberArray, numbersOf } from '../arguments/arrays';
import { SstError } from '../arguments/errors';
import type { Trick } from '../trick/trick';
import { type Call, countedCells } from './call';
import type { Estimate, EstimateOptions } from './estimator';

/** The last parameter of a function, which may be left out if it may be undefined. */
export type Optional<T> = undefined extends T ? [options?: T] : [options: T];

/** A loss of parameters against the structures that they should give, convex in the parameters. */
export interface SupervisedLoss<Options = EstimateOptions> {
  readonly name: string;
  readonly trick: Trick;
  /**
   * Loss [batch] and gradient [batch x dimension] at theta for targets [batch x dimension], structures or means of some.
   *
   * @throws SstError of the trick's methods; `INFEASIBLE` for a target at a forbidden coordinate
   */
  evaluate(theta: NumberArray, target: NumberArray, ...options: Optional<Options>): Estimate;
}

/** The targets as doubles. */
export function checkTarget(
  trick: Trick,
  target: NumberArray,
  theta: Float64Array,
  ofRows: Call['ofRows'],
): Float64Array {
  const y = numbersOf('target', target);
  checkLength('target', y, theta.length, 'as many as theta has');
  countedCells(trick, y.length, { ...ofRows, samples: 1 }).forEach((counted, i) => {
    if (counted === 0) y[i] = 0;
  });
  const index = y.findIndex((x) => !Number.isFinite(x));
  if (index >= 0)
    throw new SstError('NOT_FINITE', `target[${index}]: expected a finite number, got ${y[index]}`);
  return y;
}

/** `theta . y` of every row; what is forbidden counts 0, and must not be asked for. */
export function dotRows(theta: Float64Array, y: Float64Array, width: number, rows: number): Float64Array {
  const dots = new Float64Array(rows);
  for (let i = 0; i < theta.length; i++) {
    const row = Math.floor(i / width);
    if (y[i] === 0) continue;
    if (theta[i] === Number.NEGATIVE_INFINITY) {
      throw new SstError(
        'INFEASIBLE',
        `target: row ${row}: expected 0 at a forbidden coordinate, got ${y[i]} at ${i % width}`,
      );
    }
    dots[row] += theta[i] * y[i];
  }
  return dots;
}
