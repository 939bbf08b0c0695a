import { tf } from '../tfjs/core';
import { unaryNames } from './elementwise';
import { type KernelCall, sizeOf } from './kernel';

/** What a product or convolution does to its result, as the addon takes it. */
export interface Epilogue {
  /** A number for each column, or none. */
  bias: Float32Array;
  /** The number of a function of one number, or -1. */
  activation: number;
  /** That function's parameter. */
  slope: number;
}

/** Nothing more. */
export const plain: Epilogue = { bias: new Float32Array(0), activation: -1, slope: 0 };

/** Kernels of the activations. */
const activationKernels: Record<string, string> = {
  elu: 'Elu',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
  relu: 'Relu',
  relu6: 'Relu6',
  sigmoid: 'Sigmoid',
};

/**
 * A kernel with bias and activation: in one go where the bias has a number for each column and the activation is a
 * function of one number, otherwise by one kernel after another.
 */
export function fused(
  call: KernelCall,
  columns: number,
  compute: (epilogue: Epilogue) => tf.TensorInfo | undefined,
): tf.TensorInfo | undefined {
  const { inputs, attrs, backend } = call;
  const { bias, preluActivationWeights } = inputs as Record<string, tf.TensorInfo | undefined>;
  const name = attrs.activation === 'linear' ? undefined : (attrs.activation as string | undefined);
  const activation = name == null ? undefined : activationKernels[name];
  // What the cpu backend does not know, it refuses.
  if (name != null && activation === undefined) return undefined;
  const slope = (attrs.leakyreluAlpha as number) ?? 0;
  const number = activation === undefined ? -1 : unaryNames.indexOf(activation);
  const biasNumbers = bias == null ? plain.bias : perColumn(bias, columns, call);
  if (biasNumbers !== undefined && activation !== 'Prelu') {
    return compute({ bias: biasNumbers, activation: number, slope });
  }
  let result = compute(plain);
  if (result === undefined) return undefined;
  const next = (kernel: string, kernelInputs: tf.NamedTensorInfoMap, kernelAttrs: tf.NamedAttrMap) => {
    const { kernelFunc } = tf.getKernel(kernel, 'native');
    const following = kernelFunc({ inputs: kernelInputs, attrs: kernelAttrs, backend }) as tf.TensorInfo;
    backend.disposeData((result as tf.TensorInfo).dataId);
    result = following;
  };
  if (bias != null) next('Add', { a: result, b: bias }, {});
  if (activation !== undefined) {
    next(activation, { x: result, alpha: preluActivationWeights }, { alpha: slope });
  }
  return result;
}

function perColumn(bias: tf.TensorInfo, columns: number, { backend }: KernelCall): Float32Array | undefined {
  const fits = sizeOf(bias.shape) === columns && bias.shape.at(-1) === columns;
  return fits ? backend.floats(bias) : undefined;
}
