import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type Backend, fallbackWarning, usableBackend } from './usable-backend';
import { speedUpWasm } from './wasm-kernels';

/**
 * Makes a backend the current one: wasm, with {@link speedUpWasm} and a line of warning, where the native one cannot be
 * used.
 *
 * @returns the backend in use
 */
export async function useBackend(asked: Backend): Promise<Backend> {
  const backend = usableBackend(asked);
  if (backend !== asked) console.warn(fallbackWarning);
  tf.enableProdMode();
  if (backend === 'native') require('../tfjs-backend');
  if (backend === 'wasm') {
    const name = '@tensorflow/tfjs-backend-wasm';
    const { setWasmPaths } = require(name) as typeof import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(require.resolve(name))}${sep}`);
  }
  await tf.setBackend(backend);
  await tf.ready();
  if (backend === 'wasm') speedUpWasm();
  return backend;
}
