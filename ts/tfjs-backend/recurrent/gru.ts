import { native } from '../../native/binding';
import type { Kernel, Kernels } from '../kernel';
import { numbers, sizesOf, written } from './call';

/** States of all steps, the last state, and what the gradient needs. */
const forwards: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const [batch, steps, , units] = shape;
  const [workspace, trace] = native.gruMemory(shape, lengths);
  const names = ['x', 'kernel', 'recurrentKernel', 'bias', 'recurrentBias', 'state'];
  const [x, kernel, recurrent, bias, recurrentBias, state] = numbers(call, names);
  const shapes = [[batch, steps, units], [batch, units], [trace]];
  return written(call, shapes, workspace, ([states, last, kept], memory) =>
    native.gruForwards(
      shape,
      lengths,
      x,
      kernel,
      recurrent,
      bias,
      recurrentBias,
      state,
      states,
      last,
      kept,
      memory,
    ),
  );
};

/** Gradients of the gates and of what stands between reset and product, step by step, and of the initial state. */
const backwards: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const [batch, , , units] = shape;
  const [workspace] = native.gruMemory(shape, lengths);
  const [trace, recurrent, dStates, dLast] = numbers(call, ['trace', 'recurrentKernel', 'dStates', 'dLast']);
  const total = call.attrs.total as number;
  const shapes = [
    [total, 3 * units],
    [total, units],
    [batch, units],
  ];
  return written(call, shapes, workspace, ([dGates, dInner, dState], memory) =>
    native.gruBackwards(shape, lengths, trace, recurrent, dStates, dLast, dGates, dInner, dState, memory),
  );
};

const recurrentGradient: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const units = shape[3];
  const [dGates, dInner, trace] = numbers(call, ['dGates', 'dInner', 'trace']);
  return written(call, [[units, 3 * units]], 0, ([out]) =>
    native.gruRecurrentGradient(shape, lengths, dGates, dInner, trace, out),
  );
};

/** The kernels of the training entry's `gru`, which no other backend has. */
export const gruKernels: Kernels = {
  Gru: forwards,
  GruGradient: backwards,
  GruRecurrentGradient: recurrentGradient,
};
