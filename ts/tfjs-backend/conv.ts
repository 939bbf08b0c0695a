import * as tf from '@tensorflow/tfjs';
import { native } from '../native/binding';
import { type Epilogue, fused, plain } from './fused';
import { type Kernel, type KernelCall, type Kernels, sizeOf } from './kernel';

type ConvInfo = tf.backend_util.Conv2DInfo;
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
    pad: 'valid' | 'same' | number;
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

/** The sizes as the addon takes them; undefined if the addon does not take them. */
function sizesOf(info: ConvInfo): Int32Array | undefined {
  const { top, left } = info.padInfo;
  if (top < 0 || left < 0) return undefined;
  return Int32Array.of(
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    ...[info.outHeight, info.outWidth, info.outChannels, info.filterHeight, info.filterWidth],
    ...[info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth, top, left],
  );
}

/** Where there is padding, a product of its zeros with an infinity or a NaN would show; the cpu backend has none. */
function padsSafely({ padInfo: { top, left, bottom, right } }: ConvInfo, factor: Float32Array): boolean {
  return top + left + bottom + right === 0 || factor.every(Number.isFinite);
}

function forward(call: KernelCall, { bias, activation, slope }: Epilogue): tf.TensorInfo | undefined {
  const { inputs, attrs, backend } = call;
  const { x, filter } = inputs;
  const [values, weights] = [backend.floats(x), backend.floats(filter)];
  if (values === undefined || weights === undefined) return undefined;
  const info = convolution(call, x.shape, filter.shape, attrs.dilations as number | [number, number]);
  const sizes = info && sizesOf(info);
  if (!info || !sizes || !padsSafely(info, weights)) return undefined;
  const out = backend.pool.take(sizeOf(info.outShape));
  native.convolve(values, weights, bias, activation, slope, sizes, out);
  return backend.own(out, info.outShape);
}

const conv2D: Kernel = (call) => forward(call, plain);

const fusedConv2D: Kernel = (call) =>
  fused(call, call.inputs.filter.shape[3], (epilogue) => forward(call, epilogue));

const conv2DBackpropFilter: Kernel = (call) => {
  const { inputs, attrs, backend } = call;
  const [x, dy] = [backend.floats(inputs.x), backend.floats(inputs.dy)];
  if (x === undefined || dy === undefined) return undefined;
  const info = convolution(call, inputs.x.shape, attrs.filterShape as number[], 1);
  const sizes = info && sizesOf(info);
  if (!info || !sizes || !padsSafely(info, dy)) return undefined;
  const out = backend.pool.take(sizeOf(info.filterShape));
  native.convolveFilterGradient(x, dy, sizes, out);
  return backend.own(out, info.filterShape);
};

const conv2DBackpropInput: Kernel = (call) => {
  const { inputs, attrs, backend } = call;
  const [dy, filter] = [backend.floats(inputs.dy), backend.floats(inputs.filter)];
  if (dy === undefined || filter === undefined) return undefined;
  const info = convolution(call, attrs.inputShape as number[], inputs.filter.shape, 1);
  const sizes = info && sizesOf(info);
  if (!info || !sizes) return undefined;
  const out = backend.pool.take(sizeOf(info.inShape));
  native.convolveInputGradient(dy, filter, sizes, out);
  return backend.own(out, info.inShape);
};

export const convKernels: Kernels = {
  Conv2D: conv2D,
  Conv2DBackpropFilter: conv2DBackpropFilter,
  Conv2DBackpropInput: conv2DBackpropInput,
  FusedConv2D: fusedConv2D,
};
