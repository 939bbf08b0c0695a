import type * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';

/** A computation on tensors of given shapes. */
export interface Instance {
  shapes: number[][];
  compute: (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** What shows in a counterexample. */
  about?: unknown;
}

/** A kernel of the native backend equals the cpu backend's, with its gradient, on random instances. */
export interface Law {
  kernel: string;
  instance: fc.Arbitrary<Instance>;
  /** Whether the inputs have a gradient (default true). */
  differentiable?: boolean;
  /** Whether inputs may hold NaN and infinities (default true). */
  special?: boolean;
  /** Error allowed relative to the largest number, for sums of rounded numbers (default 0). */
  absolute?: number;
}

const size = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 2, arbitrary: fc.integer({ min: 5, max: 40 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);

/** Sizes, none above 40 and few of them 0, that make no more than 2000 elements. */
export function shapes(minRank: number, maxRank: number): fc.Arbitrary<number[]> {
  return fc
    .array(size, { minLength: minRank, maxLength: maxRank })
    .filter((shape) => shape.reduce((product, axis) => product * axis, 1) <= 2000);
}

/** Two shapes that broadcast: axes of a common shape made 1, or left out at the front. */
export const broadcastPairs: fc.Arbitrary<[number[], number[]]> = shapes(0, 4).chain((shape) => {
  const operand = fc
    .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
    .map(([ones, dropped]) => shape.map((axis, index) => (ones[index] ? 1 : axis)).slice(dropped));
  return fc.oneof(
    { weight: 2, arbitrary: fc.tuple(operand, operand) },
    { weight: 1, arbitrary: fc.constant<[number[], number[]]>([shape, shape]) },
  );
});

/** A shape and one of its axes. */
export const shapeWithAxis = (minRank: number, maxRank: number) =>
  shapes(Math.max(minRank, 1), maxRank).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axis: fc.nat(shape.length - 1) }),
  );

/** A shape and any set of its axes. */
export const shapeWithAxes = shapes(0, 5).chain((shape) =>
  fc.record({ shape: fc.constant(shape), axes: fc.subarray([...shape.keys()]) }),
);

/** Numbers of a tensor: a few sizes of numbers, halves and zeros; some NaN and infinities if asked for. */
export function numbers(shape: number[], seed: number, special: boolean): Float32Array {
  const length = shape.reduce((product, axis) => product * axis, 1);
  const random = generator(seed);
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
  return Float32Array.from({ length }, () => {
    const kind = random();
    if (special && kind < 0.08) return odd[Math.floor(random() * odd.length)];
    if (kind < 0.2) return Math.round(8 * random() - 4) / 2;
    return (random() - 0.5) * (kind < 0.3 ? 40 : 4);
  });
}

/** Numbers in [0, 1), the same for a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
