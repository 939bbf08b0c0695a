import type { tf } from '../tfjs/core';
import { type Kernel, type Kernels, sizeOf } from './kernel';

const fill: Kernel = ({ attrs, backend }) => {
  const { shape, value, dtype } = attrs as { shape: number[]; value: unknown; dtype?: tf.DataType };
  if (typeof value !== 'number' || (dtype ?? 'float32') !== 'float32') return undefined;
  return backend.own(backend.pool.take(sizeOf(shape)).fill(value), shape);
};

function like(value: number): Kernel {
  return ({ inputs: { x }, backend }) =>
    x.dtype === 'float32' ? backend.own(backend.pool.take(sizeOf(x.shape)).fill(value), x.shape) : undefined;
}

/** Conversions between types of numbers, each to an array of its type (the cpu backend shares some). */
const cast: Kernel = ({ inputs: { x }, attrs, backend }) => {
  const { values } = backend.data.get(x.dataId);
  if (x.dtype === 'string' || x.dtype === 'complex64' || !ArrayBuffer.isView(values)) return undefined;
  if (x.dtype === attrs.dtype) return backend.share(x, x.shape);
  switch (attrs.dtype) {
    case 'float32': {
      const out = backend.pool.take(sizeOf(x.shape));
      out.set(values);
      return backend.own(out, x.shape);
    }
    case 'int32':
      return backend.makeTensorInfo(x.shape, 'int32', Int32Array.from(values));
    case 'bool':
      return backend.makeTensorInfo(
        x.shape,
        'bool',
        Uint8Array.from(values, (value) => Number(value !== 0)),
      );
    default:
      return undefined;
  }
};

export const storageKernels: Kernels = { Cast: cast, Fill: fill, OnesLike: like(1), ZerosLike: like(0) };
