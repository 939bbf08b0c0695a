import type { Kernels } from '../kernel';
import { gruKernels } from './gru';
import { lstmKernels } from './lstm';
import { projectionKernels } from './projection';

/** The kernels of the training entry's recurrent layers, which no other backend has. */
export const recurrentKernels: Kernels = { ...projectionKernels, ...lstmKernels, ...gruKernels };
