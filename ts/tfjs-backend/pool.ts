/** The memory of a pool, in bytes, and how often it was asked for an array. */
export interface PoolStatistics {
  /** Held by live tensors. */
  lent: number;
  /** Ready to be lent again. */
  free: number;
  /** Arrays asked for so far. */
  requests: number;
  /** Those of them that needed fresh memory. */
  misses: number;
}

/** Arrays of up to so many bytes V8 keeps on its own heap until their buffer is asked for: they are not pooled. */
export const smallBytes = 64;

/** Sizes of buffers between a power of two and the next. */
const classesPerOctave = 4;

/** What makes arrays. */
interface ArrayType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, offset: number, length: number): T;
}

/** Buffers of one size. */
interface SizeClass<T> {
  /** Those that lie ready, each as the array that was given back. */
  readonly ready: T[];
  /** The number of the last request for this size, or served by it. */
  lastRequest: number;
}

/**
 * The size of the buffer of an array: one of four sizes between powers of two, and a multiple of 64 bytes. It is at most
 * a quarter more than was asked for, or 63 bytes.
 */
export function classBytes(bytes: number): number {
  if (bytes <= 256) return (bytes + 63) & ~63;
  const step = stepOf(bytes);
  return Math.ceil(bytes / step) * step;
}

/** The distance between the sizes of buffers around a size. */
function stepOf(bytes: number): number {
  return bytes > 2 ** 31 ? 2 ** 29 : Math.max(64, 2 ** (31 - Math.clz32(bytes - 1)) / classesPerOctave);
}

/**
 * Arrays whose memory is used again once nobody reads them: allocating and clearing fresh memory costs more than most
 * kernels.
 *
 * An array shows the front of a buffer of one of few sizes ({@link classBytes}), so that batches of many lengths share
 * buffers; where those of a size are used up, one of the next sizes below twice as much serves. The array belongs to the
 * pool until it is {@link release}d: what somebody else may hold is left to the garbage collector.
 *
 * Lent and free buffers together take at most twice what was lent at its peak, and an allowance. Beyond that, the sizes
 * that were not asked for for longest are given up.
 */
export class BufferPool<T extends Float32Array | Uint8Array> {
  readonly #type: ArrayType<T>;
  readonly #allowance: number;
  readonly #classes = new Map<number, SizeClass<T>>();
  readonly #own = new WeakSet<ArrayBufferLike>();
  #lentBytes = 0;
  #freeBytes = 0;
  #peakBytes = 0;
  #requests = 0;
  #misses = 0;

  /**
   * @param type what the arrays are
   * @param allowance what the pool may hold beside twice the peak, in bytes
   */
  constructor(type: ArrayType<T>, allowance: number) {
    this.#type = type;
    this.#allowance = allowance;
  }

  /** An array of this length, with whatever is in it. */
  take(length: number): T {
    const bytes = length * this.#type.BYTES_PER_ELEMENT;
    if (bytes <= smallBytes) return new this.#type(length);
    const request = this.#requests++;
    const size = classBytes(bytes);
    const own = this.#classOf(size);
    own.lastRequest = request;
    const ready = own.ready.pop() ?? this.#takeLarger(size, request);
    if (ready !== undefined) {
      this.#freeBytes -= ready.buffer.byteLength;
      this.#lend(ready.buffer.byteLength);
      return ready.length === length ? ready : new this.#type(ready.buffer, 0, length);
    }
    this.#misses++;
    const buffer = new ArrayBuffer(size);
    this.#own.add(buffer);
    this.#lend(size);
    this.#shrink(2 * this.#peakBytes + this.#allowance);
    return new this.#type(buffer, 0, length);
  }

  /** An array over a larger buffer, if one below twice the size lies ready. */
  #takeLarger(size: number, request: number): T | undefined {
    for (let larger = classBytes(size + 1); larger < 2 * size; larger = classBytes(larger + 1)) {
      const other = this.#classes.get(larger);
      const ready = other?.ready.pop();
      if (other === undefined || ready === undefined) continue;
      other.lastRequest = request;
      return ready;
    }
    return undefined;
  }

  #classOf(size: number): SizeClass<T> {
    let found = this.#classes.get(size);
    if (found === undefined) {
      found = { ready: [], lastRequest: this.#requests };
      this.#classes.set(size, found);
    }
    return found;
  }

  #lend(bytes: number): void {
    this.#lentBytes += bytes;
    if (this.#lentBytes > this.#peakBytes) this.#peakBytes = this.#lentBytes;
  }

  /** Gives up free buffers until the pool holds at most so much, if they are enough. */
  #shrink(limit: number): void {
    while (this.#freeBytes > 0 && this.#lentBytes + this.#freeBytes > limit) {
      const filled = [...this.#classes].filter(([, { ready }]) => ready.length > 0);
      const [size, { ready }] = filled.reduce((oldest, other) =>
        other[1].lastRequest < oldest[1].lastRequest ? other : oldest,
      );
      while (ready.length > 0 && this.#lentBytes + this.#freeBytes > limit) {
        ready.pop();
        this.#freeBytes -= size;
      }
    }
  }

  /** Takes an array back, if it is the pool's own. Nobody may use it any more. */
  give(values: T): void {
    if (values.byteLength <= smallBytes || !this.#own.has(values.buffer)) return;
    const size = values.buffer.byteLength;
    this.#lentBytes -= size;
    this.#freeBytes += size;
    this.#classOf(size).ready.push(values);
  }

  /** Gives up an array's memory, because more than one tensor shows it from now on. */
  release(values: ArrayBufferView): void {
    if (this.#own.delete(values.buffer)) this.#lentBytes -= values.buffer.byteLength;
  }

  /** Leaves what lies ready to the garbage collector. */
  clear(): void {
    this.#classes.clear();
    this.#freeBytes = 0;
  }

  statistics(): PoolStatistics {
    return {
      lent: this.#lentBytes,
      free: this.#freeBytes,
      requests: this.#requests,
      misses: this.#misses,
    };
  }
}
