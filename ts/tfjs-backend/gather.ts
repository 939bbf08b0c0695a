import { native } from '../native/binding';
import { tf } from '../tfjs/core';
import { type Kernel, type Kernels, sizeOf } from './kernel';

const gather: Kernel = ({ inputs: { x, indices }, attrs, backend }) => {
  const values = backend.floats(x);
  const chosen = backend.integers(indices);
  if (values === undefined || chosen === undefined) return undefined;
  const [axis] = tf.util.parseAxisParam(attrs.axis as number, x.shape);
  const { collectGatherOpShapeInfo } = tf.backend_util.segment_util;
  const batchDims = (attrs.batchDims as number) ?? 0;
  const info = collectGatherOpShapeInfo(x as tf.Tensor, indices as tf.Tensor, axis, batchDims);
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info;
  if (batchSize === 0) return undefined;
  const out = backend.pool.take(sizeOf(outputShape));
  const sizes = Int32Array.of(batchSize, outerSize, dimSize, sliceSize);
  if (native.gather(values, chosen, sizes, out)) return backend.own(out, outputShape);
  // An index out of range: the cpu backend says so.
  backend.pool.give(out);
  return undefined;
};

const unsortedSegmentSum: Kernel = ({ inputs: { x, segmentIds }, attrs, backend }) => {
  const values = backend.floats(x);
  const ids = backend.integers(segmentIds);
  const segments = attrs.numSegments as number;
  if (values === undefined || ids === undefined || segments < 1) return undefined;
  if (segmentIds.shape.length !== 1 || x.shape[0] !== ids.length) return undefined;
  const rest = x.shape.slice(1);
  const width = sizeOf(rest);
  const out = backend.pool.take(segments * width);
  native.segmentSum(values, ids, width, out);
  return backend.own(out, [segments, ...rest]);
};

export const gatherKernels: Kernels = { GatherV2: gather, UnsortedSegmentSum: unsortedSegmentSum };
