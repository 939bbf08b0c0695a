import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { speedUpWasm } from './wasm-kernels';

/** A TensorFlow.js backend an experiment can use. */
export type Backend = 'wasm' | 'cpu';

/** Makes a backend the current one; the wasm backend with {@link speedUpWasm}. */
export async function useBackend(backend: Backend): Promise<void> {
  tf.enableProdMode();
  if (backend === 'wasm') {
    setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
  }
  await tf.setBackend(backend);
  await tf.ready();
  if (backend === 'wasm') speedUpWasm();
}
