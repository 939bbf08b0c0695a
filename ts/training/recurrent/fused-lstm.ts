import { tf } from '../tf';
import type { LstmCall, LstmResult } from './lstm';

/** What is private in TensorFlow.js: an operation of several results with a gradient of its own. */
interface Engine {
  runKernelFunc(operation: {
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[];
    backwardsFunc: (dy: tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
    inputs: tf.NamedTensorMap;
  }): tf.Tensor[];
}

function run(kernel: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor[] {
  const results = tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap);
  return (Array.isArray(results) ? results : [results]) as tf.Tensor[];
}

/** All steps in one kernel of the native backend. Gradients that nobody asks for are not computed. */
export function fusedLstm({ x, weights, initialState, lengths, reverse, hard }: LstmCall): LstmResult {
  const { kernel, recurrentKernel, bias } = weights;
  const [batch, steps, inputs] = x.shape;
  const [units] = recurrentKernel.shape;
  const total = lengths === undefined ? batch * steps : lengths.reduce((sum, length) => sum + length, 0);
  const attrs = {
    sizes: [batch, steps, inputs, units, Number(hard), Number(reverse)],
    lengths: lengths ?? new Uint32Array(0),
    total,
  };
  const [state, cell] = initialState;
  const given = { x, kernel, recurrentKernel, state, cell, ...(bias !== undefined && { bias }) };
  const [states, last, lastCell] = (tf.engine() as unknown as Engine).runKernelFunc({
    inputs: given,
    forwardFunc: (_, save) => {
      const [trace, ...results] = run('Lstm', given, attrs).reverse();
      save([x, kernel, recurrentKernel, trace]);
      return results.reverse();
    },
    backwardsFunc: ([dStates, dLast, dLastCell], [savedX, savedKernel, savedRecurrent, trace]) => {
      const cotangents = { dStates, dLast, dLastCell };
      const [dGates, dState, dCell] = run(
        'LstmGradient',
        { trace, recurrentKernel: savedRecurrent, ...cotangents },
        attrs,
      );
      return {
        x: () => run('LstmInputGradient', { dGates, kernel: savedKernel }, attrs)[0],
        kernel: () => run('LstmKernelGradient', { dGates, x: savedX }, attrs)[0],
        recurrentKernel: () => run('LstmRecurrentGradient', { dGates, trace }, attrs)[0],
        bias: () => tf.sum(dGates, 0),
        state: () => dState,
        cell: () => dCell,
      };
    },
  });
  return { states: states as tf.Tensor3D, state: last as tf.Tensor2D, cell: lastCell as tf.Tensor2D };
}
