import { tf } from '../tf';
import type { RecurrentCall, RecurrentResults } from './arguments';

/** What is private in TensorFlow.js: an operation of several results with a gradient of its own. */
interface Engine {
  runKernelFunc(operation: {
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[];
    backwardsFunc: (dy: tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
    inputs: tf.NamedTensorMap;
  }): tf.Tensor[];
}

type Gradients = Record<string, () => tf.Tensor>;

/** What a layer has of its own. */
interface Layer {
  /** Its kernel: of all inputs the states of all steps, the last of each kind, and what the gradient needs. */
  kernel: 'Lstm' | 'Gru';
  /** Numbers for the kernel behind those that all layers have. */
  sizes: readonly number[];
  /** Inputs beside x and the weights that all layers have. */
  inputs: tf.NamedTensorMap;
  /** The inputs' names for the gradients of the states of all steps and of the last of each kind. */
  cotangents: readonly string[];
  /**
   * Gradients of those inputs, by their names, and the recurrent kernel's inputs for its gradient beside `dGates` and
   * `trace`, from what the gradient kernel gives behind the gradient of the gates.
   */
  gradients: (dGates: tf.Tensor, results: tf.Tensor[]) => { inputs: Gradients; further: tf.NamedTensorMap };
}

function run(kernel: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor[] {
  const results = tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap);
  return (Array.isArray(results) ? results : [results]) as tf.Tensor[];
}

/** Whether the current backend has a layer's kernels. */
export function hasKernel(kernel: Layer['kernel']): boolean {
  return tf.getKernel(kernel, tf.getBackend()) !== undefined;
}

/** All steps in one kernel of the native backend. Gradients that nobody asks for are not computed. */
export function fusedLayer(
  { x, weights, units, lengths, reverse, hard }: RecurrentCall,
  layer: Layer,
): RecurrentResults {
  const { kernel, recurrentKernel, bias } = weights;
  const [batch, steps, inputs] = x.shape;
  const total = lengths === undefined ? batch * steps : lengths.reduce((sum, length) => sum + length, 0);
  const rows = lengths ?? new Uint32Array(0);
  const sizes = [batch, steps, inputs, units, Number(reverse), Number(hard), ...layer.sizes];
  const attrs = { sizes, lengths: rows, total };
  const projection = {
    sizes: [batch, steps, inputs, kernel.shape[1] as number, Number(reverse)],
    lengths: rows,
  };
  const given = { x, kernel, recurrentKernel, ...(bias !== undefined && { bias }), ...layer.inputs };
  const [states, ...last] = (tf.engine() as unknown as Engine).runKernelFunc({
    inputs: given,
    forwardFunc: (_, save) => {
      const results = run(layer.kernel, given, attrs);
      save([x, kernel, recurrentKernel, ...results.splice(-1)]);
      return results;
    },
    backwardsFunc: (dy, [savedX, savedKernel, savedRecurrent, trace]) => {
      const cotangents = Object.fromEntries(layer.cotangents.map((name, index) => [name, dy[index]]));
      const [dGates, ...results] = run(
        `${layer.kernel}Gradient`,
        { trace, recurrentKernel: savedRecurrent, ...cotangents },
        attrs,
      );
      const own = layer.gradients(dGates, results);
      return {
        x: () => run('RecurrentInputGradient', { dGates, kernel: savedKernel }, projection)[0],
        kernel: () => run('RecurrentKernelGradient', { dGates, x: savedX }, projection)[0],
        recurrentKernel: () =>
          run(`${layer.kernel}RecurrentGradient`, { dGates, trace, ...own.further }, attrs)[0],
        bias: () => tf.sum(dGates, 0),
        ...own.inputs,
      };
    },
  });
  return { states: states as tf.Tensor3D, last: last as tf.Tensor2D[] };
}
