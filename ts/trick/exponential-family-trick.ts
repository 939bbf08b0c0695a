import type { ArrayLike, NumberArray } from '../arguments/arrays';
import type { FamilySampleOptions, SoftmaxOptions } from '../arguments/options';
import { checkOptions } from '../arguments/validate';
import { answer, answerLater, ask, askLater, read } from './asking';
import type { AsyncOptions } from './background';
import { questions } from './question';
import { Trick } from './trick';

/**
 * A trick whose relaxation is the exponential family's, `X_t = E[x]` under `p(x) ~ exp(u.x / t)`.
 *
 * Every method has a twin with the suffix `Async` that does the same on another thread, as `argmaxAsync`.
 */
export class ExponentialFamilyTrick extends Trick {
  /**
   * `log sum_x exp(U.x / t)` of every row, [batch]; its gradient in U is `X_t / t`.
   *
   * @throws SstError also `INVALID_ARGUMENT` at temperature 0, where it diverges, and `NOT_FINITE` beyond 1e308
   */
  logPartition<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    return ask(this, 'logPartition', [utility], options);
  }

  /** {@link logPartition} on another thread. */
  logPartitionAsync<A extends NumberArray>(
    utility: A,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'logPartition', [utility], options);
  }

  /**
   * Exact, independent draws `x ~ p(x) ~ exp(U.x / t)` over the embeddings, [batch x samples x dimension] of 0 and 1; the
   * utilities are taken as they are, without noise (the stochastic argmax is {@link sample}).
   *
   * By one run of the partition function for each row, and back through its tables for each sample: O(n) of one-hot
   * vectors and subsets, O(n) of k-subsets, O(n^2) of trees. A draw depends on the seed, its row and its sample, and on
   * nothing else. At temperature 0 it is the argmax.
   */
  familySample<A extends NumberArray>(utility: A, options: FamilySampleOptions): ArrayLike<A> {
    return ask(this, 'familySample', [utility], options);
  }

  /** {@link familySample} on another thread. */
  familySampleAsync<A extends NumberArray>(
    utility: A,
    options: FamilySampleOptions & AsyncOptions,
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'familySample', [utility], options);
  }

  /**
   * The entropy `-sum_x p(x) log p(x)` of `p(x) ~ exp(U.x / t)`, [batch], at least 0; to about 1e-15 times the largest
   * `U / t`. At the cost of `softmax`.
   *
   * @throws SstError also `INVALID_ARGUMENT` at temperature 0, and where rounding leaves nothing of it (`U / t > 1e15`)
   */
  entropy<A extends NumberArray>(utility: A, options: SoftmaxOptions = {}): ArrayLike<A> {
    return ask(this, 'entropy', [utility], options);
  }

  /** {@link entropy} on another thread. */
  entropyAsync<A extends NumberArray>(
    utility: A,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'entropy', [utility], options);
  }

  /** `dL/dU = -c Cov(x) U / t^2` for a cotangent c = dL/dH, [batch]. */
  entropyVjp<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    return ask(this, 'entropyVjp', [utility, cotangent], options);
  }

  /** {@link entropyVjp} on another thread. */
  entropyVjpAsync<A extends NumberArray>(
    utility: A,
    cotangent: NumberArray,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'entropyVjp', [utility, cotangent], options);
  }

  /**
   * `log p(x) = U.x / t - log Z` of embeddings x, [batch x draws] from [batch x draws x dimension]: exact to about 1e-15 of
   * 1 or of itself. -Infinity where x has a forbidden coordinate.
   *
   * Of the many parts that `U.x / t` and `log Z` share nothing is left to cancel: it is computed from the best embedding.
   *
   * @throws SstError also `INVALID_ARGUMENT` where x is no embedding, and at temperature 0; `NOT_FINITE` beyond -1e308
   */
  logProbability<A extends NumberArray>(
    utility: A,
    embedding: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    return ask(this, 'logProbability', [utility, embedding], options);
  }

  /** {@link logProbability} on another thread. */
  logProbabilityAsync<A extends NumberArray>(
    utility: A,
    embedding: NumberArray,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'logProbability', [utility, embedding], options);
  }

  /** `dL/dU = sum_s c_s (x_s - E[x]) / t` for a cotangent c, [batch x draws]; 0 where a coordinate is forbidden. */
  logProbabilityVjp<A extends NumberArray>(
    utility: A,
    embedding: NumberArray,
    cotangent: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    return ask(this, 'logProbabilityVjp', [utility, embedding, cotangent], options);
  }

  /** {@link logProbabilityVjp} on another thread. */
  logProbabilityVjpAsync<A extends NumberArray>(
    utility: A,
    embedding: NumberArray,
    cotangent: NumberArray,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'logProbabilityVjp', [utility, embedding, cotangent], options);
  }

  /**
   * `KL(p_U || p_V) = sum_x p_U(x) log(p_U(x) / p_V(x))` of the exponential families of two utilities, [batch], at least 0;
   * Infinity where V forbids what U does not.
   *
   * To about 1e-15 times the largest `U / t` and `V / t`; where V is close to U, times the square of `(V - U) / t` instead,
   * as the integral of a variance. At the cost of three to a dozen `softmax`.
   *
   * @throws SstError as {@link entropy}
   */
  divergence<A extends NumberArray>(
    utility: A,
    other: NumberArray,
    options: SoftmaxOptions = {},
  ): ArrayLike<A> {
    return ask(this, 'divergence', [utility, other], options);
  }

  /** {@link divergence} on another thread. */
  divergenceAsync<A extends NumberArray>(
    utility: A,
    other: NumberArray,
    options: SoftmaxOptions & AsyncOptions = {},
  ): Promise<ArrayLike<A>> {
    return askLater(this, 'divergence', [utility, other], options);
  }

  /**
   * `dL/dU = c Cov_U(x) (U - V) / t^2` and `dL/dV = c (E_V[x] - E_U[x]) / t` for a cotangent c = dL/dKL, [batch]; 0 where U
   * forbids.
   *
   * @throws SstError also `NOT_FINITE` where the divergence is infinite
   */
  divergenceVjp<A extends NumberArray>(
    utility: A,
    other: NumberArray,
    cotangent: NumberArray,
    options: Omit<SoftmaxOptions, 'out'> = {},
  ): { utility: ArrayLike<A>; other: ArrayLike<A> } {
    checkOptions('options', options, ['temperature', 'lengths', 'samples']);
    const call = read(this, 'divergenceVjp', [utility, other, cotangent], options);
    const along = (name: 'divergenceVjp' | 'divergenceVjpOther') =>
      answer<A>(this, { ...call, question: questions[name] });
    return { utility: along('divergenceVjp'), other: along('divergenceVjpOther') };
  }

  /** {@link divergenceVjp} while the event loop turns. */
  async divergenceVjpAsync<A extends NumberArray>(
    utility: A,
    other: NumberArray,
    cotangent: NumberArray,
    options: Omit<SoftmaxOptions, 'out'> & AsyncOptions = {},
  ): Promise<{ utility: ArrayLike<A>; other: ArrayLike<A> }> {
    checkOptions('options', options, ['temperature', 'lengths', 'samples', 'signal']);
    const { signal, ...rest } = options;
    const call = read(this, 'divergenceVjp', [utility, other, cotangent], rest);
    // Both are on their way before anything is waited for, so that both copy the same arrays.
    const [own, others] = await Promise.all([
      answerLater<A>(this, call, signal),
      answerLater<A>(this, { ...call, question: questions.divergenceVjpOther }, signal),
    ]);
    return { utility: own, other: others };
  }
}
