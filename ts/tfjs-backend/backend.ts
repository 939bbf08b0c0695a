import type { backend_util } from '@tensorflow/tfjs-core';
import { tf } from '../tfjs/core';
import { MathBackendCPU } from './cpu';
import { BufferPool, type PoolStatistics, smallBytes } from './pool';
import { TensorStore } from './store';

type Values = backend_util.BackendValues;
type TypedArray = Exclude<Values, Uint8Array[]>;

/**
 * The cpu backend with its hot kernels in native code, over the same arrays.
 *
 * Results of native kernels live in pooled memory: it is used again once the last tensor that shows it is disposed.
 * Therefore what is read from a tensor is a copy.
 */
export class NativeBackend extends MathBackendCPU {
  readonly pool = new BufferPool<Float32Array>(Float32Array, 2 ** 26);
  readonly bytePool = new BufferPool<Uint8Array>(Uint8Array, 2 ** 24);

  constructor() {
    super();
    const fetch = (dataId: object) => tf.engine().moveData(this, dataId);
    this.data = new TensorStore(fetch) as unknown as typeof this.data;
    // The cpu backend greets its first tensor with an advertisement.
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }

  override write(values: Values, shape: number[], dtype: tf.DataType): object {
    return super.write(this.#adopt(values), shape, dtype);
  }

  override move(
    dataId: object,
    values: Values,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    super.move(dataId, this.#adopt(values), shape, dtype, references);
  }

  /** Values from elsewhere: memory of the pool is no longer the pool's alone; small and shared memory is copied. */
  #adopt(values: Values): Values {
    if (!ArrayBuffer.isView(values)) return values;
    if (values.byteLength <= smallBytes) return values.slice();
    this.pool.release(values);
    this.bytePool.release(values);
    return values.buffer instanceof SharedArrayBuffer ? values.slice() : values;
  }

  override readSync(dataId: object): Values {
    const values = super.readSync(dataId);
    return ArrayBuffer.isView(values) && values === this.data.get(dataId).values ? values.slice() : values;
  }

  override bufferSync<R extends tf.Rank, D extends tf.DataType>(info: tf.TensorInfo): tf.TensorBuffer<R, D> {
    const { values } = this.data.get(info.dataId);
    // Kernels read their inputs through this: they need no copy.
    if (info.dtype === 'string' || info.dtype === 'complex64') return super.bufferSync(info);
    return tf.buffer(info.shape as tf.ShapeMap[R], info.dtype, values as TypedArray) as tf.TensorBuffer<R, D>;
  }

  override disposeData(dataId: object, force = false): boolean {
    const values = this.data.has(dataId) ? this.data.get(dataId).values : undefined;
    const gone = super.disposeData(dataId, force);
    if (gone && values instanceof Float32Array) this.pool.give(values);
    else if (gone && values instanceof Uint8Array) this.bytePool.give(values);
    return gone;
  }

  override dispose(): void {
    this.pool.clear();
    this.bytePool.clear();
  }

  /** The live numbers of a tensor in single precision; undefined for any other. */
  floats({ dataId, dtype }: tf.TensorInfo): Float32Array | undefined {
    const { values } = this.data.get(dataId);
    return dtype === 'float32' && values instanceof Float32Array ? values : undefined;
  }

  /** The live numbers of a tensor of integers; undefined for any other. */
  integers({ dataId, dtype }: tf.TensorInfo): Int32Array | undefined {
    const { values } = this.data.get(dataId);
    return dtype === 'int32' && values instanceof Int32Array ? values : undefined;
  }

  /** The live bytes of a tensor of truth values; undefined for any other. */
  booleans({ dataId, dtype }: tf.TensorInfo): Uint8Array | undefined {
    const { values } = this.data.get(dataId);
    return dtype === 'bool' && values instanceof Uint8Array ? values : undefined;
  }

  /** A tensor of what was taken from a pool. */
  own(values: Float32Array | Uint8Array, shape: number[]): tf.TensorInfo {
    const dtype = values instanceof Float32Array ? 'float32' : 'bool';
    return { dataId: super.write(values, shape, dtype), shape, dtype };
  }

  /** Of both pools together. */
  poolStatistics(): PoolStatistics {
    const [numbers, bytes] = [this.pool.statistics(), this.bytePool.statistics()];
    return {
      lent: numbers.lent + bytes.lent,
      free: numbers.free + bytes.free,
      requests: numbers.requests + bytes.requests,
      misses: numbers.misses + bytes.misses,
    };
  }

  /** The same data as a tensor of another shape. */
  share({ dataId, dtype }: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.incRef(dataId);
    return { dataId, shape, dtype };
  }
}
