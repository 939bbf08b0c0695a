import { createHash } from 'node:crypto';
import { invalid } from '../arguments/errors';
import { checkInteger, checkSeed } from '../arguments/validate';

/** A safe integer >= 0 or a bigint below 2^64. */
export type Seed = number | bigint;

/** A path naming one use of randomness, for example `['batch', epoch]`. */
type Path = readonly (string | number)[];

function digest(seed: Seed, path: Path): Buffer {
  for (const part of path) {
    if (typeof part !== 'string' && !Number.isFinite(part))
      throw invalid('path', 'strings and numbers', part);
  }
  const parts = [checkSeed(seed).toString(), ...path.map((part) => JSON.stringify(part))];
  return createHash('sha256')
    .update(`[${parts.join(',')}]`)
    .digest();
}

/**
 * A 64-bit seed for one use of randomness: the hash of (seed, path), so that uses never share draws. For example
 * `deriveSeed(seed, 'noise', step)` for the draws of a training step.
 *
 * @throws SstError INVALID_ARGUMENT for what is no seed, or a path of anything but strings and finite numbers
 */
export function deriveSeed(seed: Seed, ...path: Path): bigint {
  return digest(seed, path).readBigUInt64LE(0);
}

/**
 * Random numbers keyed by (seed, path): xoshiro128** started from a hash. Nothing but integer arithmetic and
 * exactly rounded double arithmetic is used (no logarithm, no sine), so every platform draws the same bits.
 */
export class RandomStream {
  readonly #state: Uint32Array;

  constructor(seed: Seed, ...path: Path) {
    const bytes = digest(seed, path);
    this.#state = Uint32Array.from([0, 4, 8, 12], (offset) => bytes.readUInt32LE(offset));
  }

  /** 32 uniform bits. */
  bits(): number {
    const s = this.#state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform on [0, 1), a multiple of 2^-53. */
  uniform(): number {
    return ((this.bits() >>> 5) * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** Uniform integer in [0, bound), bound at most 2^32, by rejection. */
  below(bound: number): number {
    checkInteger('bound', bound, 1, 2 ** 32);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = this.bits();
      if (value < limit) return value % bound;
    }
  }

  /** The integers below `length` in random order. */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index);
    for (let last = length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const value = order[last];
      order[last] = order[other];
      order[other] = value;
    }
    return order;
  }

  /**
   * Standard normal, by comparisons of uniforms alone (Karney, "Sampling exactly from the normal distribution",
   * 2016): an integer part k with probability in proportion to exp(-k^2/2), a fraction x kept with probability
   * exp(-x (2k + x) / 2), and a sign.
   */
  normal(): number {
    for (;;) {
      let whole = 0;
      while (this.#survives(0.5)) whole++;
      if (!this.#survives((whole * (whole - 1)) / 2)) continue;
      const fraction = this.uniform();
      if (!this.#survives((fraction * (2 * whole + fraction)) / 2)) continue;
      const size = whole + fraction;
      return this.bits() >>> 31 === 0 ? size : -size;
    }
  }

  /** True with probability exp(-rate): von Neumann's run of falling uniforms, a unit of the rate at a time. */
  #survives(rate: number): boolean {
    for (let rest = rate; rest > 0; rest--) {
      let bound = Math.min(rest, 1);
      let length = 0;
      for (let next = this.uniform(); next < bound; next = this.uniform()) {
        bound = next;
        length++;
      }
      if (length % 2 === 1) return false;
    }
    return true;
  }
}
