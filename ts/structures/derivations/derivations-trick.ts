import { type ArrayLike, countRows, deliver, type NumberArray, toDoubles } from '../../arguments/arrays';
import { checkLengths, type LengthArray } from '../../arguments/lengths';
import { checkInteger, checkOptions } from '../../arguments/validate';
import { guard, type NativeTrick } from '../../native/binding';
import { ExponentialFamilyTrick } from '../../trick/exponential-family-trick';
import type { TrickDefinition } from '../../trick/trick';

/** The most numbers of an answer (2 GiB). */
const MOST_NUMBERS = 2 ** 28;

export interface KBestOptions {
  /** How many of each row. */
  k: number;
  /**
   * How many things each row is over.
   * @defaultValue all
   */
  lengths?: LengthArray | undefined;
}

/** The best structures of each row, best first. */
export interface KBest<A extends Float32Array | Float64Array = Float64Array> {
  /** [batch x k x dimension]; where a row has fewer than k, the others are 0. */
  structures: A;
  /** `U.x` of each, [batch x k]; of those that there are not, -Infinity. */
  values: A;
}

/** Derivations of a forest, with the relaxation of the exponential family. */
export class DerivationsTrick extends ExponentialFamilyTrick {
  readonly #handle: NativeTrick;

  constructor(definition: TrickDefinition, handle: NativeTrick) {
    super(definition);
    this.#handle = handle;
  }

  /**
   * The k structures of the largest `U.x`, best first, and these values: `{ structures, values }`.
   *
   * After one pass of the argmax, O(edges), lazily by Huang and Chiang's third algorithm (2005): O(k log k) for each choice
   * that a derivation makes. Of equal ones the order is that of their choices from the first on; the first is the argmax.
   * Where a row has fewer than k, the others are 0, with value -Infinity; so are all of a row of length 0.
   *
   * @throws SstError `INVALID_ARGUMENT`, `INVALID_SHAPE`, `NOT_FINITE`, `INFEASIBLE`
   */
  kBest<A extends NumberArray>(utility: A, options: KBestOptions): KBest<ArrayLike<A>> {
    checkOptions('options', options, ['k', 'lengths']);
    const { k: count, lengths: given } = options;
    const cells = toDoubles('utility', utility);
    const { dimension } = this;
    const rows = countRows('utility', cells.length, dimension);
    const most = Math.max(1, Math.floor(MOST_NUMBERS / Math.max(1, rows * (dimension + 1))));
    const k = checkInteger('k', count, 1, most);
    const lengths = checkLengths(given, rows);
    const both = new Float64Array(rows * k * (dimension + 1));
    guard(() => this.#handle.kBest(cells, lengths, rows, k, both));
    const end = rows * k * dimension;
    const part = (from: number, to: number, width: number) =>
      deliver(to - from, utility, undefined, (out) => out.set(both.subarray(from, to)), width);
    return {
      structures: part(0, end, k * dimension) as ArrayLike<A>,
      values: part(end, both.length, k) as ArrayLike<A>,
    };
  }
}
