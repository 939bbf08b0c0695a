import { native } from '../binding';
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
    const out = backend.pool.take(values.length);
    const number = (key?: string) => (key === undefined ? 0 : (attrs[key] as number));
    native.unary(operation, values, number(first), number(second), out);
    return backend.own(out, x.shape);
  };
}

/** The common shape of two operands and how to walk them; undefined if they do not broadcast. */
function commonWalk(a: number[], b: number[]): { shape: number[]; nest: Nest } | undefined {
  if (sameShape(a, b)) return { shape: a, nest: flatNest(sizeOf(a), 1, 1) };
  if (b.length === 0) return { shape: a, nest: flatNest(sizeOf(a), 1, 0) };
  if (a.length === 0) return { shape: b, nest: flatNest(sizeOf(b), 0, 1) };
  return broadcast(a, b);
}

function binary(name: string, operation: number): Kernel {
  const [nameA, nameB] = inputNames[name] ?? ['a', 'b'];
  return ({ inputs, backend }) => {
    const [a, b] = [backend.floats(inputs[nameA]), backend.floats(inputs[nameB])];
    if (a === undefined || b === undefined) return undefined;
    const walk = commonWalk(inputs[nameA].shape, inputs[nameB].shape);
    if (walk === undefined) return undefined;
    const out = backend.pool.take(sizeOf(walk.shape));
    native.binary(operation, a, b, walk.nest, out);
    return backend.own(out, walk.shape);
  };
}

function comparison(operation: number): Kernel {
  return ({ inputs, backend }) => {
    const [a, b] = [backend.floats(inputs.a), backend.floats(inputs.b)];
    if (a === undefined || b === undefined) return undefined;
    const walk = commonWalk(inputs.a.shape, inputs.b.shape);
    if (walk === undefined) return undefined;
    const out = backend.bytePool.take(sizeOf(walk.shape));
    native.compare(operation, a, b, walk.nest, out);
    return backend.own(out, walk.shape);
  };
}

/** Short enough for a loop in JavaScript. */
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
  const out = backend.pool.take(yes.length);
  native.select(mask, yes, no, out);
  return backend.own(out, t.shape);
};

export const elementwiseKernels: Kernels = {
  ...Object.fromEntries(unaryNames.map((name, operation) => [name, unary(name, operation)])),
  ...Object.fromEntries(native.binaryNames().map((name, operation) => [name, binary(name, operation)])),
  ...Object.fromEntries(native.comparisonNames().map((name, operation) => [name, comparison(operation)])),
  LogicalAnd: logicalAnd,
  Select: select,
};
