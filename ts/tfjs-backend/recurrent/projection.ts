import { native } from '../../native/binding';
import type { Kernel, Kernels } from '../kernel';
import { numbers, sizesOf, written } from './call';

/** Of the gradient of the gates that of x, 0 behind the rows' lengths. */
const inputGradient: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const [batch, steps, inputs] = shape;
  const [dGates, kernel] = numbers(call, ['dGates', 'kernel']);
  const workspace = native.recurrentWorkspace(shape, lengths);
  return written(call, [[batch, steps, inputs]], workspace, ([out], memory) =>
    native.recurrentInputGradient(shape, lengths, dGates, kernel, out, memory),
  );
};

/** Of the gradient of the gates that of the kernel. */
const kernelGradient: Kernel = (call) => {
  const { shape, lengths } = sizesOf(call);
  const [, , inputs, width] = shape;
  const [dGates, x] = numbers(call, ['dGates', 'x']);
  return written(call, [[inputs, width]], 0, ([out]) =>
    native.recurrentKernelGradient(shape, lengths, dGates, x, out),
  );
};

/** What all recurrent layers have in common; no other backend has it. */
export const projectionKernels: Kernels = {
  RecurrentInputGradient: inputGradient,
  RecurrentKernelGradient: kernelGradient,
};
