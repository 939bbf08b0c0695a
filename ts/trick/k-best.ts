import { type ArrayLike, checkOverlaps, type NumberArray } from '../arguments/arrays';
import type { LengthArray } from '../arguments/lengths';
import type { Output } from '../arguments/options';
import { checkInteger, checkOptions } from '../arguments/validate';
import { read } from './asking';
import type { AsyncOptions } from './background';
import { askParts, askPartsLater, checkedParts, type PartedCall } from './parts';

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
  /**
   * Receive the results, and share memory with no input.
   * @defaultValue new arrays
   */
  out?: { structures?: Output; values?: Output } | undefined;
}

/** The best structures of each row, best first. */
export interface KBest<A extends Float32Array | Float64Array = Float64Array> {
  /** [batch x k x dimension]; where a row has fewer than k, the others are 0. */
  structures: A;
  /** `U.x` of each, [batch x k]; of those that there are not, -Infinity. */
  values: A;
}

/** Asks for the best structures here and now. */
export function kBest<A extends NumberArray>(
  asked: object,
  utility: A,
  options: KBestOptions,
): KBest<ArrayLike<A>> {
  const [structures, values] = askParts<A>(asked, readKBest(asked, utility, options, []));
  return { structures, values };
}

/** The same while the event loop turns. */
export async function kBestLater<A extends NumberArray>(
  asked: object,
  utility: A,
  options: KBestOptions & AsyncOptions,
): Promise<KBest<ArrayLike<A>>> {
  const parted = readKBest(asked, utility, options, ['signal']);
  const [structures, values] = await askPartsLater<A>(asked, parted, options.signal);
  return { structures, values };
}

function readKBest(
  asked: object,
  utility: unknown,
  options: KBestOptions,
  extra: readonly string[],
): PartedCall {
  checkOptions('options', options, ['k', 'lengths', 'out', ...extra]);
  const { k: count, lengths, out = {} } = options;
  checkOptions('out', out, ['structures', 'values']);
  const { structures, values } = out;
  checkOverlaps({ utility, lengths, 'out.structures': structures, 'out.values': values });
  const one = read(asked, 'kBest', [utility], { lengths });
  const most = Math.max(1, Math.floor(MOST_NUMBERS / Math.max(1, one.length)));
  const k = checkInteger('k', count, 1, most);
  const call = { ...one, samples: k, width: k * one.width, length: k * one.length };
  const parts = [
    { width: one.width - 1, out: structures, name: 'structures' },
    { width: 1, out: values, name: 'values' },
  ] as const;
  return checkedParts({ call, parts });
}
