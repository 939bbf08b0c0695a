/** Buffers that are lent and lie ready, in bytes. */
export interface PoolStatistics {
  /** Held by live tensors. */
  lent: number;
  /** Ready to be lent again. */
  free: number;
}

/** What may lie ready at least, in bytes. */
const floor = 2 ** 26;

/**
 * Arrays that are used again once nobody reads them: allocating and clearing fresh memory costs more than most kernels.
 *
 * An array belongs to the pool until it is {@link release}d: what somebody else may hold is left to the garbage
 * collector. Unused arrays take no more memory than live ones did at their peak.
 */
export class BufferPool {
  readonly #free = new Map<number, Float32Array<ArrayBuffer>[]>();
  readonly #own = new WeakSet<ArrayBufferLike>();
  #lentBytes = 0;
  #freeBytes = 0;
  #peakBytes = 0;

  /** An array of this length, with whatever is in it. */
  take(length: number): Float32Array<ArrayBuffer> {
    const bytes = 4 * length;
    this.#lentBytes += bytes;
    if (this.#lentBytes > this.#peakBytes) this.#peakBytes = this.#lentBytes;
    const ready = this.#free.get(length)?.pop();
    if (ready !== undefined) {
      this.#freeBytes -= bytes;
      return ready;
    }
    if (this.#freeBytes + this.#lentBytes > floor + this.#peakBytes) this.clear();
    const fresh = new Float32Array(length);
    this.#own.add(fresh.buffer);
    return fresh;
  }

  /** Takes an array back, if it is the pool's own. Nobody may use it any more. */
  give(values: Float32Array): void {
    if (!this.#own.has(values.buffer)) return;
    this.#lentBytes -= values.byteLength;
    this.#freeBytes += values.byteLength;
    const ready = this.#free.get(values.length);
    if (ready === undefined) this.#free.set(values.length, [values as Float32Array<ArrayBuffer>]);
    else ready.push(values as Float32Array<ArrayBuffer>);
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
