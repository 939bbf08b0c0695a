import type * as tf from '@tensorflow/tfjs';
import { native } from '../binding';
import { unaryNames } from './elementwise';
import { type Kernel, type KernelCall, type Kernels, sizeOf } from './kernel';
import { broadcast } from './nest';

const nothing = new Float32Array(0);
const none = -1;

/** The addon's number of a fused activation; undefined for those that are left to the cpu backend. */
export function activationNumber(activation: unknown): number | undefined {
  if (activation === undefined || activation === null || activation === 'linear') return none;
  const kernels: Record<string, string> = {
    elu: 'Elu',
    leakyrelu: 'LeakyRelu',
    relu: 'Relu',
    relu6: 'Relu6',
    sigmoid: 'Sigmoid',
  };
  const number = unaryNames.indexOf(kernels[activation as string]);
  return number < 0 ? undefined : number;
}

/** The numbers of a bias with an element for each column (none for no bias); undefined for any other bias. */
export function biasOf(
  bias: tf.TensorInfo | undefined,
  columns: number,
  { backend }: KernelCall,
): Float32Array | undefined {
  if (bias === undefined || bias === null) return nothing;
  const perColumn = sizeOf(bias.shape) === columns && bias.shape.at(-1) === columns;
  return perColumn ? backend.floats(bias) : undefined;
}

/** Sizes of a product and the nest of its batch, as the addon takes them, by the rank of the batch. */
const scratch: Int32Array[] = [];

/** A batch of products, each operand as it is stored, and what is done to the result. */
function product(call: KernelCall, bias: tf.TensorInfo | undefined, activation: number, slope: number) {
  const { inputs, attrs, backend } = call;
  const { a, b } = inputs;
  const [left, right] = [backend.floats(a), backend.floats(b)];
  if (left === undefined || right === undefined) return undefined;
  const [lastA, lastB] = [a.shape.length - 1, b.shape.length - 1];
  const [transposeA, transposeB] = [attrs.transposeA ? 1 : 0, attrs.transposeB ? 1 : 0];
  const rows = a.shape[lastA - 1 + transposeA];
  const inner = a.shape[lastA - transposeA];
  const columns = b.shape[lastB - transposeB];
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const biasValues = biasOf(bias, columns, call);
  if (inner !== b.shape[lastB - 1 + transposeB] || batch === undefined || biasValues === undefined) {
    return undefined;
  }
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
  native.product(left, right, biasValues, activation, slope, sizes, out);
  return backend.own(out, shape);
}

const batchMatMul: Kernel = (call) => product(call, undefined, none, 0);

const fusedMatMul: Kernel = (call) => {
  const activation = activationNumber(call.attrs.activation);
  if (activation === undefined) return undefined;
  return product(call, call.inputs.bias, activation, (call.attrs.leakyreluAlpha as number) ?? 0);
};

export const matmulKernels: Kernels = { BatchMatMul: batchMatMul, _FusedMatMul: fusedMatMul };
