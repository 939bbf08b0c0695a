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
import { guard } from '../native/binding';
import { getThreads } from '../threads';
import { ExponentialFamilyTrick } from './exponential-family-trick';

/**
 * A trick whose argmax is found by races: a sequence of steps, in each of which the largest of some utilities wins. With
 * Gumbel or negative exponential utilities every step is a softmax choice among its candidates, whatever came before, so
 * that the sequence, the *trace*, has a probability in closed form, and utilities can be drawn given the trace (Struminsky et
 * al., 2021).
 *
 * Utilities [batch x draws x n] are looked at for the trace they lead to only; theta [batch x n]. All methods throw
 * `INVALID_ARGUMENT` where the trick's utilities do not race: they are `gumbel()` or `negativeExponential()`, of
 * arborescences the latter, since these race by sums of times; with `singleRootChild` there is no trace. Theta is at most
 * 1e15, of negative exponentials 700, in magnitude. The cost is that of the argmax and O(n) a step.
 */
export class TracedTrick extends ExponentialFamilyTrick {
  /** `log p(trace; theta) = sum_steps theta_chosen - logsumexp(theta of the candidates)`, [batch x draws]. */
  traceLogProbability<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    options: OutOptions = {},
  ): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const { times, parameters, u, count } = this.#traces(theta, utility);
    return deliver(count, theta, options.out, (out) =>
      guard(() => this.native.traceLogProbability(times, parameters, u, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /**
   * `sum_s c_s d log p(trace_s; theta) / dtheta` [batch x n] for a cotangent c [batch x draws]: with the losses for c it is
   * the score-function estimate over traces times the draws, of less variance than {@link scoreVjp}. A forbidden coordinate
   * gets 0.
   */
  traceScoreVjp<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: OutOptions = {},
  ): ArrayLike<A> {
    checkOptions('options', options, ['out']);
    const { times, parameters, u, count } = this.#traces(theta, utility);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, count, 'one for each draw');
    return deliver(parameters.length, theta, options.out, (out) =>
      guard(() => this.native.traceScoreVjp(times, parameters, u, g, out, getThreads())),
    ) as ArrayLike<A>;
  }

  /**
   * Utilities `U' ~ p(U | trace)`, [batch x draws x samples x n]: independent of U given its trace, and of the same argmax.
   *
   * Each step takes an exponential time of the rate of its candidates, after which those that are left start afresh. Of
   * arborescences the trace is kept up to rounding: where times differ by less than 1e-15 of their sum. A draw depends on
   * the seed, its row, its draw and its sample.
   */
  conditionalPerturb<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    options: PerturbOptions,
  ): ArrayLike<A> {
    checkOptions('options', options, ['seed', 'samples', 'firstRow', 'out']);
    const { seed, samples, firstRow } = checkDraws(options);
    const { times, parameters, u } = this.#traces(theta, utility);
    const length = checkDrawn(u.length * samples, samples, options.out);
    return deliver(length, theta, options.out, (out) =>
      guard(() =>
        this.native.conditionalPerturb(times, parameters, u, seed, samples, firstRow, out, getThreads()),
      ),
    ) as ArrayLike<A>;
  }

  /**
   * `dL/dtheta` [batch x n] from `dL/dU'` [batch x draws x samples x n], for what {@link conditionalPerturb} draws with the
   * same options: through `dU'/dtheta` with the noise and the trace held fixed.
   */
  conditionalPerturbVjp<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: PerturbOptions,
  ): ArrayLike<A> {
    checkOptions('options', options, ['seed', 'samples', 'firstRow', 'out']);
    const { seed, samples, firstRow } = checkDraws(options);
    const { times, parameters, u } = this.#traces(theta, utility);
    const g = toDoubles('cotangent', cotangent);
    checkLength('cotangent', g, u.length * samples, 'as many as are drawn');
    return deliver(parameters.length, theta, options.out, (out) =>
      guard(() =>
        this.native.conditionalPerturbVjp(
          times,
          parameters,
          u,
          seed,
          samples,
          firstRow,
          g,
          out,
          getThreads(),
        ),
      ),
    ) as ArrayLike<A>;
  }

  /** Whether utilities are times, the arrays, and how many draws there are in all. */
  #traces(theta: NumberArray, utility: NumberArray) {
    const { name } = this.utility;
    if (name !== 'gumbel' && name !== 'negative-exponential') {
      throw invalid('utility', 'a trick with utilities that race, gumbel() or negativeExponential()', name);
    }
    const parameters = toDoubles('theta', theta);
    const rows = countRows('theta', parameters.length, this.parameterDimension);
    const u = toDoubles('utility', utility);
    if (parameters.length > 0) countRows('utility', u.length, rows * this.utilityDimension);
    const count = countRows('utility', u.length, this.utilityDimension);
    return { times: name === 'negative-exponential', parameters, u, count };
  }
}
