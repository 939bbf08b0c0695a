import { checkLength, countRows, type NumberArray, toDoubles } from '../arguments/arrays';
import { invalid, isRevoked, SstError } from '../arguments/errors';
import { checkInteger, checkOptions, checkSeed } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import type {
  DifferentiableLoss,
  Estimate,
  EstimateOptions,
  Estimator,
  LossAndGradient,
  ValueLoss,
} from './estimator';
import { meanRows } from './rows';

/** One call of an estimator, its arguments checked. */
export interface Call {
  theta: Float64Array;
  /** Rows of theta. */
  batch: number;
  samples: number;
  seed: bigint;
}

/** Embeddings [batch x samples x dimension] and the way back from gradients of the loss at them. */
export interface Path {
  x: Float64Array;
  /** From `dL/dx` of every draw to a gradient in theta, [batch x parameter dimension], summed over the draws. */
  backward(gradient: Float64Array): Float64Array;
}

/** An estimator that carries the gradient of the loss through the draw; `draw` is all that tells them apart. */
export function pathwise(
  name: string,
  trick: Trick,
  draw: (call: Call) => Path,
): Estimator<DifferentiableLoss> {
  return {
    name,
    trick,
    needs: 'gradient',
    estimate(theta, loss, options) {
      const call = checkCall(trick.parameterDimension, theta, options);
      const { x, backward } = draw(call);
      const { value, gradient } = differentiate(loss, x, call.batch * call.samples);
      return estimateOf(call, value, backward(gradient), x);
    },
  };
}

/** The mean losses and gradients of a call, from the losses of the draws and a gradient summed over them. */
export function estimateOf(
  { batch, samples }: Call,
  value: Float64Array,
  gradient: Float64Array,
  x: Float64Array,
): Estimate {
  return checkEstimate({
    loss: meanRows(value, batch, samples, 1),
    gradient: gradient.map((g) => g / samples),
    samples: x,
  });
}

/** Refuses an estimate beyond the range of doubles. */
export function checkEstimate(estimate: Estimate): Estimate {
  for (const key of ['loss', 'gradient'] as const) {
    const index = estimate[key].findIndex((x) => !Number.isFinite(x));
    if (index < 0) continue;
    throw new SstError('NOT_FINITE', `${key}[${index}]: the estimate is beyond the range of doubles`);
  }
  return estimate;
}

/** Checks what an estimator is given. */
export function checkCall(
  width: number,
  theta: NumberArray,
  options: EstimateOptions,
  known: readonly string[] = [],
): Call {
  checkOptions('options', options, ['seed', 'samples', ...known]);
  const parameters = toDoubles('theta', theta);
  return {
    theta: parameters,
    batch: countRows('theta', parameters.length, width),
    samples: checkInteger('samples', options.samples ?? 1, 1, 2 ** 32 - 1),
    seed: checkSeed(options.seed),
  };
}

/** The losses of some embeddings. */
export function evaluate(loss: ValueLoss, x: Float64Array, rows: number): Float64Array {
  const given = call(loss, x, rows);
  return checkNumbers('loss', isPair(given) ? given.value : given, rows, 'one for each embedding');
}

/** The losses of some embeddings and their gradients. */
export function differentiate(
  loss: DifferentiableLoss,
  x: Float64Array,
  rows: number,
): { value: Float64Array; gradient: Float64Array } {
  const given = call(loss, x, rows);
  if (!isPair(given)) throw invalid('loss', 'a function that gives { value, gradient }', given);
  return {
    value: checkNumbers('loss.value', given.value, rows, 'one for each embedding'),
    gradient: checkNumbers('loss.gradient', given.gradient, x.length, 'one for each coordinate'),
  };
}

function call(loss: ValueLoss, x: Float64Array, rows: number): NumberArray | LossAndGradient {
  if (typeof loss !== 'function') throw invalid('loss', 'a function of embeddings', loss);
  return loss(x, rows);
}

function isPair(given: NumberArray | LossAndGradient): given is LossAndGradient {
  if (typeof given !== 'object' || given === null || isRevoked(given)) return false;
  return 'value' in given && 'gradient' in given;
}

function checkNumbers(name: string, given: unknown, length: number, why: string): Float64Array {
  const numbers = toDoubles(name, given);
  checkLength(name, numbers, length, why);
  const index = numbers.findIndex((x) => !Number.isFinite(x));
  if (index >= 0)
    throw new SstError('NOT_FINITE', `${name}[${index}]: expected a finite number, got ${numbers[index]}`);
  return numbers;
}

/** A seed for a second use of randomness in one call. */
export function otherSeed(seed: bigint): bigint {
  // An odd number near 2^64 over the golden ratio: no seed that is counted up from another comes near it.
  return BigInt.asUintN(64, seed + 0x9e3779b97f4a7c15n);
}
