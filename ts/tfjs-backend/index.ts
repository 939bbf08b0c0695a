import { native } from '../native/binding';
import { tf } from '../tfjs/core';
import { followThreads } from '../threads';
import { adamKernels } from './adam';
import { NativeBackend } from './backend';
import { convKernels } from './conv';
import { elementwiseKernels } from './elementwise';
import { registerModelFiles } from './files';
import { gatherKernels } from './gather';
import type { Kernel, KernelCall, Kernels } from './kernel';

import { matmulKernels } from './matmul';
import { completeProductGradient } from './matmul-gradient';
import type { PoolStatistics } from './pool';
import { recurrentKernels } from './recurrent';
import { reduceKernels } from './reduce';
import { shapeKernels } from './shape';
import { storageKernels } from './storage';

export { Adam } from './adam';
export { NativeBackend } from './backend';
export type { PoolStatistics } from './pool';

const backendName = 'native';

/** Kernels of the cpu backend that have a native replacement. */
const replacements: Kernels = {
  ...convKernels,
  ...elementwiseKernels,
  ...gatherKernels,
  ...matmulKernels,
  ...reduceKernels,
  ...shapeKernels,
  ...storageKernels,
};

/** Names of the kernels that the backend replaces, sorted. */
export const nativeKernels: readonly string[] = Object.keys(replacements).sort();

/** Registers the backend `native`; importing this module does it. Once in a process. */
export function registerNativeBackend(): void {
  // Kernels stay when a backend is removed.
  if (tf.getKernelsForBackend(backendName).length === 0) registerKernels();
  // The default priority leaves the choice of the backend as it was.
  if (tf.findBackendFactory(backendName) === null) {
    tf.registerBackend(backendName, () => {
      completeProductGradient();
      return new NativeBackend();
    });
  }
}

function registerKernels(): void {
  tf.copyRegisteredKernels('cpu', backendName);
  for (const [kernelName, kernel] of Object.entries(replacements)) {
    const { kernelFunc: inherited } = tf.getKernel(kernelName, backendName);
    tf.unregisterKernel(kernelName, backendName);
    register(kernelName, (call) => kernel(call) ?? inherited(call as Parameters<tf.KernelFunc>[0]));
  }
  for (const [kernelName, kernel] of Object.entries({ ...adamKernels, ...recurrentKernels })) {
    register(kernelName, kernel);
  }
}

function register(kernelName: string, kernel: Kernel): void {
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: (call) => kernel(call as unknown as KernelCall) as tf.TensorInfo,
  });
}

/** The memory that the backend keeps for results; all zero before its first use. */
export function poolStatistics(): PoolStatistics {
  const backend = tf.findBackend(backendName) as NativeBackend | null;
  return backend?.poolStatistics() ?? { lent: 0, free: 0, requests: 0, misses: 0 };
}

followThreads(native.setKernelThreads);
registerNativeBackend();
registerModelFiles();
