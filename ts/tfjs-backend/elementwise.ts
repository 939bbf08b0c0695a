import { native } from '../binding';
import { type Kernel, type KernelCall, type Kernels, sameShape, sizeOf } from './kernel';
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

/** Both inputs, the shape of their broadcast and how to walk them. */
function operands({ inputs, backend }: KernelCall, [nameA, nameB]: [string, string]) {
  const { [nameA]: infoA, [nameB]: infoB } = inputs;
  const a = backend.floats(infoA);
  const b = backend.floats(infoB);
  if (a === undefined || b === undefined) return undefined;
  const common = commonWalk(infoA.shape, infoB.shape);
  return common && { a, b, ...common };
}

function commonWalk(a: number[], b: number[]): { shape: number[]; nest: Nest } | undefined {
  if (sameShape(a, b)) return { shape: a, nest: flatNest(sizeOf(a), 1, 1) };
  if (b.length === 0) return { shape: a, nest: flatNest(sizeOf(a), 1, 0) };
  if (a.length === 0) return { shape: b, nest: flatNest(sizeOf(b), 0, 1) };
  return broadcast(a, b);
}

function binary(name: string, operation: number): Kernel {
  const names = inputNames[name] ?? ['a', 'b'];
  return (call) => {
    const found = operands(call, names);
    if (found === undefined) return undefined;
    const { a, b, shape, nest } = found;
    const out = call.backend.pool.take(sizeOf(shape));
    native.binary(operation, a, b, nest, out);
    return call.backend.own(out, shape);
  };
}

function comparison(operation: number): Kernel {
  return (call) => {
    const found = operands(call, ['a', 'b']);
    if (found === undefined) return undefined;
    const { a, b, shape, nest } = found;
    const out = new Uint8Array(sizeOf(shape));
    native.compare(operation, a, b, nest, out);
    return call.backend.makeTensorInfo(shape, 'bool', out);
  };
}

const select: Kernel = ({ inputs: { condition, t, e }, backend }) => {
  const { values: mask } = backend.data.get(condition.dataId);
  const [yes, no] = [backend.floats(t), backend.floats(e)];
  if (!(mask instanceof Uint8Array) || yes === undefined || no === undefined) return undefined;
  if (!sameShape(condition.shape, t.shape) || !sameShape(t.shape, e.shape)) return undefined;
  const out = backend.pool.take(yes.length);
  native.select(mask, yes, no, out);
  return backend.own(out, t.shape);
};

export const elementwiseKernels: Kernels = {
  ...Object.fromEntries(unaryNames.map((name, operation) => [name, unary(name, operation)])),
  ...Object.fromEntries(native.binaryNames().map((name, operation) => [name, binary(name, operation)])),
  ...Object.fromEntries(native.comparisonNames().map((name, operation) => [name, comparison(operation)])),
  Select: select,
};
