import { native } from '../native/binding';
import { tf } from '../tfjs/core';
import { type Kernel, type Kernels, sizeOf } from './kernel';

function reduction(operation: number): Kernel {
  return ({ inputs: { x }, attrs, backend }) => {
    const values = backend.floats(x);
    if (values === undefined) return undefined;
    const axis = (attrs.axis ?? attrs.reductionIndices) as number | number[];
    const reduced = new Set(tf.util.parseAxisParam(axis, x.shape));
    const axes = new Int32Array(2 * x.shape.length);
    const shape: number[] = [];
    let count = 1;
    for (const [index, size] of x.shape.entries()) {
      axes[2 * index] = size;
      if (reduced.has(index)) {
        axes[2 * index + 1] = 1;
        count *= size;
        if (attrs.keepDims === true) shape.push(1);
      } else shape.push(size);
    }
    // What a reduction of nothing is, the cpu backend decides.
    if (count === 0) return undefined;
    const out = backend.pool.take(sizeOf(shape));
    native.reduce(operation, values, axes, out);
    return backend.own(out, shape);
  };
}

const softmax: Kernel = ({ inputs: { logits }, attrs, backend }) => {
  const values = backend.floats(logits);
  const last = logits.shape.length - 1;
  if (values === undefined || !(attrs.dim === -1 || attrs.dim === last) || !(logits.shape[last] > 0)) {
    return undefined;
  }
  const out = backend.pool.take(sizeOf(logits.shape));
  native.softmaxRows(values, logits.shape[last], out);
  return backend.own(out, logits.shape);
};

export const reduceKernels: Kernels = {
  ...Object.fromEntries(native.reductionNames().map((name, operation) => [name, reduction(operation)])),
  Softmax: softmax,
};
