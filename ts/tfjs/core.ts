import type * as core from '@tensorflow/tfjs-core';
import { SstError } from '../arguments/errors';

/** Whether a module could not be found; an error inside of it is another matter. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}

/** The first of some modules that is installed. */
function firstOf<T>(modules: Record<string, () => T>): T | undefined {
  for (const [name, load] of Object.entries(modules)) {
    try {
      return load();
    } catch (error) {
      if (!isMissing(error, name)) throw error;
    }
  }
  return undefined;
}

/** The error of an entry that lacks TensorFlow.js. */
export function missingTensorFlow(entry: string): SstError {
  return new SstError(
    'INVALID_ARGUMENT',
    `stochastic-softmax-tricks/${entry} needs TensorFlow.js: npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu (or @tensorflow/tfjs)`,
  );
}

// Where only @tensorflow/tfjs can be seen (package managers with a strict layout), it shows the same modules.
const full = { '@tensorflow/tfjs': () => require('@tensorflow/tfjs') };

const loaded = firstOf<typeof core>({
  '@tensorflow/tfjs-core': () => require('@tensorflow/tfjs-core'),
  ...full,
});
if (loaded === undefined) throw missingTensorFlow('tfjs');

/** The cpu backend, registered with the core; undefined if it is not installed. */
export const cpuBackend = firstOf<typeof import('@tensorflow/tfjs-backend-cpu')>({
  '@tensorflow/tfjs-backend-cpu': () => require('@tensorflow/tfjs-backend-cpu'),
  ...full,
});

// In Node the core comes without gradients; @tensorflow/tfjs brings its own.
if (loaded.getGradient('Square') === undefined) require('./gradients');

/**
 * The core of TensorFlow.js, the one instance that its user has: `@tensorflow/tfjs-core`, whether it was installed by
 * itself or with `@tensorflow/tfjs`.
 */
export const tf = loaded;

/** Types of TensorFlow.js, under the same name. */
export declare namespace tf {
  type AdamOptimizer = core.AdamOptimizer;
  type DataType = core.DataType;
  type GradFunc = core.GradFunc;
  type GradSaveFunc = core.GradSaveFunc;
  type KernelFunc = core.KernelFunc;
  type NamedAttrMap = core.NamedAttrMap;
  type NamedTensorInfoMap = core.NamedTensorInfoMap;
  type NamedTensorMap = core.NamedTensorMap;
  type Rank = core.Rank;
  type Scalar = core.Scalar;
  type ShapeMap = core.ShapeMap;
  type Tensor<R extends core.Rank = core.Rank> = core.Tensor<R>;
  type Tensor1D = core.Tensor1D;
  type Tensor2D = core.Tensor2D;
  type Tensor3D = core.Tensor3D;
  type TensorBuffer<R extends core.Rank, D extends core.DataType = 'float32'> = core.TensorBuffer<R, D>;
  type TensorInfo = core.TensorInfo;
  type Variable<R extends core.Rank = core.Rank> = core.Variable<R>;
}
