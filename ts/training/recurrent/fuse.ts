import { invalid } from '../../arguments/errors';
import { tf } from '../tf';
import { lstm, type RecurrentActivation } from './lstm';

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

const fusedLayers = new WeakSet<object>();

/**
 * Makes the layers `tf.layers.lstm` of a model, or of a layer that wraps them (`bidirectional`), run as {@link lstm}:
 * one kernel for all steps on the native backend. Weights, their names, files and configurations stay what they are.
 *
 * Layers are left as they are whose activation is not tanh, whose recurrent activation is neither sigmoid nor
 * hardSigmoid, that have dropout or keep their state between batches; and so are calls with a mask.
 *
 * @param model a model or a layer of TensorFlow.js
 * @returns how many layers run so now
 * @throws SstError INVALID_ARGUMENT
 */
export function fuseLstm(model: object): number {
  if (typeof model !== 'object' || model === null) {
    throw invalid('model', 'a model or a layer of TensorFlow.js', model);
  }
  const { layers, layer, forwardLayer, backwardLayer } = model as Holder;
  // A bidirectional layer keeps the one that its two were made after, which never runs.
  const wrapped = forwardLayer === undefined ? [layer] : [forwardLayer, backwardLayer];
  const parts = [...(Array.isArray(layers) ? layers : []), ...wrapped];
  const held = parts.filter((part) => typeof part === 'object' && part !== null);
  const inside = held.reduce((count: number, part: object) => count + fuseLstm(part), 0);
  return inside + Number(fuse(model as RecurrentLayer));
}

function fuse(layer: RecurrentLayer): boolean {
  if (fusedLayers.has(layer)) return true;
  if (typeof layer.getClassName !== 'function' || layer.getClassName() !== 'LSTM') return false;
  const config = layer.getConfig();
  const recurrentActivation = activationOf(config.recurrentActivation);
  const fits =
    activationOf(config.activation) === 'tanh' &&
    (recurrentActivation === 'sigmoid' || recurrentActivation === 'hardSigmoid') &&
    !config.dropout &&
    !config.recurrentDropout &&
    !config.stateful;
  if (!fits) return false;
  const original = layer.call.bind(layer);
  layer.call = (inputs, kwargs) => {
    const [x] = Array.isArray(inputs) ? inputs : [inputs];
    if (kwargs?.mask != null || !(x instanceof tf.Tensor) || x.rank !== 3) return original(inputs, kwargs);
    return tf.tidy(() =>
      called(layer, config, x, kwargs?.initialState, recurrentActivation as RecurrentActivation),
    );
  };
  fusedLayers.add(layer);
  return true;
}

/** The name of an activation as it is in a configuration. */
function activationOf(config: unknown): string {
  const name = typeof config === 'string' ? config : (config as { className?: string })?.className;
  return name === 'hard_sigmoid' ? 'hardSigmoid' : (name ?? '');
}

function called(
  { cell }: RecurrentLayer,
  { goBackwards, returnSequences, returnState }: Record<string, unknown>,
  x: tf.Tensor,
  initialState: unknown,
  recurrentActivation: RecurrentActivation,
): tf.Tensor | tf.Tensor[] {
  const { kernel, recurrentKernel, bias } = cell as NonNullable<RecurrentLayer['cell']>;
  const weights = {
    kernel: kernel.read(),
    recurrentKernel: recurrentKernel.read(),
    bias: bias == null ? undefined : bias.read(),
  };
  const reverse = goBackwards === true;
  const result = lstm(x, weights, {
    reverse,
    recurrentActivation,
    initialState: initialState == null ? undefined : (initialState as [tf.Tensor, tf.Tensor]),
  });
  // A layer that goes backwards gives its states in the order in which it had them.
  const sequence = () => (reverse ? tf.reverse(result.states, 1) : result.states);
  const output = returnSequences === true ? sequence() : result.state;
  return returnState === true ? [output, result.state, result.cell] : output;
}
