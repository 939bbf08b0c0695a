import type { ArrayLike, NumberArray } from '../arguments/arrays';
import { invalid } from '../arguments/errors';
import type { LengthsOptions, PerturbOptions } from '../arguments/options';
import { isUtility, type Utility } from '../utilities';
import { answeredBy, ask, askLater } from './asking';
import type { AsyncOptions } from './background';
import type { Solver } from './solver';

/**
 * The random side of a trick: utilities from parameters, and gradients back.
 *
 * With `lengths` row r is over the first `lengths[r]` things only: what stands beyond is never read, adds nothing, and is 0
 * in results. Every method has a twin with the suffix `Async` that does the same while the event loop turns.
 */
export class Perturbation {
  /** The length of a utility U. */
  readonly utilityDimension: number;
  /** The length of a row of parameters theta. */
  readonly parameterDimension: number;
  /** The family of the random utilities. */
  readonly utility: Utility;

  /** @param everywhere whether coordinates that the structure has deterministic are random too */
  constructor(utility: Utility, solver: Solver, temperature?: number, everywhere?: boolean) {
    if (!isUtility(utility)) throw invalid('utility', 'what gumbel() and its like give', utility);
    this.utility = utility;
    this.utilityDimension = solver.widths.utility;
    this.parameterDimension = solver.widths.parameter;
    answeredBy(this, solver.withUtility(utility, everywhere), temperature);
  }

  /**
   * Random utilities `U(theta)`, [batch x samples x n] from theta [batch x n].
   *
   * The draw of a coordinate depends on the seed, its row, its sample and on what the coordinate is (an element, a pair of
   * vertices), and on nothing else: not on the size of the batch or its padding, nor on threads. A theta of -Infinity stays
   * -Infinity. O(n) a row.
   */
  perturb<A extends NumberArray>(theta: A, options: PerturbOptions): ArrayLike<A> {
    return ask(this, 'perturb', [theta], options);
  }

  /** {@link perturb} while the event loop turns. */
  perturbAsync<A extends NumberArray>(
    theta: A,
    options: PerturbOptions & AsyncOptions,
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'perturb', [theta], options);
  }

  /**
   * `dL/dtheta` [batch x n] from `dL/dU` [batch x samples x n], through `dU/dtheta` with the noise held fixed.
   *
   * The contributions of the samples of a row are added; a forbidden coordinate gets 0.
   */
  perturbVjp<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: LengthsOptions = {},
  ): ArrayLike<A> {
    return ask(this, 'perturbVjp', [theta, utility, cotangent], options);
  }

  /** {@link perturbVjp} while the event loop turns. */
  perturbVjpAsync<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: LengthsOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'perturbVjp', [theta, utility, cotangent], options);
  }

  /**
   * `sum_s c_s d log p(U_s; theta) / dtheta` [batch x n] for a cotangent c [batch x samples], a number for each draw: with
   * the losses for c it is the score-function estimate (REINFORCE) times the samples.
   *
   * A forbidden coordinate gets 0. O(n) a draw.
   *
   * @throws SstError also `INVALID_ARGUMENT` where some utilities are deterministic
   */
  scoreVjp<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: LengthsOptions = {},
  ): ArrayLike<A> {
    return ask(this, 'scoreVjp', [theta, utility, cotangent], options);
  }

  /** {@link scoreVjp} while the event loop turns. */
  scoreVjpAsync<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: LengthsOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'scoreVjp', [theta, utility, cotangent], options);
  }

  /**
   * `KL(U(theta) || U(0))`, summed over the row's own coordinates, [batch]: an upper bound of the divergence of the
   * structures themselves, so that an evidence lower bound with it stays one. A forbidden coordinate adds 0.
   */
  kl<A extends NumberArray>(theta: A, options: LengthsOptions = {}): ArrayLike<A> {
    return ask(this, 'kl', [theta], options);
  }

  /** {@link kl} while the event loop turns. */
  klAsync<A extends NumberArray>(
    theta: A,
    options: LengthsOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'kl', [theta], options);
  }

  /** `dL/dtheta` [batch x n] for a cotangent `dL/dKL` [batch]. */
  klVjp<A extends NumberArray>(theta: A, cotangent: NumberArray, options: LengthsOptions = {}): ArrayLike<A> {
    return ask(this, 'klVjp', [theta, cotangent], options);
  }

  /** {@link klVjp} while the event loop turns. */
  klVjpAsync<A extends NumberArray>(
    theta: A,
    cotangent: NumberArray,
    options: LengthsOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'klVjp', [theta, cotangent], options);
  }
}
