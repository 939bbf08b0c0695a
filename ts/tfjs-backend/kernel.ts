import type { tf } from '../tfjs/core';
import type { NativeBackend } from './backend';

/** What a kernel is called with. */
export interface KernelCall {
  inputs: Record<string, tf.TensorInfo>;
  attrs: Record<string, unknown>;
  backend: NativeBackend;
}

/** A native kernel; undefined where the cpu backend's kernel shall do it: other types, odd cases, errors. */
export type Kernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[] | undefined;

/** Kernels by the name they replace. */
export type Kernels = Record<string, Kernel>;

/** Product of the sizes. */
export function sizeOf(shape: number[]): number {
  let size = 1;
  for (const axis of shape) size *= axis;
  return size;
}

/** Steps between neighbours along each axis of an array without gaps. */
export function stridesOf(shape: number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function sameShape(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
