import { native } from '../../native/binding';
import type { Kernel, Kernels } from '../kernel';
import { numbers, sizesOf, written } from './call';

/** States of all steps, the last state and cell, and what the gradient needs. */
const forwards: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const [batch, steps, , units] = shape;
  const [workspace, trace] = native.lstmMemory(shape, lengths);
  const names = ['x', 'kernel', 'recurrentKernel', 'bias', 'state', 'cell'];
  const [x, kernel, recurrent, bias, state, cell] = numbers(call, names);
  const shapes = [[batch, steps, units], [batch, units], [batch, units], [trace]];
  return written(call, shapes, workspace, ([states, last, lastCell, kept], memory) =>
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
      kept,
      memory,
    ),
  );
};

/** Gradients of the gates, step by step, and of the initial state and cell. */
const backwards: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const [batch, , , units] = shape;
  const [workspace] = native.lstmMemory(shape, lengths);
  const names = ['trace', 'recurrentKernel', 'dStates', 'dLast', 'dLastCell'];
  const [trace, recurrent, dStates, dLast, dLastCell] = numbers(call, names);
  const total = call.attrs.total as number;
  const shapes = [
    [total, 4 * units],
    [batch, units],
    [batch, units],
  ];
  return written(call, shapes, workspace, ([dGates, dState, dCell], memory) =>
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
      memory,
    ),
  );
};

const recurrentGradient: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const units = shape[3];
  const [dGates, trace] = numbers(call, ['dGates', 'trace']);
  return written(call, [[units, 4 * units]], 0, ([out]) =>
    native.lstmRecurrentGradient(shape, lengths, dGates, trace, out),
  );
};

/** The kernels of the training entry's `lstm`, which no other backend has. */
export const lstmKernels: Kernels = {
  Lstm: forwards,
  LstmGradient: backwards,
  LstmRecurrentGradient: recurrentGradient,
};
