import {
  type ArrayLike,
  checkLength,
  countRows,
  deliver,
  type NumberArray,
  toDoubles,
} from '../arguments/arrays';
import { checkDrawn, checkDraws } from '../arguments/draws';
import { invalid } from '../arguments/errors';
import type { OutOptions, PerturbOptions } from '../arguments/options';
import { checkOptions } from '../arguments/validate';
import { guard, type NativeUtility } from '../native/binding';
import { getThreads } from '../threads';
import { type Utility, utilityHandle } from '../utilities';

/** How utilities follow from parameters where the coordinates are not one for one. */
export type Arrangement =
  /** Only the first coordinates are random; the others are their parameters. */
  | { readonly random: number }
  /** Several independent rows of utilities, one after the other, from one row of parameters. */
  | { readonly copies: number }
  /** Only these coordinates count; what stands elsewhere is ignored, and 0 in results. */
  | { readonly places: Uint32Array };

/** The random side of a trick: utilities from parameters, and gradients back. */
export class Perturbation {
  /** The length of a utility U. */
  readonly utilityDimension: number;
  /** The length of a row of parameters theta. */
  readonly parameterDimension: number;
  /** The family of the random utilities. */
  readonly utility: Utility;

  readonly #law: NativeUtility;

  constructor(utility: Utility, utilityDimension: number, arrangement?: Arrangement) {
    const law = utilityHandle(utility);
    if (law === undefined) throw invalid('utility', 'what gumbel() and its like give', utility);
    this.utility = utility;
    this.utilityDimension = utilityDimension;
    this.parameterDimension = utilityDimension;
    this.#law = law;
    if (arrangement === undefined) return;
    if ('copies' in arrangement) {
      this.parameterDimension = utilityDimension / arrangement.copies;
      this.#law = law.repeated(this.parameterDimension, arrangement.copies);
    } else if ('random' in arrangement) {
      this.#law = law.leading(utilityDimension, arrangement.random);
    } else {
      this.#law = law.confined(utilityDimension, arrangement.places);
    }
  }

  /**
   * Random utilities `U(theta)`, [batch x samples x n] from theta [batch x n].
   *
   * The draw of a cell depends on the seed, its row, its sample number and its coordinate, and on nothing else: not on
   * the size of the batch, nor on threads. A theta of -Infinity stays -Infinity. O(n) a row.
   */
  perturb<A extends NumberArray>(theta: A, options: PerturbOptions): ArrayLike<A> {
    checkOptions('options', options, ['seed', 'samples', 'firstRow', 'out']);
    const { seed, samples, firstRow } = checkDraws(options);
    const parameters = toDoubles('theta', theta);
    const rows = countRows('theta', parameters.length, this.parameterDimension);
    const length = checkDrawn(rows * samples * this.utilityDimension, samples, options.out);
    return deliver(length, theta, options.out, (out) =>
      guard(() =>
        this.#law.perturb(this.parameterDimension, parameters, seed, samples, firstRow, out, getThreads()),
      ),
    ) as ArrayLike<A>;
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
    options: OutOptions = {},
  ): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const parameters = toDoubles('theta', theta);
    const u = this.#draws(parameters, utility);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, u.length, 'as many as the utility has');
    return deliver(parameters.length, theta, options.out, (out) =>
      guard(() => this.#law.perturbVjp(this.parameterDimension, parameters, u, g, out)),
    ) as ArrayLike<A>;
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
    options: OutOptions = {},
  ): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const parameters = toDoubles('theta', theta);
    const u = this.#draws(parameters, utility);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, countRows('utility', u.length, this.utilityDimension), 'one for each draw');
    return deliver(parameters.length, theta, options.out, (out) =>
      guard(() => this.#law.scoreVjp(this.parameterDimension, parameters, u, g, out)),
    ) as ArrayLike<A>;
  }

  /**
   * `KL(U(theta) || U(0))`, summed over the coordinates, [batch]: an upper bound of the divergence of the structures
   * themselves, so that an evidence lower bound with it stays one. A forbidden coordinate adds 0.
   */
  kl<A extends NumberArray>(theta: A, options: OutOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const parameters = toDoubles('theta', theta);
    const rows = countRows('theta', parameters.length, this.parameterDimension);
    return deliver(rows, theta, options.out, (out) =>
      guard(() => this.#law.kl(this.parameterDimension, parameters, out)),
    ) as ArrayLike<A>;
  }

  /** `dL/dtheta` [batch x n] for a cotangent `dL/dKL` [batch]. */
  klVjp<A extends NumberArray>(theta: A, cotangent: NumberArray, options: OutOptions = {}): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const parameters = toDoubles('theta', theta);
    const rows = countRows('theta', parameters.length, this.parameterDimension);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, rows, 'one for each row of theta');
    return deliver(parameters.length, theta, options.out, (out) =>
      guard(() => this.#law.klVjp(this.parameterDimension, parameters, g, out)),
    ) as ArrayLike<A>;
  }

  /** Utilities of some draws for every row of theta. */
  #draws(parameters: Float64Array, utility: NumberArray): Float64Array {
    const u = toDoubles('utility', utility);
    const rows = countRows('theta', parameters.length, this.parameterDimension);
    if (parameters.length > 0) countRows('utility', u.length, rows * this.utilityDimension);
    return u;
  }
}
