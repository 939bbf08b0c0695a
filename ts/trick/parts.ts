import { types } from 'node:util';
import {
  type ArrayLike,
  allocateLike,
  checkOut,
  deliver,
  type NumberArray,
  type TypedNumbers,
} from '../arguments/arrays';
import type { Output } from '../arguments/options';
import { guard } from '../native/binding';
import { solverOf } from './asking';
import { inBackground } from './background';
import type { Call } from './call';

/** One of the two parts that each row of an answer has. */
export interface Part {
  /** Numbers in a row. */
  readonly width: number;
  /** Where it goes, if not to a new array, and what that is called. */
  readonly out: Output | undefined;
  readonly name: string;
}

/** A call whose answer is to become two arrays. */
export interface PartedCall {
  readonly call: Call;
  readonly parts: readonly [Part, Part];
}

/** Asks here and now. */
export function askParts<A extends NumberArray>(
  asked: object,
  parted: PartedCall,
): [ArrayLike<A>, ArrayLike<A>] {
  const { call, parts } = parted;
  // Singles, if both are to be.
  const singles = parts.every(({ out = call.like }) => types.isFloat32Array(out));
  const cells = allocateLike(singles ? new Float32Array(0) : undefined, 'out', call.length);
  guard(() => solverOf(asked).ask(call, cells));
  return divided(cells, parted);
}

/** The same while the event loop turns. */
export async function askPartsLater<A extends NumberArray>(
  asked: object,
  parted: PartedCall,
  signal: AbortSignal | undefined,
): Promise<[ArrayLike<A>, ArrayLike<A>]> {
  const cells = await inBackground(signal, (cancellation) =>
    guard(() => solverOf(asked).askAsync(parted.call, cancellation)),
  );
  // The caller may have given memory away meanwhile.
  return divided(cells, checkedParts(parted));
}

/** A call once it is certain that its outputs can receive the parts. */
export function checkedParts(parted: PartedCall): PartedCall {
  const { call, parts } = parted;
  const rows = rowsOf(call.length, parts);
  for (const { width, out, name } of parts) {
    if (out !== undefined) checkOut(out, rows * width, `out.${name}`);
  }
  return parted;
}

/** The second part goes first, since it alone may be beyond single precision: nothing is written if it is. */
function divided<A extends NumberArray>(
  cells: TypedNumbers,
  { call: { rows, like }, parts }: PartedCall,
): [ArrayLike<A>, ArrayLike<A>] {
  const [{ width: first }, { width: second }] = parts;
  const count = rowsOf(cells.length, parts);
  const part = ({ width, out }: Part, from: number) => {
    const fill = (into: TypedNumbers) => {
      for (let row = 0; row < count; row++) {
        const start = row * (first + second) + from;
        into.set(cells.subarray(start, start + width), row * width);
      }
    };
    if (types.isFloat32Array(cells)) {
      const singles = out ?? new Float32Array(count * width);
      fill(singles);
      return singles as ArrayLike<A>;
    }
    return deliver(count * width, like, out, fill, (count / Math.max(1, rows)) * width) as ArrayLike<A>;
  };
  const last = part(parts[1], first);
  return [part(parts[0], 0), last];
}

function rowsOf(length: number, [{ width: first }, { width: second }]: readonly [Part, Part]): number {
  return length / Math.max(1, first + second);
}
