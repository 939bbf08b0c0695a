import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '../../ts/tfjs-backend';

export const backends = ['cpu', 'wasm', 'native'] as const;

/** Makes a backend, those of TensorFlow.js as they are published, the current one. */
export async function useBackend(backend: (typeof backends)[number]): Promise<void> {
  // Silences an advertisement of another backend.
  tf.enableProdMode();
  if (backend === 'wasm') {
    setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
  }
  expect(await tf.setBackend(backend)).toBe(true);
  await tf.ready();
}

/** The numbers of a tensor. */
export function numbers(tensor: tf.Tensor): Float32Array {
  return (tensor.dataSync() as Float32Array).slice();
}

/** Numbers in [-1, 1] without a pattern, exact in single precision. */
export function wave(length: number, phase: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(2.3 * i * i + phase));
}
