import type { ArrayLike, NumberArray } from '../arguments/arrays';
import { invalid } from '../arguments/errors';
import type { LengthsOptions, PerturbOptions } from '../arguments/options';
import { ask, askLater } from './asking';
import type { AsyncOptions } from './background';
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
    options: LengthsOptions = {},
  ): ArrayLike<A> {
    return ask(this.#racing(), 'traceLogProbability', [theta, utility], options);
  }

  /** {@link traceLogProbability} on another thread. */
  async traceLogProbabilityAsync<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    options: LengthsOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this.#racing(), 'traceLogProbability', [theta, utility], options);
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
    options: LengthsOptions = {},
  ): ArrayLike<A> {
    return ask(this.#racing(), 'traceScoreVjp', [theta, utility, cotangent], options);
  }

  /** {@link traceScoreVjp} on another thread. */
  async traceScoreVjpAsync<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: LengthsOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this.#racing(), 'traceScoreVjp', [theta, utility, cotangent], options);
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
    return ask(this.#racing(), 'conditionalPerturb', [theta, utility], options);
  }

  /** {@link conditionalPerturb} on another thread. */
  async conditionalPerturbAsync<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    options: PerturbOptions & AsyncOptions,
  ): Promise<ArrayLike<A>> {
    return askLater(this.#racing(), 'conditionalPerturb', [theta, utility], options);
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
    return ask(this.#racing(), 'conditionalPerturbVjp', [theta, utility, cotangent], options);
  }

  /** {@link conditionalPerturbVjp} on another thread. */
  async conditionalPerturbVjpAsync<A extends NumberArray>(
    theta: A,
    utility: NumberArray,
    cotangent: NumberArray,
    options: PerturbOptions & AsyncOptions,
  ): Promise<ArrayLike<A>> {
    return askLater(this.#racing(), 'conditionalPerturbVjp', [theta, utility, cotangent], options);
  }

  /** The trick itself, if its utilities race. */
  #racing(): this {
    const { name } = this.utility;
    if (name === 'gumbel' || name === 'negative-exponential') return this;
    throw invalid('utility', 'a trick with utilities that race, gumbel() or negativeExponential()', name);
  }
}
