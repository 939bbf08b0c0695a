import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type TransposedProduct, tileColumns, transposedProduct } from './transposed-product';

interface KernelCall {
  inputs: Record<string, tf.TensorInfo>;
  attrs: Record<string, unknown>;
  /** Runs a wasm kernel as it was before any replacement. */
  run: (kernel: string, inputs: tf.NamedTensorInfoMap, attrs?: Record<string, unknown>) => tf.TensorInfo;
  /** Frees an intermediate result. */
  free: (info: tf.TensorInfo) => void;
  /** Where in the backend's memory a tensor's numbers start. */
  locate: (info: tf.TensorInfo) => number;
}

const originals = new Map<string, tf.KernelConfig>();

/**
 * Replaces kernels of the (current) wasm backend that are slow in training: products of transposed matrices, sums over
 * leading axes, copies. Done once in a process.
 */
export function speedUpWasm(): void {
  if (originals.size > 0) return;
  const { asm } = (tf.backend() as BackendWasm).wasm as unknown as { asm?: { memory?: object } };
  const transposed = asm?.memory && transposedProduct(asm.memory);
  replaceKernel('BatchMatMul', (call) => product(call, transposed));
  replaceKernel('Sum', sumByPooling);
  replaceKernel('Identity', share);
  replaceKernel('Cast', castOrShare);
}

function replaceKernel(kernelName: string, replacement: (call: KernelCall) => tf.TensorInfo): void {
  originals.set(kernelName, wasmKernel(kernelName));
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      replacement({
        inputs: inputs as Record<string, tf.TensorInfo>,
        attrs: (attrs ?? {}) as Record<string, unknown>,
        run: (name, arrays, attributes = {}) =>
          wasmKernel(name).kernelFunc({
            inputs: arrays,
            backend,
            attrs: attributes as tf.NamedAttrMap,
          }) as tf.TensorInfo,
        free: (info) => (backend as BackendWasm).disposeData(info.dataId),
        locate: (info) => (backend as BackendWasm).typedArrayFromHeap(info).byteOffset,
      }),
  });
}

function wasmKernel(kernelName: string): tf.KernelConfig {
  return originals.get(kernelName) ?? tf.getKernel(kernelName, 'wasm');
}

/** A product with transposed operands: by the kernel for X^T Y, or as transposes followed by the plain product. */
function product(call: KernelCall, transposed: TransposedProduct | undefined): tf.TensorInfo {
  const { inputs, attrs, run, free } = call;
  const transposeA = attrs.transposeA === true;
  const transposeB = attrs.transposeB === true;
  if (transposed !== undefined && transposeA && !transposeB && suitsTransposedProduct(inputs)) {
    return runTransposedProduct(call, transposed);
  }
  const upright = (x: tf.TensorInfo, transposed: boolean): tf.TensorInfo => {
    const rank = x.shape.length;
    const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2];
    return transposed ? run('Transpose', { x }, { perm }) : x;
  };
  const a = upright(inputs.a, transposeA);
  const b = upright(inputs.b, transposeB);
  const result = multiply(a, b, call);
  if (a !== inputs.a) free(a);
  if (b !== inputs.b) free(b);
  return result;
}

function suitsTransposedProduct({ a, b }: KernelCall['inputs']): boolean {
  const [rows, columnsA] = a.shape;
  const columnsB = b.shape[1];
  const single = a.shape.length === 2 && b.shape.length === 2 && rows > 0;
  return single && columnsA % tileColumns === 0 && columnsB % (2 * tileColumns) === 0;
}

function runTransposedProduct(
  { inputs, run, locate }: KernelCall,
  transposed: TransposedProduct,
): tf.TensorInfo {
  const { a, b } = inputs;
  const [rows, columnsA] = a.shape;
  const columnsB = b.shape[1];
  const result = run('Fill', {}, { shape: [columnsA, columnsB], value: 0, dtype: 'float32' });
  transposed(locate(a), locate(b), locate(result), rows, 4 * columnsA, 4 * columnsB);
  return result;
}

const shapeAsFactor = new WeakMap<object, string>();

/**
 * A plain product. The wasm kernel keeps a packed copy of its right factor under the factor's data id, whatever its
 * shape: data met before in another shape (a reshape shares its data) is copied to get an id of its own.
 */
function multiply(a: tf.TensorInfo, b: tf.TensorInfo, { run, free }: KernelCall): tf.TensorInfo {
  const shape = b.shape.join();
  const before = shapeAsFactor.get(b.dataId);
  if (before === undefined) shapeAsFactor.set(b.dataId, shape);
  const clash = before !== undefined && before !== shape;
  const factor = clash ? run('Slice', { x: b }, { begin: b.shape.map(() => 0), size: b.shape }) : b;
  const result = run('BatchMatMul', { a, b: factor }, { transposeA: false, transposeB: false });
  if (clash) free(factor);
  return result;
}

const widestPool = 7;

/**
 * A sum over adjacent axes that are not the last ones as average pooling, a few rows at a time: the wasm pooling is
 * vectorised over what follows the axes (and overruns its stack for windows wider than 7). What is left of a row
 * count with a larger prime factor goes to the original kernel.
 */
function sumByPooling({ inputs, attrs, run, free }: KernelCall): tf.TensorInfo {
  const { x } = inputs;
  const axes = tf.util.parseAxisParam(attrs.axis as number | number[], x.shape).sort((a, b) => a - b);
  const first = axes[0];
  const after = first + axes.length;
  const adjacent = axes.every((axis, index) => axis === first + index);
  if (!adjacent || after === x.shape.length || axes.length === 0 || x.dtype !== 'float32') {
    return run('Sum', inputs, attrs);
  }
  const outer = tf.util.sizeFromShape(x.shape.slice(0, first));
  const inner = tf.util.sizeFromShape(x.shape.slice(after));
  let rows = tf.util.sizeFromShape(x.shape.slice(first, after));
  let rest: tf.TensorInfo = x;
  const take = (next: tf.TensorInfo) => {
    if (rest !== x) free(rest);
    rest = next;
  };
  const total = rows;
  for (let window = widestPool; window > 1; window--) {
    for (; rows % window === 0; rows /= window) {
      const image = { ...rest, shape: [outer, window, 1, (rows / window) * inner] };
      const pool = { filterSize: [window, 1], strides: [window, 1], pad: 'valid', dimRoundingMode: null };
      take(run('AvgPool', { x: image }, pool));
    }
  }
  if (rows > 1) {
    take(run('Sum', { x: { ...rest, shape: [outer, rows, inner] } }, { axis: 1, keepDims: false }));
  }
  if (rows < total) {
    const factor = run('Fill', {}, { shape: [], value: total / rows, dtype: 'float32' });
    take(run('Multiply', { a: rest, b: factor }));
    free(factor);
  }
  const kept = attrs.keepDims === true ? axes.map(() => 1) : [];
  const shape = [...x.shape.slice(0, first), ...kept, ...x.shape.slice(after)];
  return rest === x ? run('Reshape', { x }, { shape }) : { ...rest, shape };
}

/** A tensor again, sharing its data (the wasm kernel copies). */
function share({ inputs, run }: KernelCall): tf.TensorInfo {
  return run('Reshape', inputs, { shape: inputs.x.shape });
}

/** A conversion to the type a tensor has shares its data too. */
function castOrShare(call: KernelCall): tf.TensorInfo {
  const { inputs, attrs, run } = call;
  return inputs.x.dtype === attrs.dtype ? share(call) : run('Cast', inputs, attrs);
}
