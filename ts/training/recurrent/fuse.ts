import { invalid } from '../../arguments/errors';
import { tf } from '../tf';
import type { RecurrentOptions } from './arguments';
import { gru } from './gru';
import { lstm } from './lstm';

/** What is used of a recurrent layer of TensorFlow.js. */
interface RecurrentLayer {
  getClassName(): string;
  getConfig(): Record<string, unknown>;
  call(inputs: unknown, kwargs?: Record<string, unknown>): unknown;
  cell?: { kernel: Variable; recurrentKernel: Variable; bias?: Variable | null };
}

interface Variable {
  read(): tf.Tensor;
}

/** What may hold recurrent layers: a model, or a layer around others. */
interface Holder {
  layers?: unknown;
  layer?: unknown;
  forwardLayer?: unknown;
  backwardLayer?: unknown;
}

/** Weights of a layer of TensorFlow.js. */
interface LayerWeights {
  kernel: tf.Tensor;
  recurrentKernel: tf.Tensor;
  bias?: tf.Tensor | undefined;
}

/** A layer's states of all steps, and the last of each kind. */
type Fused = (
  x: tf.Tensor,
  weights: LayerWeights,
  options: RecurrentOptions,
  initialState: tf.Tensor[] | undefined,
) => [states: tf.Tensor, ...last: tf.Tensor[]];

/** What runs layers, by their classes' names. */
const fusedClasses = {
  LSTM: (x, weights, options, initialState) => {
    const given = initialState as [tf.Tensor, tf.Tensor] | undefined;
    const { states, state, cell } = lstm(x, weights, { ...options, initialState: given });
    return [states, state, cell];
  },
  GRU: (x, weights, options, initialState) => {
    const { states, state } = gru(x, weights, { ...options, initialState: initialState?.[0] });
    return [states, state];
  },
} satisfies Record<string, Fused>;

type ClassName = keyof typeof fusedClasses;

const fusedLayers = new WeakSet<object>();

/**
 * Makes the layers `tf.layers.lstm` and `tf.layers.gru` of a model, or of a layer that wraps them (`bidirectional`), run as
 * {@link lstm} and {@link gru}: one kernel for all steps on the native backend. Weights, their names, files and
 * configurations stay what they are.
 *
 * Layers are left as they are whose activation is not tanh, whose recurrent activation is neither sigmoid nor
 * hardSigmoid, that have dropout or keep their state between batches; and so are calls with a mask.
 *
 * @param model a model or a layer of TensorFlow.js
 * @returns how many layers run so now
 * @throws SstError INVALID_ARGUMENT
 */
export function fuseRecurrent(model: object): number {
  return fuseInside(model, Object.keys(fusedClasses) as ClassName[]);
}

/**
 * {@link fuseRecurrent} for layers `tf.layers.lstm` alone.
 *
 * @param model a model or a layer of TensorFlow.js
 * @returns how many layers run so now
 * @throws SstError INVALID_ARGUMENT
 */
export function fuseLstm(model: object): number {
  return fuseInside(model, ['LSTM']);
}

function fuseInside(model: object, classes: readonly ClassName[]): number {
  if (typeof model !== 'object' || model === null) {
    throw invalid('model', 'a model or a layer of TensorFlow.js', model);
  }
  const { layers, layer, forwardLayer, backwardLayer } = model as Holder;
  // A bidirectional layer keeps the one that its two were made after, which never runs.
  const wrapped = forwardLayer === undefined ? [layer] : [forwardLayer, backwardLayer];
  const parts = [...(Array.isArray(layers) ? layers : []), ...wrapped];
  const held = parts.filter((part) => typeof part === 'object' && part !== null);
  const inside = held.reduce((count: number, part: object) => count + fuseInside(part, classes), 0);
  return inside + Number(fuse(model as RecurrentLayer, classes));
}

function fuse(layer: RecurrentLayer, classes: readonly ClassName[]): boolean {
  if (typeof layer.getClassName !== 'function') return false;
  const className = classes.find((name) => name === layer.getClassName());
  if (className === undefined) return false;
  if (fusedLayers.has(layer)) return true;
  const config = layer.getConfig();
  const recurrentActivation = activationOf(config.recurrentActivation);
  if (recurrentActivation !== 'sigmoid' && recurrentActivation !== 'hardSigmoid') return false;
  const fits =
    activationOf(config.activation) === 'tanh' &&
    !config.dropout &&
    !config.recurrentDropout &&
    !config.stateful;
  if (!fits) return false;
  const options = { reverse: config.goBackwards === true, recurrentActivation } as const;
  const original = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const [x] = Array.isArray(inputs) ? inputs : [inputs];
    if (kwargs?.mask != null || !(x instanceof tf.Tensor) || x.rank !== 3) return original(inputs, kwargs);
    return tf.tidy(() => {
      const initialState = kwargs?.initialState == null ? undefined : (kwargs.initialState as tf.Tensor[]);
      const [states, ...last] = fusedClasses[className](x, weightsOf(layer), options, initialState);
      // A layer that goes backwards gives its states in the order in which it had them.
      const sequence = () => (options.reverse ? tf.reverse(states, 1) : states);
      const output = config.returnSequences === true ? sequence() : last[0];
      return config.returnState === true ? [output, ...last] : output;
    });
  };
  fusedLayers.add(layer);
  return true;
}

/** The name of an activation as it is in a configuration. */
function activationOf(config: unknown): string {
  const name = typeof config === 'string' ? config : (config as { className?: string })?.className;
  return name === 'hard_sigmoid' ? 'hardSigmoid' : (name ?? '');
}

function weightsOf({ cell }: RecurrentLayer): LayerWeights {
  const { kernel, recurrentKernel, bias } = cell as NonNullable<RecurrentLayer['cell']>;
  return {
    kernel: kernel.read(),
    recurrentKernel: recurrentKernel.read(),
    bias: bias == null ? undefined : bias.read(),
  };
}
