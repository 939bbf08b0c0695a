import { fromNative } from '../../arguments/errors';
import type { tf } from '../../tfjs/core';
import { type KernelCall, sizeOf } from '../kernel';

/** The sizes of a call, as the addon takes them. */
export interface Sizes {
  shape: Int32Array;
  lengths: Uint32Array;
}

/** The sizes in a call's attributes. */
export function sizesOf({ attrs }: KernelCall): Sizes {
  const { sizes, lengths } = attrs as { sizes: number[]; lengths: Uint32Array };
  return { shape: Int32Array.from(sizes), lengths };
}

/** The numbers of the inputs of these names; none for an input that is absent. */
export function numbers({ inputs, backend }: KernelCall, names: readonly string[]): Float32Array[] {
  return names.map((name) =>
    inputs[name] === undefined ? new Float32Array(0) : (backend.floats(inputs[name]) as Float32Array),
  );
}

/** Tensors of these shapes that some work writes, with a workspace that is given back. */
export function written(
  { backend }: KernelCall,
  shapes: number[][],
  workspaceLength: number,
  work: (outputs: Float32Array[], workspace: Float32Array) => void,
): tf.TensorInfo[] {
  const outputs = shapes.map((shape) => backend.pool.take(sizeOf(shape)));
  const workspace = backend.pool.take(workspaceLength);
  try {
    work(outputs, workspace);
  } catch (error) {
    for (const values of outputs) backend.pool.give(values);
    throw fromNative(error);
  } finally {
    backend.pool.give(workspace);
  }
  return outputs.map((values, index) => backend.own(values, shapes[index]));
}
