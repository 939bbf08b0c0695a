import * as tf from '@tensorflow/tfjs';
import { RandomStream } from '../../ts/training';

/** Standard normal numbers, exact in single precision. */
export function normals(length: number, ...path: (string | number)[]): Float32Array {
  const random = new RandomStream(1, 'training tests', ...path);
  return Float32Array.from({ length }, () => random.normal());
}

/** A tensor's numbers as they are now. */
export function read(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** The largest difference of two lists of one length. */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(got.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i] - expected[i]);
    // NaN is as far as can be.
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** Expects that some work leaves no tensor behind. */
export function leavesNothing(work: () => void): void {
  const before = tf.memory().numTensors;
  work();
  expect(tf.memory().numTensors).toBe(before);
}

/** Central differences in doubles, with an error near 1e-9. */
export function differences(f: (x: Float64Array) => number, at: ArrayLike<number>): number[] {
  const step = 1e-5;
  return Array.from({ length: at.length }, (_, i) => {
    const moved = (by: number) => {
      const x = Float64Array.from(at);
      x[i] += by;
      return f(x);
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
}
