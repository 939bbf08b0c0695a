import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { type Law, shapes, shapeWithAxes } from './law';

/** Sums of at most 300 products, rounded one by one. */
const absolute = 2e-6;

const sides = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: 13, max: 40 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);

const matrices = fc.record({
  rows: sides,
  inner: sides,
  columns: sides,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

const shapesOf = ({
  rows,
  inner,
  columns,
  transposeA,
  transposeB,
}: typeof matrices extends fc.Arbitrary<infer T> ? T : never) => ({
  a: transposeA ? [inner, rows] : [rows, inner],
  b: transposeB ? [columns, inner] : [inner, columns],
});

/** Batches the cpu backend broadcasts rightly: equal, or one of them of a single matrix and the other not empty. */
const batches = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }), fc.constantFrom('both', 'left', 'right'))
  .filter(([batch, which]) => which === 'both' || !batch.includes(0))
  .map(([batch, which]) => {
    const ones = batch.map(() => 1);
    return { left: which === 'right' ? ones : batch, right: which === 'left' ? ones : batch };
  });

/** TensorFlow.js has a gradient where both batches are the same. */
const sameBatches = batches.filter(({ left, right }) => left.join() === right.join());

const matMul = (allowed: typeof batches, differentiable: boolean): Law => ({
  kernel: 'BatchMatMul',
  differentiable,
  instance: fc.tuple(matrices, allowed).map(([sizes, { left, right }]) => {
    const { a, b } = shapesOf(sizes);
    return {
      shapes: [
        [...left, ...a],
        [...right, ...b],
      ],
      about: sizes,
      compute: (x, y) => tf.matMul(x, y, sizes.transposeA, sizes.transposeB),
    };
  }),
  absolute,
});

const activations = ['linear', 'relu', 'elu', 'relu6', 'sigmoid', 'leakyrelu', 'prelu'] as const;
const slopes = (activation: string, columns: number) => (activation === 'prelu' ? [[columns]] : []);

/** A bias for each column, for each element, or none. */
const biases = fc.constantFrom('column', 'element', undefined);

const fusedMatMul = (allowed: typeof batches, differentiable: boolean): Law => ({
  kernel: '_FusedMatMul',
  differentiable,
  instance: fc
    .tuple(matrices, allowed, biases, fc.constantFrom(...activations))
    .map(([sizes, { left, right }, bias, activation]) => {
      const { a, b } = shapesOf(sizes);
      const { rows, columns, transposeA, transposeB } = sizes;
      const biasShape = bias === 'column' ? [columns] : [rows, columns];
      return {
        shapes: [
          [...left, ...a],
          [...right, ...b],
          ...(bias === undefined ? [] : [biasShape]),
          ...slopes(activation, columns),
        ],
        about: { ...sizes, activation, bias },
        compute: (x, y, ...rest) =>
          tf.fused.matMul({
            ...{ a: x, b: y, transposeA, transposeB, activation, leakyreluAlpha: 0.3 },
            ...(bias && { bias: rest[0] }),
            ...(activation === 'prelu' && { preluActivationWeights: rest.at(-1) as tf.Tensor }),
          }),
      };
    }),
  absolute,
});

const images = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 8 }),
    width: fc.integer({ min: 1, max: 8 }),
    channels: fc.integer({ min: 1, max: 4 }),
    outputs: fc.integer({ min: 1, max: 5 }),
    filterHeight: fc.integer({ min: 1, max: 3 }),
    filterWidth: fc.integer({ min: 1, max: 3 }),
    strides: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.constantFrom('same', 'valid', 1),
  })
  .filter(({ height, width, filterHeight, filterWidth }) => filterHeight <= height && filterWidth <= width);

type Image = typeof images extends fc.Arbitrary<infer T> ? T : never;

const imageShape = ({ batch, height, width, channels }: Image) => [batch, height, width, channels];
const filterShape = ({ filterHeight, filterWidth, channels, outputs }: Image) => [
  filterHeight,
  filterWidth,
  channels,
  outputs,
];

type Pad = 'same' | 'valid' | number;

const conv2D = (kernel: string): Law => ({
  kernel,
  instance: images.map((image) => ({
    shapes: [imageShape(image), filterShape(image)],
    about: image,
    compute: (x, filter) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, image.strides, image.pad as Pad),
  })),
  absolute,
});

/** Padding of each side by itself, and steps inside of patches. */
const explicitPads = fc.record({
  vertical: fc.tuple(fc.nat(3), fc.nat(3)),
  horizontal: fc.tuple(fc.nat(3), fc.nat(3)),
});

