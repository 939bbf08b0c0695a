import type { backend_util } from '@tensorflow/tfjs-core';
import { native } from '../native/binding';
import { tf } from '../tfjs/core';
import { type Epilogue, fused, plain } from './fused';
import { type Kernel, type KernelCall, type Kernels, sameShape, sizeOf } from './kernel';

type ConvInfo = backend_util.Conv2DInfo;
type Pad = Parameters<typeof backend_util.computeConv2DInfo>[4];
type Shape4D = [number, number, number, number];

/** The sizes of a convolution; undefined unless its channels come last. */
function convolution(
  { attrs }: KernelCall,
  input: number[],
  filter: number[],
  dilations: number | [number, number],
): ConvInfo | undefined {
  const { strides, pad, dataFormat, dimRoundingMode } = attrs as {
    strides: number | [number, number];
    pad: Pad;
    dataFormat: 'NHWC' | 'NCHW';
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat);
  if (format !== 'channelsLast') return undefined;
  return tf.backend_util.computeConv2DInfo(
    input as Shape4D,
    filter as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    format,
  );
}

/** The sizes as the addon takes them; undefined if it does not take them, or if the filter or y has another shape. */
function sizesOf(info: ConvInfo, filter: number[], y: number[]): Int32Array | undefined {
  if (filter[2] !== info.inChannels || !sameShape(y, info.outShape)) return undefined;
  const { top, left } = info.padInfo;
  const sizes = [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    ...[info.outHeight, info.outWidth, info.outChannels, info.filterHeight, info.filterWidth],
    ...[info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth, top, left],
  ];
  return sizes.every((size) => size >= 0 && (size | 0) === size) ? Int32Array.from(sizes) : undefined;
}

/**
 * A convolution in one of its directions. The cpu backend does it where y has another shape than the convolution gives
 * (it takes of y what it needs), and where a zero of the padding would meet an infinity or a NaN (it has no such zeros).
 */
function convolve(
  { backend }: KernelCall,
  info: ConvInfo | undefined,
  [filter, y]: [filter: number[], y: number[]],
  outShape: number[],
  compute: (sizes: Int32Array, out: Float32Array) => boolean,
): tf.TensorInfo | undefined {
  const sizes = info && sizesOf(info, filter, y);
  if (sizes === undefined) return undefined;
  const out = backend.pool.take(sizeOf(outShape));
  if (compute(sizes, out)) return backend.own(out, outShape);
  backend.pool.give(out);
  return undefined;
}

function forward(call: KernelCall, { bias, activation, slope }: Epilogue): tf.TensorInfo | undefined {
  const { inputs, attrs, backend } = call;
  const { x, filter } = inputs;
  const [values, weights] = [backend.floats(x), backend.floats(filter)];
  if (values === undefined || weights === undefined) return undefined;
  const info = convolution(call, x.shape, filter.shape, attrs.dilations as number | [number, number]);
  const y = info?.outShape ?? [];
  return convolve(call, info, [filter.shape, y], y, (sizes, out) =>
    native.convolve(values, weights, bias, activation, slope, sizes, out),
  );
}

const conv2D: Kernel = (call) => forward(call, plain);

const fusedConv2D: Kernel = (call) =>
  fused(call, call.inputs.filter.shape[3], (epilogue) => forward(call, epilogue));

const conv2DBackpropFilter: Kernel = (call) => {
  const { inputs, attrs, backend } = call;
  const [x, dy] = [backend.floats(inputs.x), backend.floats(inputs.dy)];
  if (x === undefined || dy === undefined) return undefined;
  const filter = attrs.filterShape as number[];
  const info = convolution(call, inputs.x.shape, filter, 1);
  return convolve(call, info, [filter, inputs.dy.shape], filter, (sizes, out) =>
    native.convolveFilterGradient(x, dy, sizes, out),
  );
};

const conv2DBackpropInput: Kernel = (call) => {
  const { inputs, attrs, backend } = call;
  const [dy, filter] = [backend.floats(inputs.dy), backend.floats(inputs.filter)];
  if (dy === undefined || filter === undefined) return undefined;
  const x = attrs.inputShape as number[];
  const info = convolution(call, x, inputs.filter.shape, 1);
  return convolve(call, info, [inputs.filter.shape, inputs.dy.shape], x, (sizes, out) => {
    native.convolveInputGradient(dy, filter, sizes, out);
    return true;
  });
};

export const convKernels: Kernels = {
  Conv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  FusedConv2D: fusedConv2D,
};
