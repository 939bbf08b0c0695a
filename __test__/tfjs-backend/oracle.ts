import * as tf from '@tensorflow/tfjs';

/** How often kernels of the cpu backend ran, by name: the native backend inherits the counting ones. */
export const inheritedCalls = new Map<string, number>();

// The cpu backend's kernels are wrapped before the native backend copies them.
for (const config of tf.getKernelsForBackend('cpu')) {
  const { kernelName, kernelFunc } = config;
  tf.unregisterKernel(kernelName, 'cpu');
  tf.registerKernel({
    ...config,
    kernelFunc: (call) => {
      inheritedCalls.set(kernelName, (inheritedCalls.get(kernelName) ?? 0) + 1);
      return kernelFunc(call);
    },
  });
}

export const { Adam, nativeKernels, poolStatistics } =
  require('../../ts/tfjs-backend') as typeof import('../../ts/tfjs-backend');

/** Starts both backends; a kernel that leaks data throws from now on. */
export async function startBackends(): Promise<void> {
  tf.enableProdMode();
  for (const backend of ['cpu', 'native']) expect(await tf.setBackend(backend)).toBe(true);
  tf.env().set('IS_TEST', true);
}

/** Runs on a backend that has been started (`setBackend` is asynchronous for others only), and disposes what is left. */
export function on<T>(backend: 'cpu' | 'native', run: () => T): T {
  void tf.setBackend(backend);
  expect(tf.getBackend()).toBe(backend);
  let result: T | undefined;
  tf.tidy(() => {
    result = run();
  });
  return result as T;
}

/** Numbers of a result, with their shape and type. */
export interface Outcome {
  shape: number[];
  dtype: string;
  numbers: ArrayLike<number>;
}

export function outcome(tensor: tf.Tensor): Outcome {
  return { shape: tensor.shape, dtype: tensor.dtype, numbers: tensor.dataSync() };
}

/**
 * The same type and shape, and numbers that differ by `relative` of their own size and `absolute` of the largest finite
 * one's at most; NaN and infinities are the same.
 */
export function expectSame(got: Outcome, expected: Outcome, relative: number, absolute: number): void {
  expect([got.dtype, ...got.shape]).toEqual([expected.dtype, ...expected.shape]);
  expect(got.numbers.length).toBe(expected.numbers.length);
  let largest = 0;
  for (let i = 0; i < expected.numbers.length; i++) {
    if (Number.isFinite(expected.numbers[i])) largest = Math.max(largest, Math.abs(expected.numbers[i]));
  }
  for (let i = 0; i < expected.numbers.length; i++) {
    const [a, b] = [got.numbers[i], expected.numbers[i]];
    const same = Object.is(a, b) || a === b;
    if (!same && !(Math.abs(a - b) <= relative * Math.abs(b) + absolute * largest)) {
      throw new Error(`element ${i} of [${expected.shape}]: got ${a}, expected ${b}`);
    }
  }
}
