import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { broadcastPairs, type Law, numbers, shapes } from './law';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

function unary(kernel: string, compute: Unary, options: Partial<Law> = {}): Law {
  return { kernel, instance: shapes(0, 3).map((shape) => ({ shapes: [shape], compute })), ...options };
}

function binary(kernel: string, compute: Binary, options: Partial<Law> = {}): Law {
  const instance = broadcastPairs.map((pair) => ({
    shapes: pair,
    compute: compute as Law['instance'] & Binary,
  }));
  return { kernel, instance, ...options };
}

const discrete = { differentiable: false };

const eluGrad: Law = {
  kernel: 'EluGrad',
  instance: shapes(0, 3).map((shape) => ({
    shapes: [shape, shape],
    compute: (dy, y) => tf.engine().runKernel('EluGrad', { dy, y }) as tf.Tensor,
  })),
  ...discrete,
};

const select: Law = {
  kernel: 'Select',
  instance: fc.tuple(broadcastPairs, fc.nat(100)).map(([[a, b], seed]) => ({
    shapes: [a, b],
    compute: (x, y) => tf.where(tf.greater(tf.tensor(numbers(a, seed, false), a), 0), x, y),
  })),
};

const logicalAnd: Law = {
  kernel: 'LogicalAnd',
  instance: shapes(0, 3).map((shape) => ({
    shapes: [shape, shape],
    compute: (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)),
  })),
  ...discrete,
};

const types = ['float32', 'int32', 'bool'] as const;

const casts: Law[] = [
  {
    kernel: 'Cast',
    instance: fc
      .record({ shape: shapes(0, 3), from: fc.constantFrom(...types), to: fc.constantFrom(...types) })
      .map(({ shape, from, to }) => ({
        shapes: [shape],
        about: { from, to },
        compute: (x) => tf.cast(tf.cast(x, from), to),
      })),
    ...discrete,
  },
];

const constants: Law[] = [
  unary('Fill', (x) => tf.fill(x.shape, 2.5), discrete),
  unary('OnesLike', (x) => tf.onesLike(x)),
  unary('ZerosLike', (x) => tf.zerosLike(x)),
];

export const elementwiseLaws: Law[] = [
  unary('Abs', tf.abs),
  unary('ClipByValue', (x) => tf.clipByValue(x, -0.7, 1.3)),
  unary('Elu', tf.elu),
  unary('Exp', tf.exp),
  unary('Expm1', tf.expm1),
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  unary('Log', tf.log),
  unary('Log1p', tf.log1p),
  unary('Neg', tf.neg),
  unary('Reciprocal', tf.reciprocal),
  unary('Relu', tf.relu),
  unary('Relu6', tf.relu6),
  unary('Rsqrt', tf.rsqrt),
  unary('Selu', tf.selu),
  unary('Sigmoid', tf.sigmoid),
  unary('Sign', tf.sign),
  unary('Softplus', tf.softplus),
  unary('Sqrt', tf.sqrt),
  unary('Square', tf.square),
  unary('Step', (x) => tf.step(x, 0.3)),
  unary('Tanh', tf.tanh),
  binary('Add', tf.add),
  binary('Maximum', tf.maximum),
  binary('Minimum', tf.minimum),
  binary('Multiply', tf.mul),
  binary('Pow', tf.pow),
  binary('Prelu', tf.prelu),
  binary('RealDiv', tf.div),
  binary('SquaredDifference', tf.squaredDifference),
  binary('Sub', tf.sub),
  binary('Equal', tf.equal, discrete),
  binary('Greater', tf.greater, discrete),
  binary('GreaterEqual', tf.greaterEqual, discrete),
  binary('Less', tf.less, discrete),
  binary('LessEqual', tf.lessEqual, discrete),
  binary('NotEqual', tf.notEqual, discrete),
  eluGrad,
  logicalAnd,
  select,
  ...casts,
  ...constants,
];
