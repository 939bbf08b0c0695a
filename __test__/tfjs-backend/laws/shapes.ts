import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { type Law, shapes, shapeWithAxes, shapeWithAxis } from './law';

/** Copies have the very same numbers; their gradients are sums. */
const transpose: Law = {
  kernel: 'Transpose',
  instance: shapes(0, 5).chain((shape) =>
    fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }).map((perm) => ({
      shapes: [shape],
      about: perm,
      compute: (x) => tf.transpose(x, perm),
    })),
  ),
};

const reverse: Law = {
  kernel: 'Reverse',
  instance: shapeWithAxes.map(({ shape, axes }) => ({
    shapes: [shape],
    about: axes,
    compute: (x) => tf.reverse(x, axes),
  })),
};

const slice: Law = {
  kernel: 'Slice',
  instance: shapes(1, 4).chain((shape) =>
    fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size), fc.nat(size)))).map((ends) => {
      const begin = ends.map(([a, b]) => Math.min(a, b));
      const size = ends.map(([a, b]) => Math.abs(a - b));
      return { shapes: [shape], about: { begin, size }, compute: (x) => tf.slice(x, begin, size) };
    }),
  ),
};

const split: Law = {
  kernel: 'SplitV',
  instance: shapeWithAxis(1, 4).chain(({ shape, axis }) =>
    fc.array(fc.nat(shape[axis]), { maxLength: 3 }).map((cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), shape[axis]];
      const sizes = ends.map((end, index) => end - (ends[index - 1] ?? 0));
      return { shapes: [shape], about: { sizes, axis }, compute: (x) => tf.split(x, sizes, axis) };
    }),
  ),
};

const concat: Law = {
  kernel: 'Concat',
  instance: shapeWithAxis(1, 4).chain(({ shape, axis }) =>
    fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 4 }).map((sizes) => ({
      shapes: sizes.map((size) => shape.with(axis, size)),
      about: axis,
      compute: (...tensors) => tf.concat(tensors, axis),
    })),
  ),
};

const stack: Law = {
  kernel: 'Pack',
  instance: fc.tuple(shapes(0, 3), fc.nat(3), fc.integer({ min: 2, max: 4 })).map(([shape, place, count]) => {
    const axis = Math.min(place, shape.length);
    return {
      shapes: Array.from({ length: count }, () => shape),
      about: axis,
      compute: (...tensors) => tf.stack(tensors, axis),
    };
  }),
};

const unstack: Law = {
  kernel: 'Unpack',
  instance: shapeWithAxis(1, 4)
    .filter(({ shape, axis }) => shape[axis] > 0)
    .map(({ shape, axis }) => ({ shapes: [shape], about: axis, compute: (x) => tf.unstack(x, axis) })),
};

const pad: Law = {
  kernel: 'PadV2',
  instance: shapes(1, 4).chain((shape) =>
    fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))).map((paddings) => ({
      shapes: [shape],
      about: paddings,
      compute: (x) => tf.pad(x, paddings, 1.5),
    })),
  ),
};

const tile: Law = {
  kernel: 'Tile',
  instance: shapes(1, 4).chain((shape) =>
    fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))).map((reps) => ({
      shapes: [shape],
      about: reps,
      compute: (x) => tf.tile(x, reps),
    })),
  ),
};

const indices = (count: number, length: number) =>
  fc.array(fc.nat(count - 1), { minLength: length, maxLength: length });

const gather: Law = {
  kernel: 'GatherV2',
  instance: shapeWithAxis(1, 3)
    .filter(({ shape, axis }) => shape[axis] > 0)
    .chain(({ shape, axis }) =>
      fc.tuple(fc.nat(3), fc.nat(2)).chain(([rows, columns]) =>
        indices(shape[axis], rows * columns).map((chosen) => ({
          shapes: [shape],
          about: { axis, chosen },
          compute: (x) => tf.gather(x, tf.tensor2d(chosen, [rows, columns], 'int32'), axis),
        })),
      ),
    ),
  // The cpu backend multiplies by 0 what is no part of a segment, which a NaN survives.
  special: false,
  absolute: 1e-6,
};

const batchedGather: Law = {
  kernel: 'GatherV2',
  instance: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })).chain(([batch, count]) =>
    indices(count, 2 * batch).map((chosen) => ({
      shapes: [[batch, count, 3]],
      about: chosen,
      compute: (x) => tf.gather(x, tf.tensor2d(chosen, [batch, 2], 'int32'), 1, 1),
    })),
  ),
  differentiable: false,
};

const segmentSum: Law = {
  kernel: 'UnsortedSegmentSum',
  instance: shapes(1, 3)
    .filter(([rows]) => rows > 0)
    .chain((shape) =>
      fc
        .tuple(
          fc.array(fc.integer({ min: -1, max: 5 }), { minLength: shape[0], maxLength: shape[0] }),
          fc.integer({ min: 1, max: 5 }),
        )
        .map(([ids, segments]) => ({
          shapes: [shape],
          about: { ids, segments },
          compute: (x) => tf.unsortedSegmentSum(x, tf.tensor1d(ids, 'int32'), segments),
        })),
    ),
  special: false,
  differentiable: false,
  absolute: 1e-6,
};

export const shapeLaws: Law[] = [
  batchedGather,
  concat,
  gather,
  pad,
  reverse,
  segmentSum,
  slice,
  split,
  stack,
  tile,
  transpose,
  unstack,
];
