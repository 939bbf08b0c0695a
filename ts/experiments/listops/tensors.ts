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
  /** Labels as unit vectors, [expressions, 10]. */
  labels: tf.Tensor2D;
}

/** Lays a batch down as tensors. */
export function batchTensors({ size, width, lengths, tokens, labels }: Batch): BatchTensors {
  const kinds = vocabulary.length;
  const cells = size * width;
  const units = new Float32Array(cells * kinds);
  for (let row = 0; row < size; row++) {
    for (let at = row * width; at < row * width + lengths[row]; at++) units[at * kinds + tokens[at]] = 1;
  }
  const targets = new Float32Array(size * 10);
  for (let row = 0; row < size; row++) targets[row * 10 + labels[row]] = 1;
  return {
    size,
    width,
    lengths,
    oneHot: tf.tensor2d(units, [cells, kinds]),
    labels: tf.tensor2d(targets, [size, 10]),
  };
}
