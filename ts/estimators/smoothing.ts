import { invalid } from '../arguments/errors';
import { solverOf } from '../trick/asking';
import { Perturbation } from '../trick/perturbation';
import type { Trick } from '../trick/trick';
import { gaussian, type Utility } from '../utilities';
import type { Call } from './call';
import { checkAligned, checkPositive, checkTrick } from './checks';

export interface SmoothingOptions {
  /**
   * Scale of the noise.
   * @defaultValue `1`
   */
  sigma?: number | undefined;
  /**
   * Family of the noise, `gaussian()` or `gumbel()`.
   * @defaultValue `gaussian()`
   */
  noise?: Utility | undefined;
}

/** Structures of noisy utilities theta + sigma Z, of which only the argmax is known. */
export class Smoothing {
  readonly sigma: number;
  readonly #trick: Trick;
  readonly #noise: Perturbation;

  constructor(trick: Trick, options: SmoothingOptions) {
    checkTrick(trick);
    checkAligned(trick);
    const { sigma = 1, noise = gaussian() } = options;
    this.sigma = checkPositive('sigma', sigma);
    this.#trick = trick;
    this.#noise = new Perturbation(noise, solverOf(trick), undefined, true);
    if (noise.name !== 'gaussian' && noise.name !== 'gumbel')
      throw invalid('noise', 'gaussian() or gumbel()', noise.name);
  }

  /** Noisy utilities in units of sigma, theta / sigma + Z, and the structures that maximise them. */
  draw({ theta, seed, samples, ofRows, ofDraws }: Call): { scaled: Float64Array; x: Float64Array } {
    const scaled = this.#noise.perturb(this.#scale(theta), { seed, samples, ...ofRows });
    return { scaled, x: this.#trick.argmax(scaled, ofDraws) };
  }

  /** `sum_s c_s d log p(theta + sigma Z_s; theta) / dtheta`: the score in units of sigma, divided by it. */
  score({ theta, ofRows }: Call, scaled: Float64Array, weights: Float64Array): Float64Array {
    return this.#noise.scoreVjp(this.#scale(theta), scaled, weights, ofRows).map((g) => g / this.sigma);
  }

  #scale(theta: Float64Array): Float64Array {
    return theta.map((x) => x / this.sigma);
  }
}
