import { native } from '../native/binding';
import { tf } from '../tfjs/core';
import type { NativeBackend } from './backend';
import { type Kernel, type KernelCall, type Kernels, sameShape, sizeOf, stridesOf } from './kernel';
import { nestOf } from './nest';

/** A part of an array: where it starts, and its steps along each axis. */
interface View {
  values: Float32Array;
  start: number;
  strides: number[];
}

/** Copies a part of one array to a part of another; false if it has too many axes. */
function copy(shape: number[], from: View, to: View): boolean {
  if (sizeOf(shape) === 0) return true;
  const nest = nestOf(shape, from.strides, to.strides);
  if (nest === undefined) return false;
  native.copy(from.values, from.start, to.start, nest, to.values);
  return true;
}

/** A new tensor from a part of an array. */
function collect(backend: NativeBackend, shape: number[], from: View): tf.TensorInfo | undefined {
  const values = backend.pool.take(sizeOf(shape));
  const done = copy(shape, from, { values, start: 0, strides: stridesOf(shape) });
  if (done) return backend.own(values, shape);
  backend.pool.give(values);
  return undefined;
}

const offsetOf = (position: number[], strides: number[]) =>
  position.reduce((sum, index, axis) => sum + index * strides[axis], 0);

const transpose: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const values = backend.floats(x);
  if (values === undefined) return undefined;
  const perm = attrs.perm as number[];
  const strides = stridesOf(x.shape);
  const shape = perm.map((axis) => x.shape[axis]);
  return collect(backend, shape, { values, start: 0, strides: perm.map((axis) => strides[axis]) });
};

const reverse: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const values = backend.floats(x);
  if (values === undefined) return undefined;
  const strides = stridesOf(x.shape);
  let start = 0;
  for (const axis of new Set(tf.util.parseAxisParam(attrs.dims as number | number[], x.shape))) {
    start += (x.shape[axis] - 1) * strides[axis];
    strides[axis] = -strides[axis];
  }
  return collect(backend, x.shape, { values, start, strides });
};

const slice: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const values = backend.floats(x);
  if (values === undefined) return undefined;
  const { slice_util: sliceUtil } = tf;
  const [begin, size] = sliceUtil.parseSliceParams(
    x as tf.Tensor,
    attrs.begin as number | number[],
    attrs.size as number | number[],
  );
  sliceUtil.assertParamsValid(x as tf.Tensor, begin, size);
  const strides = stridesOf(x.shape);
  return collect(backend, size, { values, start: offsetOf(begin, strides), strides });
};

/** Neighbouring parts along an axis, of the given sizes. */
function cut(
  { inputs, backend }: KernelCall,
  input: string,
  axis: number,
  sizes: number[],
  shapeOf: (size: number) => number[],
): tf.TensorInfo[] | undefined {
  const x = inputs[input];
  const values = backend.floats(x);
  if (values === undefined || x.shape.length > 8) return undefined;
  const strides = stridesOf(x.shape);
  let start = 0;
  return sizes.map((size) => {
    const shape = x.shape.slice();
    shape[axis] = size;
    const part = collect(backend, shape, { values, start, strides }) as tf.TensorInfo;
    start += size * strides[axis];
    return { ...part, shape: shapeOf(size) };
  });
}

const splitV: Kernel = (call) => {
  const { x } = call.inputs;
  const [axis] = tf.util.parseAxisParam(call.attrs.axis as number, x.shape);
  const splits = call.attrs.numOrSizeSplits as number | number[];
  const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, splits, axis);
  return cut(call, 'x', axis, sizes, (size) => x.shape.with(axis, size));
};

const unpack: Kernel = (call) => {
  const { value } = call.inputs;
  const [axis] = tf.util.parseAxisParam(call.attrs.axis as number, value.shape);
  const ones = new Array<number>(value.shape[axis]).fill(1);
  return cut(call, 'value', axis, ones, () => value.shape.toSpliced(axis, 1));
};

/** Tensors side by side along an axis. */
function join(tensors: tf.TensorInfo[], axis: number, backend: NativeBackend): tf.TensorInfo | undefined {
  const parts = tensors.map((tensor) => backend.floats(tensor));
  const [first] = tensors;
  const fits = tensors.every(({ shape }) => sameShape(shape.with(axis, 0), first.shape.with(axis, 0)));
  if (!fits || first.shape.length > 8 || parts.includes(undefined)) return undefined;
  const total = tensors.reduce((sum, { shape }) => sum + shape[axis], 0);
  const shape = first.shape.with(axis, total);
  const values = backend.pool.take(sizeOf(shape));
  const strides = stridesOf(shape);
  let start = 0;
  for (const [index, tensor] of tensors.entries()) {
    const from = { values: parts[index] as Float32Array, start: 0, strides: stridesOf(tensor.shape) };
    copy(tensor.shape, from, { values, start, strides });
    start += tensor.shape[axis] * strides[axis];
  }
  return backend.own(values, shape);
}

const concat: Kernel = ({ inputs, attrs, backend }) => {
  const tensors = Object.values(inputs);
  const [axis] = tf.util.parseAxisParam(attrs.axis as number, tensors[0].shape);
  return join(tensors, axis, backend);
};

const pack: Kernel = ({ inputs, attrs, backend }) => {
  const tensors = Object.values(inputs);
  const [{ shape }] = tensors;
  const axis = attrs.axis as number;
  if (axis < 0 || axis > shape.length || tensors.some((tensor) => !sameShape(tensor.shape, shape))) {
    return undefined;
  }
  const expanded = tensors.map((tensor) => ({ ...tensor, shape: shape.toSpliced(axis, 0, 1) }));
  return join(expanded, axis, backend);
};

const pad: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const from = backend.floats(x);
  const paddings = attrs.paddings as [number, number][];
  if (from === undefined || x.shape.length > 8 || paddings.flat().some((count) => count < 0))
    return undefined;
  const shape = x.shape.map((size, axis) => paddings[axis][0] + size + paddings[axis][1]);
  const values = backend.pool.take(sizeOf(shape)).fill(attrs.constantValue as number);
  const strides = stridesOf(shape);
  const start = offsetOf(
    paddings.map(([before]) => before),
    strides,
  );
  copy(x.shape, { values: from, start: 0, strides: stridesOf(x.shape) }, { values, start, strides });
  return backend.own(values, shape);
};

const tile: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const values = backend.floats(x);
  if (values === undefined) return undefined;
  const reps = attrs.reps as number[];
  const strides = stridesOf(x.shape);
  // Each axis becomes two: the repetitions, which stand still in the input, and the axis itself.
  const split = x.shape.flatMap((size, axis) => [reps[axis], size]);
  const from = { values, start: 0, strides: strides.flatMap((stride) => [0, stride]) };
  const result = collect(backend, split, from);
  return result && { ...result, shape: x.shape.map((size, axis) => size * reps[axis]) };
};

export const shapeKernels: Kernels = {
  Concat: concat,
  Pack: pack,
  PadV2: pad,
  Reverse: reverse,
  Slice: slice,
  SplitV: splitV,
  Tile: tile,
  Transpose: transpose,
  Unpack: unpack,
};
