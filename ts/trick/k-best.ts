import {
  type ArrayLike,
  allocate,
  checkOut,
  checkOverlaps,
  deliver,
  type NumberArray,
} from '../arguments/arrays';
import type { LengthArray } from '../arguments/lengths';
import type { Output } from '../arguments/options';
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

/** A question with its arguments, read once, and where its answer goes. */
interface Reading {
  call: Call;
  structures: Output | undefined;
  values: Output | undefined;
}

/** Asks for the best structures here and now. */
export function kBest<A extends NumberArray>(
  asked: object,
  utility: A,
  options: KBestOptions,
): KBest<ArrayLike<A>> {
  const reading = readKBest(asked, utility, options, []);
  const cells = allocate('out', reading.call.length);
  guard(() => solverOf(asked).ask(reading.call, cells));
  return parted(reading, cells);
}

/** The same while the event loop turns. */
export async function kBestLater<A extends NumberArray>(
  asked: object,
  utility: A,
  options: KBestOptions & AsyncOptions,
): Promise<KBest<ArrayLike<A>>> {
  const reading = readKBest(asked, utility, options, ['signal']);
  const { signal } = options;
  const cells = await inBackground(signal, (cancellation) =>
    guard(() => solverOf(asked).askAsync(reading.call, cancellation)),
  );
  return parted(reading, cells);
}

function readKBest(
  asked: object,
  utility: unknown,
  options: KBestOptions,
  extra: readonly string[],
): Reading {
  checkOptions('options', options, ['k', 'lengths', 'out', ...extra]);
  const { k: count, lengths, out = {} } = options;
  checkOptions('out', out, ['structures', 'values']);
  const { structures, values } = out;
  checkOverlaps({ utility, lengths, 'out.structures': structures, 'out.values': values });
  const one = read(asked, 'kBest', [utility], { lengths });
  const most = Math.max(1, Math.floor(MOST_NUMBERS / Math.max(1, one.length)));
  const k = checkInteger('k', count, 1, most);
  const reading = {
    call: { ...one, samples: k, width: k * one.width, length: k * one.length },
    structures,
    values,
  };
  checkOutputs(reading);
  return reading;
}

function checkOutputs({ call: { rows, samples: k, length }, structures, values }: Reading): void {
  if (structures !== undefined) checkOut(structures, length - rows * k, 'out.structures');
  if (values !== undefined) checkOut(values, rows * k, 'out.values');
}

/** Embeddings, each with its value after it, as arrays of their own. */
function parted<A extends NumberArray>(reading: Reading, cells: Float64Array): KBest<ArrayLike<A>> {
  // The caller may have given memory away meanwhile.
  checkOutputs(reading);
  const { samples: k, rows, width, like } = reading.call;
  const each = width / k;
  const part = (out: Output | undefined, from: number, to: number) => {
    const fill = (into: Float64Array) => {
      for (let rank = 0; rank < rows * k; rank++) {
        into.set(cells.subarray(rank * each + from, rank * each + to), rank * (to - from));
      }
    };
    return deliver(rows * k * (to - from), like, out, fill, k * (to - from)) as ArrayLike<A>;
  };
  // Only they may be beyond single precision.
  const values = part(reading.values, each - 1, each);
  return { structures: part(reading.structures, 0, each - 1), values };
}
