import { stridesOf } from './kernel';

/** Shape and strides of two operands, as the addon takes them; good until the next one of its rank is asked for. */
export type Nest = Int32Array;

/** More axes than this the addon does not take. */
const maxRank = 12;

const scratch = Array.from({ length: maxRank + 1 }, (_, rank) => new Int32Array(3 * rank));

/** A nest from its parts; undefined if there are too many axes. */
export function nestOf(shape: number[], first: number[], second: number[]): Nest | undefined {
  const rank = shape.length;
  if (rank > maxRank) return undefined;
  const nest = scratch[rank];
  for (let axis = 0; axis < rank; axis++) {
    nest[axis] = shape[axis];
    nest[rank + axis] = first[axis];
    nest[2 * rank + axis] = second[axis];
  }
  return nest;
}

/** Two flat operands of one length. */
export function flatNest(length: number): Nest {
  const nest = scratch[1];
  nest[0] = length;
  nest[1] = 1;
  nest[2] = 1;
  return nest;
}

/** The common shape of two operands and how each is walked; undefined if they do not broadcast. */
export function broadcast(a: number[], b: number[]): { shape: number[]; nest: Nest } | undefined {
  const rank = Math.max(a.length, b.length);
  if (rank === 0) return { shape: [], nest: scratch[0] };
  const shape = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    const inA = a[axis - rank + a.length] ?? 1;
    const inB = b[axis - rank + b.length] ?? 1;
    if (inA !== inB && inA !== 1 && inB !== 1) return undefined;
    shape[axis] = inA === 1 ? inB : inA;
  }
  const nest = nestOf(shape, broadcastStrides(a, rank), broadcastStrides(b, rank));
  return nest && { shape, nest };
}

/** Strides of an operand in a broadcast to more axes: 0 along those it repeats on. */
function broadcastStrides(shape: number[], rank: number): number[] {
  const strides = stridesOf(shape);
  const missing = rank - shape.length;
  return Array.from({ length: rank }, (_, axis) =>
    axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing],
  );
}
