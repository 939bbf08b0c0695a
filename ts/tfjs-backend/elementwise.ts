import { native } from '../native/binding';
import type { NativeBackend } from './backend';
import { type Kernel, type Kernels, sameShape, sizeOf } from './kernel';
import { broadcast, flatNest, type Nest } from './nest';

/** The functions of one number, numbered as the addon numbers them. */
export const unaryNames = native.unaryNames();

/** The two numbers that some functions take. */
const parameters: Record<string, [first: string, second?: string]> = {
  ClipByValue: ['clipValueMin', 'clipValueMax'],
  LeakyRelu: ['alpha'],
  Step: ['alpha'],
};

/** Inputs of functions of two numbers that are not named a and b. */
const inputNames: Record<string, [string, string]> = { EluGrad: ['dy', 'y'], Prelu: ['x', 'alpha'] };

function unary(name: string, operation: number): Kernel {
  const [first, second] = parameters[name] ?? [];
  return ({ inputs: { x }, attrs, backend }) => {
    const values = backend.floats(x);
    if (values === undefined) return undefined;
    const out = backend.pool.take(sizeOf(x.shape));
    const one = first === undefined ? 0 : (attrs[first] as number);
    const other = second === undefined ? 0 : (attrs[second] as number);
    native.unary(operation, values, one, other, out);
    return backend.own(out, x.shape);
  };
}

/** The addon's functions for a family of functions of two numbers, and where their results go. */
interface Family<T> {
  arrays: (operation: number, a: Float32Array, b: Float32Array, nest: Nest, out: T) => void;
  withNumber: (operation: number, x: Float32Array, number: number, numberFirst: boolean, out: T) => void;
  take: (backend: NativeBackend, length: number) => T;
}

const arithmetic: Family<Float32Array> = {
  arrays: native.binary,
  withNumber: native.binaryWithNumber,
  take: (backend, length) => backend.pool.take(length),
};

const comparisons: Family<Uint8Array> = {
  arrays: native.compare,
  withNumber: native.compareWithNumber,
  take: (backend, length) => backend.bytePool.take(length),
};

function binary<T extends Float32Array | Uint8Array>(
  { arrays, withNumber, take }: Family<T>,
  operation: number,
  [nameA, nameB]: [string, string],
): Kernel {
  return ({ inputs, backend }) => {
    const { [nameA]: infoA, [nameB]: infoB } = inputs;
    const a = backend.floats(infoA);
    const b = backend.floats(infoB);
    if (a === undefined || b === undefined) return undefined;
    let shape = infoA.shape;
    let out: T;
    if (infoB.shape.length === 0) {
      out = take(backend, sizeOf(shape));
      withNumber(operation, a, b[0], false, out);
    } else if (infoA.shape.length === 0) {
      shape = infoB.shape;
      out = take(backend, sizeOf(shape));
      withNumber(operation, b, a[0], true, out);
    } else if (sameShape(shape, infoB.shape)) {
      const size = sizeOf(shape);
      out = take(backend, size);
      arrays(operation, a, b, flatNest(size), out);
    } else {
      const common = broadcast(shape, infoB.shape);
      if (common === undefined) return undefined;
      shape = common.shape;
      out = take(backend, sizeOf(shape));
      arrays(operation, a, b, common.nest, out);
    }
    return backend.own(out, shape);
  };
}

/** A loop over bytes: the compiler of JavaScript does it well enough. */
const logicalAnd: Kernel = ({ inputs: { a, b }, backend }) => {
  const [left, right] = [backend.booleans(a), backend.booleans(b)];
  if (left === undefined || right === undefined || !sameShape(a.shape, b.shape)) return undefined;
  const out = backend.bytePool.take(left.length);
  for (let i = 0; i < out.length; i++) out[i] = left[i] === 0 ? 0 : right[i];
  return backend.own(out, a.shape);
};

const select: Kernel = ({ inputs: { condition, t, e }, backend }) => {
  const mask = backend.booleans(condition);
  const [yes, no] = [backend.floats(t), backend.floats(e)];
  if (mask === undefined || yes === undefined || no === undefined) return undefined;
  if (!sameShape(condition.shape, t.shape) || !sameShape(t.shape, e.shape)) return undefined;
  const out = backend.pool.take(sizeOf(t.shape));
  native.select(mask, yes, no, out);
  return backend.own(out, t.shape);
};

export const elementwiseKernels: Kernels = {
  ...kernelsOf(unaryNames, unary),
  ...kernelsOf(native.binaryNames(), (name, operation) =>
    binary(arithmetic, operation, inputNames[name] ?? ['a', 'b']),
  ),
  ...kernelsOf(native.comparisonNames(), (_, operation) => binary(comparisons, operation, ['a', 'b'])),
  LogicalAnd: logicalAnd,
  Select: select,
};

/** A kernel for each name. */
function kernelsOf(names: string[], make: (name: string, operation: number) => Kernel): Kernels {
  return Object.fromEntries(names.map((name, operation) => [name, make(name, operation)]));
}
