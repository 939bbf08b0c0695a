import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';

type Store = MathBackendCPU['data'];
type TensorData = ReturnType<Store['get']>;

/** Fetches data that another backend has. */
type Fetch = (dataId: object) => void;

const key = Symbol('data of the native backend');

/**
 * The data of tensors, kept on their ids: TensorFlow.js keeps it in a WeakMap, which costs the garbage collector more
 * than small kernels take.
 */
export class TensorStore {
  readonly #fetch: Fetch;
  #count = 0;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  get(dataId: object): TensorData {
    const held = (dataId as Holder)[key];
    if (held !== undefined) return held;
    this.#fetch(dataId);
    return (dataId as Holder)[key] as TensorData;
  }

  set(dataId: object, data: TensorData): void {
    this.#count++;
    (dataId as Holder)[key] = data;
  }

  has(dataId: object): boolean {
    return (dataId as Holder)[key] !== undefined;
  }

  delete(dataId: object): boolean {
    if (!this.has(dataId)) return false;
    this.#count--;
    (dataId as Holder)[key] = undefined;
    return true;
  }

  numDataIds(): number {
    return this.#count;
  }
}

interface Holder {
  [key]?: TensorData | undefined;
}
