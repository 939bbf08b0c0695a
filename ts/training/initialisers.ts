import { invalid } from '../arguments/errors';
import { checkNumber, checkOptions } from '../arguments/validate';
import type { RandomStream } from './random';

/** Shape and initial distribution of one parameter array. */
export interface ParameterSpec {
  readonly shape: readonly number[];
  /** Draws one entry. */
  readonly draw: (random: RandomStream) => number;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** What a layer's variance is reckoned by, where its weight's shape does not say it. */
export interface FanOptions {
  /**
   * Numbers that go into one output.
   * @defaultValue the product of all axes but the last
   */
  inputs?: number | undefined;
  /**
   * Numbers that one input goes to.
   * @defaultValue the product of all axes but the second to last
   */
  outputs?: number | undefined;
  /**
   * Multiplies every entry.
   * @defaultValue `1`
   */
  scale?: number | undefined;
}

/** Entries equal to `value`. */
export function constant(shape: readonly number[], value: number): ParameterSpec {
  checkShape('shape', shape);
  return { shape, draw: () => value };
}

/** Entries 0, as biases and shifts start. */
export function zeros(shape: readonly number[]): ParameterSpec {
  return constant(shape, 0);
}

/** Entries 1, as the scales of a normalisation start. */
export function ones(shape: readonly number[]): ParameterSpec {
  return constant(shape, 1);
}

/**
 * Uniform entries between -scale / sqrt(inputs) and scale / sqrt(inputs), PyTorch's default for dense layers; a bias needs
 * `inputs`, the number of its layer's inputs.
 */
export function uniformByInputs(shape: readonly number[], options: FanOptions = {}): ParameterSpec {
  const { inputs, scale } = fans(shape, options);
  return { shape, draw: (random) => ((2 * random.uniform() - 1) * scale) / Math.sqrt(inputs) };
}

/** Uniform entries of variance 2 / (inputs + outputs) (Glorot and Bengio, 2010). */
export function glorotUniform(shape: readonly number[], options: FanOptions = {}): ParameterSpec {
  const { inputs, outputs, scale } = fans(shape, options);
  const limit = Math.sqrt(6 / (inputs + outputs)) * scale;
  return { shape, draw: (random) => (2 * random.uniform() - 1) * limit };
}

/** Normal entries of variance 2 / (inputs + outputs) (Glorot and Bengio, 2010), not truncated. */
export function glorotNormal(shape: readonly number[], options: FanOptions = {}): ParameterSpec {
  const { inputs, outputs, scale } = fans(shape, options);
  const deviation = Math.sqrt(2 / (inputs + outputs)) * scale;
  return { shape, draw: (random) => random.normal() * deviation };
}

/** Uniform entries of variance 2 / inputs, for layers of rectifiers (He, Zhang, Ren and Sun, 2015). */
export function heUniform(shape: readonly number[], options: FanOptions = {}): ParameterSpec {
  const { inputs, scale } = fans(shape, options);
  const limit = Math.sqrt(6 / inputs) * scale;
  return { shape, draw: (random) => (2 * random.uniform() - 1) * limit };
}

/** Normal entries of variance 2 / inputs, for layers of rectifiers (He, Zhang, Ren and Sun, 2015), not truncated. */
export function heNormal(shape: readonly number[], options: FanOptions = {}): ParameterSpec {
  const { inputs, scale } = fans(shape, options);
  const deviation = Math.sqrt(2 / inputs) * scale;
  return { shape, draw: (random) => random.normal() * deviation };
}

/** The numbers of {@link FanOptions}, those left out reckoned from the shape. */
function fans(
  shape: readonly number[],
  options: FanOptions,
): { inputs: number; outputs: number; scale: number } {
  checkShape('shape', shape);
  checkOptions('options', options, ['inputs', 'outputs', 'scale']);
  const product = (axes: readonly number[]) => axes.reduce((size, axis) => size * axis, 1);
  const before = product(shape.slice(0, -2));
  const wide = shape.length >= 2;
  const { inputs = wide ? Math.max(1, before * shape[shape.length - 2]) : undefined, scale = 1 } = options;
  const { outputs = wide ? before * shape[shape.length - 1] : 0 } = options;
  if (inputs === undefined)
    throw invalid('inputs', 'the number of inputs of the layer, for a vector', inputs);
  return {
    inputs: checkNumber('inputs', inputs, 1, Number.MAX_SAFE_INTEGER),
    outputs: checkNumber('outputs', outputs, 0, Number.MAX_SAFE_INTEGER),
    scale: checkNumber('scale', scale, -Number.MAX_VALUE, Number.MAX_VALUE),
  };
}

/** The most entries that an array of parameters may have. */
const largestArray = 2 ** 30;

/** Sizes of axes, of an array that is not too large. */
export function checkShape(name: string, shape: unknown): void {
  const good = Array.isArray(shape) && shape.every((axis) => Number.isInteger(axis) && axis >= 0);
  if (!good || shape.reduce((size, axis) => size * axis, 1) > largestArray) {
    throw invalid(name, `a shape of at most ${largestArray} numbers`, shape);
  }
}
