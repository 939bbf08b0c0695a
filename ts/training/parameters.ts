import { invalid } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import type { ParameterSpecs } from './initialisers';
import { initialValues, Layout } from './layout';
import type { Seed } from './random';
import { tf } from './tf';

/** Variables by the names of the parameters that they hold. */
export type ParameterMap<Name extends string = string> = Readonly<Record<Name, tf.Variable>>;

/**
 * Makes a variable of each description, with initial values drawn by (seed, name): the same seed gives the same bits, on
 * every platform and whatever other parameters there are.
 *
 * The names are those of the map. TensorFlow.js gives its variables other names, because its own must be unique in a
 * process, and two models may well have parameters of the same names. `tf.dispose(parameters)` frees them.
 *
 * @throws SstError INVALID_ARGUMENT naming the parameter whose shape or initial values cannot be
 */
export function createParameters<S extends ParameterSpecs>(
  specs: S,
  options: { seed: Seed },
): ParameterMap<keyof S & string> {
  if (typeof specs !== 'object' || specs === null) throw invalid('specs', 'descriptions by name', specs);
  checkOptions('options', options, ['seed']);
  const { layout, values } = initialValues(specs, options.seed);
  const variables = layout
    .split(values)
    .map(({ shape, values: part }) => tf.tidy(() => tf.variable(tf.tensor(part.slice(), shape, 'float32'))));
  return named(layout.names, variables) as ParameterMap<keyof S & string>;
}

/** One flat array of all parameters, one after another in the order of their names. */
export function flatten(parameters: ParameterMap): Float32Array {
  const list = Object.values(checkParameters(parameters));
  return layoutOf(parameters).join(list.map((variable) => variable.dataSync()));
}

/**
 * Sets all parameters from one flat array, as {@link flatten} gave it.
 *
 * @throws SstError INVALID_SHAPE for another length; INVALID_ARGUMENT for numbers that are not finite, naming the parameter
 */
export function unflatten(
  parameters: ParameterMap,
  values: Float32Array | Float64Array | readonly number[],
): void {
  const layout = layoutOf(checkParameters(parameters));
  const parts = layout.split(Float32Array.from(values));
  for (const [index, part] of parts.entries()) {
    const bad = part.values.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw invalid(layout.names[index], 'finite numbers in single precision', bad);
  }
  for (const [index, { shape, values: part }] of parts.entries()) {
    assignValues(parameters[layout.names[index]], shape, part.slice());
  }
}

/** Sets a variable to numbers, and leaves no tensor behind. */
export function assignValues(variable: tf.Variable, shape: readonly number[], values: Float32Array): void {
  tf.tidy(() => {
    variable.assign(tf.tensor(values, [...shape], 'float32'));
  });
}

/** Variables of float32 by name, or an error that names the one that is none. */
export function checkParameters<P extends ParameterMap>(parameters: P): P {
  if (typeof parameters !== 'object' || parameters === null) {
    throw invalid('parameters', 'variables by name', parameters);
  }
  for (const [name, variable] of Object.entries(parameters)) {
    if (!(variable instanceof tf.Variable) || variable.dtype !== 'float32' || variable.isDisposed) {
      throw invalid(`parameters['${name}']`, 'a tf.Variable of float32 that is not disposed', variable);
    }
  }
  return parameters;
}

function layoutOf(parameters: ParameterMap): Layout {
  return new Layout(
    named(
      Object.keys(parameters),
      Object.values(parameters).map(({ shape }) => shape),
    ),
  );
}

function named<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}
