import * as tf from '@tensorflow/tfjs';
import type { Batch } from './batches';
import { tokens as vocabulary } from './corpus/tokens';

/** A batch as tensors; rows of padding are zero. */
export interface BatchTensors {
  size: number;
  width: number;
  lengths: Uint32Array;
  /** Tokens as unit vectors, [expressions x width, tokens]. */
  oneHot: tf.Tensor2D;
  /** The same forwards and, each expression by itself, backwards: [2, expressions x width, tokens]. */
  bothWays: tf.Tensor3D;
  /** Matrices that reverse each expression, [expressions, width, width]. */
  reversal: tf.Tensor3D;
  /** Labels as unit vectors, [expressions, 10]. */
  labels: tf.Tensor2D;
}

/** Lays a batch down as tensors. */
export function batchTensors({ size, width, lengths, tokens, labels }: Batch): BatchTensors {
  const kinds = vocabulary.length;
  const cells = size * width;
  const bothWays = new Float32Array(2 * cells * kinds);
  const reversal = new Float32Array(cells * width);
  for (let row = 0; row < size; row++) {
    for (let at = 0; at < lengths[row]; at++) {
      const token = tokens[row * width + at];
      const mirrored = lengths[row] - 1 - at;
      bothWays[(row * width + at) * kinds + token] = 1;
      bothWays[(cells + row * width + mirrored) * kinds + token] = 1;
      reversal[(row * width + at) * width + mirrored] = 1;
    }
  }
  const targets = new Float32Array(size * 10);
  for (let row = 0; row < size; row++) targets[row * 10 + labels[row]] = 1;
  return {
    size,
    width,
    lengths,
    oneHot: tf.tensor2d(bothWays.slice(0, cells * kinds), [cells, kinds]),
    bothWays: tf.tensor3d(bothWays, [2, cells, kinds]),
    reversal: tf.tensor3d(reversal, [size, width, width]),
    labels: tf.tensor2d(targets, [size, 10]),
  };
}
