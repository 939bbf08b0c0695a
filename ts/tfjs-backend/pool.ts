/** Buffers that are lent and lie ready, in bytes. */
export interface PoolStatistics {
  /** Held by live tensors. */
  lent: number;
  /** Ready to be lent again. */
  free: number;
}

/** What may lie ready at least, in bytes. */
const floor = 2 ** 26;

/** Arrays of up to so many bytes V8 keeps on its own heap until their buffer is asked for: they are not pooled. */
export const smallBytes = 64;

/**
 * Arrays that are used again once nobody reads them: allocating and clearing fresh memory costs more than most kernels.
 *
 * An array belongs to the pool until it is {@link release}d: what somebody else may hold is left to the garbage
 * collector. Unused arrays take no more memory than live ones did at their peak.
 */
export class BufferPool<T extends Float32Array | Uint8Array> {
  readonly #make: (length: number) => T;
  readonly #free = new Map<number, T[]>();
  readonly #own = new WeakSet<ArrayBufferLike>();
  #lentBytes = 0;
  #freeBytes = 0;
  #peakBytes = 0;

  /** @param make makes a new array */
  constructor(make: (length: number) => T) {
    this.#make = make;
  }

  /** An array of this length, with whatever is in it. */
  take(length: number): T {
    const ready = this.#free.get(length)?.pop();
    if (ready !== undefined) {
      this.#freeBytes -= ready.byteLength;
      this.#lend(ready);
      return ready;
    }
    const fresh = this.#make(length);
    if (fresh.byteLength <= smallBytes) return fresh;
    this.#own.add(fresh.buffer);
    this.#lend(fresh);
    if (this.#freeBytes + this.#lentBytes > floor + this.#peakBytes) this.clear();
    return fresh;
  }

  #lend({ byteLength }: T): void {
    this.#lentBytes += byteLength;
    if (this.#lentBytes > this.#peakBytes) this.#peakBytes = this.#lentBytes;
  }

  /** Takes an array back, if it is the pool's own. Nobody may use it any more. */
  give(values: T): void {
    if (values.byteLength <= smallBytes || !this.#own.has(values.buffer)) return;
    this.#lentBytes -= values.byteLength;
    this.#freeBytes += values.byteLength;
    const ready = this.#free.get(values.length);
    if (ready === undefined) this.#free.set(values.length, [values]);
    else ready.push(values);
  }

  /** Gives up an array's memory, because more than one tensor shows it from now on. */
  release(values: ArrayBufferView): void {
    if (this.#own.delete(values.buffer)) this.#lentBytes -= values.buffer.byteLength;
  }

  /** Leaves what lies ready to the garbage collector. */
  clear(): void {
    this.#free.clear();
    this.#freeBytes = 0;
  }

  statistics(): PoolStatistics {
    return { lent: this.#lentBytes, free: this.#freeBytes };
  }
}