const explicitConv2D: Law = {
  kernel: 'Conv2D',
  instance: fc.tuple(images, explicitPads).map(([image, { vertical, horizontal }]) => ({
    shapes: [imageShape(image), filterShape(image)],
    about: { ...image, vertical, horizontal },
    compute: (x, filter) => {
      const pad: tf.backend_util.ExplicitPadding = [[0, 0], vertical, horizontal, [0, 0]];
      return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, image.strides, pad);
    },
  })),
  absolute,
};

const dilatedConv2D: Law = {
  kernel: 'Conv2D',
  instance: fc
    .tuple(images, fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })))
    .filter(([image, dilations]) => {
      const reach = [image.filterHeight, image.filterWidth].map((size, i) => (size - 1) * dilations[i] + 1);
      return image.pad !== 'valid' || (reach[0] <= image.height && reach[1] <= image.width);
    })
    .map(([image, dilations]) => ({
      shapes: [imageShape(image), filterShape(image)],
      about: { ...image, dilations },
      compute: (x, filter) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, image.pad as Pad, 'NHWC', dilations),
    })),
  differentiable: false,
  absolute,
};

const conv1D: Law = {
  kernel: 'Conv2D',
  instance: images.map((image) => ({
    shapes: [
      [image.batch, image.width, image.channels],
      [image.filterWidth, image.channels, image.outputs],
    ],
    about: image,
    compute: (x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 1, 'same'),
  })),
  absolute,
};

const fusedConv2D: Law = {
  kernel: 'FusedConv2D',
  instance: fc
    .tuple(images, fc.boolean(), fc.constantFrom(...activations))
    .map(([image, biased, activation]) => ({
      shapes: [
        imageShape(image),
        filterShape(image),
        ...(biased ? [[image.outputs]] : []),
        ...slopes(activation, image.outputs),
      ],
      about: { ...image, activation },
      compute: (x, filter, ...rest) =>
        tf.fused.conv2d({
          ...{ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, activation, leakyreluAlpha: 0.3 },
          ...{ strides: image.strides, pad: image.pad as Pad },
          ...(biased && { bias: rest[0] }),
          ...(activation === 'prelu' && { preluActivationWeights: rest.at(-1) as tf.Tensor }),
        }),
    })),
  absolute,
};

/**
 * What comes out has any size that the convolution brings back to at most the size of what goes in: where it brings it
 * back to less, the rest of what goes in does not count.
 */
const transposedConv2D: Law = {
  kernel: 'Conv2DBackpropInput',
  instance: fc
    .tuple(images, fc.tuple(fc.nat(4), fc.nat(4)), fc.boolean())
    .map(([image, less, exact]) => {
      const { filterHeight, filterWidth, strides } = image;
      const pad = (image.pad === 1 && Math.min(filterHeight, filterWidth) < 2 ? 0 : image.pad) as Pad;
      const sizes = [filterHeight, filterWidth].map((filter, axis) => {
        const size = [image.height, image.width][axis];
        const largest =
          pad === 'same'
            ? size * strides[axis]
            : (size - 1) * strides[axis] + filter - 2 * (pad === 'valid' ? 0 : pad);
        const smallest = pad === 'same' ? 1 : Math.max(1, filter - 2 * (pad === 'valid' ? 0 : pad));
        return Math.max(smallest, largest - (exact ? 0 : less[axis]));
      });
      return { image, pad, sizes };
    })
    .map(({ image, pad, sizes }) => ({
      shapes: [imageShape(image), [image.filterHeight, image.filterWidth, image.outputs, image.channels]],
      about: { ...image, sizes },
      compute: (x, filter) => {
        const shape: [number, number, number, number] = [image.batch, sizes[0], sizes[1], image.outputs];
        return tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, shape, image.strides, pad);
      },
    })),
  absolute,
};

/** A reduction; without elements to reduce, the cpu backend's result is its own. */
const reduction = (
  kernel: string,
  compute: (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor,
): Law => ({
  kernel,
  instance: fc.tuple(shapeWithAxes, fc.boolean()).map(([{ shape, axes }, keepDims]) => ({
    shapes: [shape],
    about: { axes, keepDims },
    compute: (x) => compute(x, axes, keepDims),
  })),
  absolute: 2e-7,
});

const softmax: Law = {
  kernel: 'Softmax',
  instance: shapes(1, 3).map((shape) => ({ shapes: [shape], compute: (x) => tf.softmax(x) })),
  absolute: 2e-7,
};

export const productLaws: Law[] = [
  matMul(batches, false),
  matMul(sameBatches, true),
  fusedMatMul(batches, false),
  fusedMatMul(sameBatches, true),
  conv2D('Conv2D'),
  conv2D('Conv2DBackpropFilter'),
  conv1D,
  explicitConv2D,
  dilatedConv2D,
  fusedConv2D,
  transposedConv2D,
  reduction('Max', tf.max),
  reduction('Mean', tf.mean),
  reduction('Min', tf.min),
  reduction('Sum', tf.sum),
  softmax,
];
