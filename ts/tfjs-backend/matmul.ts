import { native } from '../native/binding';
import type { tf } from '../tfjs/core';
import { type Epilogue, fused, plain } from './fused';
import { type Kernel, type KernelCall, type Kernels, sizeOf } from './kernel';
import { broadcast } from './nest';

/** Sizes of a product and the nest of its batch, as the addon takes them, by the rank of the batch. */
const scratch: Int32Array[] = [];

/** A batch of products, each operand as it is stored, and what is done to the result. */
function product({ inputs, attrs, backend }: KernelCall, epilogue: Epilogue): tf.TensorInfo | undefined {
  const { a, b } = inputs;
  const [left, right] = [backend.floats(a), backend.floats(b)];
  if (left === undefined || right === undefined) return undefined;
  const [lastA, lastB] = [a.shape.length - 1, b.shape.length - 1];
  const [transposeA, transposeB] = [attrs.transposeA ? 1 : 0, attrs.transposeB ? 1 : 0];
  const rows = a.shape[lastA - 1 + transposeA];
  const inner = a.shape[lastA - transposeA];
  const columns = b.shape[lastB - transposeB];
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (inner !== b.shape[lastB - 1 + transposeB] || batch === undefined) return undefined;
  const shape = batch.shape;
  const rank = shape.length;
  shape.push(rows, columns);
  scratch[rank] ??= new Int32Array(5 + 3 * rank);
  const sizes = scratch[rank];
  sizes[0] = rows;
  sizes[1] = inner;
  sizes[2] = columns;
  sizes[3] = transposeA;
  sizes[4] = transposeB;
  sizes.set(batch.nest, 5);
  const out = backend.pool.take(sizeOf(shape));
  const { bias, activation, slope } = epilogue;
  native.product(left, right, bias, activation, slope, sizes, out);
  return backend.own(out, shape);
}

const batchMatMul: Kernel = (call) => product(call, plain);

const fusedMatMul: Kernel = (call) => {
  const { shape } = call.inputs.b;
  const columns = shape[shape.length - (call.attrs.transposeB ? 2 : 1)];
  return fused(call, columns, (epilogue) => product(call, epilogue));
};

export const matmulKernels: Kernels = { BatchMatMul: batchMatMul, _FusedMatMul: fusedMatMul };
