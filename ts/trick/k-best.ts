import { type ArrayLike, deliver, type NumberArray } from '../arguments/arrays';
import type { LengthArray } from '../arguments/lengths';
import { checkInteger, checkOptions } from '../arguments/validate';
import { guard } from '../native/binding';
import { read, solverOf } from './asking';
import { type AsyncOptions, inBackground } from './background';
import type { Call } from './call';

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

/** Asks for the best structures here and now. */
export function kBest<A extends NumberArray>(
  asked: object,
  utility: A,
  options: KBestOptions,
): KBest<ArrayLike<A>> {
  const call = readKBest(asked, utility, options, []);
  const cells = new Float64Array(call.length);
  guard(() => solverOf(asked).ask(call, cells));
  return parted(call, utility, cells);
}

/** The same while the event loop turns. */
export async function kBestLater<A extends NumberArray>(
  asked: object,
  utility: A,
  options: KBestOptions & AsyncOptions,
): Promise<KBest<ArrayLike<A>>> {
  const call = readKBest(asked, utility, options, ['signal']);
  const { signal } = options;
  const cells = await inBackground(signal, (cancellation) =>
    guard(() => solverOf(asked).askAsync(call, cancellation)),
  );
  return parted(call, utility, cells);
}

function readKBest(asked: object, utility: unknown, options: KBestOptions, extra: readonly string[]): Call {
  checkOptions('options', options, ['k', 'lengths', ...extra]);
  const { k: count, lengths } = options;
  const one = read(asked, 'kBest', [utility], { lengths });
  const most = Math.max(1, Math.floor(MOST_NUMBERS / Math.max(1, one.length)));
  const k = checkInteger('k', count, 1, most);
  return { ...one, samples: k, width: k * one.width, length: k * one.length };
}

/** Embeddings, each with its value after it, as arrays of their own. */
function parted<A extends NumberArray>(
  { samples: k, rows, length, width }: Call,
  utility: A,
  cells: Float64Array,
): KBest<ArrayLike<A>> {
  const each = width / k;
  const part = (from: number, to: number) =>
    deliver(
      (length / each) * (to - from),
      utility,
      undefined,
      (out) => {
        for (let rank = 0; rank < rows * k; rank++) {
          out.set(cells.subarray(rank * each + from, rank * each + to), rank * (to - from));
        }
      },
      k * (to - from),
    ) as ArrayLike<A>;
  return { structures: part(0, each - 1), values: part(each - 1, each) };
}
