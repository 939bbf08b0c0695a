import { cpuBackend, missingTensorFlow } from '../tfjs/core';

if (cpuBackend === undefined) throw missingTensorFlow('tfjs-backend');

/** The backend whose kernels are inherited. */
export const { MathBackendCPU } = cpuBackend;
