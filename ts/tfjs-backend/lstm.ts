import { fromNative } from '../arguments/errors';
import { native } from '../native/binding';
import type { NativeBackend } from './backend';
import { type Kernel, type KernelCall, type Kernels, sizeOf } from './kernel';

/** The sizes of a layer, as the addon takes them, and its memory. */
function layer({ attrs }: KernelCall): { shape: Int32Array; lengths: Uint32Array; memory: number[] } {
  const { sizes, lengths } = attrs as { sizes: number[]; lengths: Uint32Array };
  const shape = Int32Array.from(sizes);
  return { shape, lengths, memory: native.lstmMemory(shape, lengths) };
}

/** The numbers of the inputs of these names; none for an input that is absent. */
function numbers({ inputs, backend }: KernelCall, names: readonly string[]): Float32Array[] {
  return names.map((name) =>
    inputs[name] === undefined ? new Float32Array(0) : (backend.floats(inputs[name]) as Float32Array),
  );
}

/** Runs with memory that is given back. */
function withWorkspace(backend: NativeBackend, length: number, run: (workspace: Float32Array) => void): void {
  const workspace = backend.pool.take(length);
  try {
    run(workspace);
  } catch (error) {
    throw fromNative(error);
  } finally {
    backend.pool.give(workspace);
  }
}

/** States of all steps, the last state and cell, and what the gradient needs. */
const forwards: Kernel = (call) => {
  const { backend } = call;
  const { shape, lengths, memory } = layer(call);
  const [batch, steps, , units] = shape;
  const [x, kernel, recurrent, bias, state, cell] = numbers(call, [
    'x',
    'kernel',
    'recurrentKernel',
    'bias',
    'state',
    'cell',
  ]);
  const shapes = [[batch, steps, units], [batch, units], [batch, units], [memory[1]]];
  const outputs = shapes.map((each) => backend.pool.take(sizeOf(each)));
  const [states, last, lastCell, trace] = outputs;
  withWorkspace(backend, memory[0], (workspace) =>
    native.lstmForwards(
      shape,
      lengths,
      x,
      kernel,
      recurrent,
      bias,
      state,
      cell,
      states,
      last,
      lastCell,
      trace,
      workspace,
    ),
  );
  return outputs.map((values, index) => backend.own(values, shapes[index]));
};

/** Gradients of the gates, step by step, and of the initial state and cell. */
const backwards: Kernel = (call) => {
  const { backend } = call;
  const { shape, lengths, memory } = layer(call);
  const [batch, , , units] = shape;
  const [trace, recurrent, dStates, dLast, dLastCell] = numbers(call, [
    'trace',
    'recurrentKernel',
    'dStates',
    'dLast',
    'dLastCell',
  ]);
  const shapes = [
    [call.attrs.total as number, 4 * units],
    [batch, units],
    [batch, units],
  ];
  const outputs = shapes.map((each) => backend.pool.take(sizeOf(each)));
  const [dGates, dState, dCell] = outputs;
  withWorkspace(backend, memory[0], (workspace) =>
    native.lstmBackwards(
      shape,
      lengths,
      trace,
      recurrent,
      dStates,
      dLast,
      dLastCell,
      dGates,
      dState,
      dCell,
      workspace,
    ),
  );
  return outputs.map((values, index) => backend.own(values, shapes[index]));
};

const inputGradient: Kernel = (call) => {
  const { backend } = call;
  const { shape, lengths, memory } = layer(call);
  const [batch, steps, inputs] = shape;
  const [dGates, kernel] = numbers(call, ['dGates', 'kernel']);
  const out = backend.pool.take(batch * steps * inputs);
  withWorkspace(backend, memory[0], (workspace) =>
    native.lstmInputGradient(shape, lengths, dGates, kernel, out, workspace),
  );
  return backend.own(out, [batch, steps, inputs]);
};

/** The gradient of one of the two kernels from that of the gates and what it was multiplied by. */
function weightsGradient(
  factor: 'x' | 'trace',
  rowsOf: (shape: Int32Array) => number,
  compute: (typeof native)['lstmKernelGradient'],
): Kernel {
  return (call) => {
    const { backend } = call;
    const { shape, lengths } = layer(call);
    const [dGates, values] = numbers(call, ['dGates', factor]);
    const size = [rowsOf(shape), 4 * shape[3]];
    const out = backend.pool.take(sizeOf(size));
    compute(shape, lengths, dGates, values, out);
    return backend.own(out, size);
  };
}

/** The kernels of the training entry's `lstm`, which no other backend has. */
export const lstmKernels: Kernels = {
  Lstm: forwards,
  LstmGradient: backwards,
  LstmInputGradient: inputGradient,
  LstmKernelGradient: weightsGradient('x', ([, , inputs]) => inputs, native.lstmKernelGradient),
  LstmRecurrentGradient: weightsGradient('trace', ([, , , units]) => units, native.lstmRecurrentGradient),
};
