import { checkLength, countRows, type NumberArray, numbersOf, toDoubles } from '../arguments/arrays';
import { invalid, isRevoked, SstError } from '../arguments/errors';
import { checkLengths } from '../arguments/lengths';
import { checkInteger, checkOptions, checkSeed } from '../arguments/validate';
import { ask } from '../trick/asking';
import type { Trick } from '../trick/trick';
import type {
  DifferentiableLoss,
  Estimate,
  EstimateOptions,
  Estimator,
  LossAndGradient,
  ValueLoss,
} from './estimator';
import { meanRows, sumRows } from './rows';

/** Tells an estimator how many rows there are where a row has no numbers; not an option. */
export const ROWS = Symbol('rows');

/** Tells what each embedding of the first evaluation weighs in the mean loss of its row, where they do not weigh alike. */
export const WEIGHTS = Symbol('weights');

interface Rows {
  readonly [ROWS]?: number;
}

/** One call of an estimator, its arguments read once. */
export interface Call {
  theta: Float64Array;
  /** Rows of theta. */
  batch: number;
  samples: number;
  seed: bigint;
  /** Options of the trick's methods on rows of theta. */
  ofRows: { lengths: Uint32Array | undefined };
  /** Options of those on rows of draws. */
  ofDraws: { lengths: Uint32Array | undefined; samples: number };
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
      const call = readCall(trick, theta, options);
      const { x, backward } = draw(call);
      const { value, gradient } = differentiate(trick, loss, x, call.batch * call.samples, call.ofDraws);
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

/**
 * The estimate of a call whose embeddings do not weigh alike: `value` and `weights` have so many of each row, `gradient` is the
 * estimate itself, x what was drawn.
 */
export function weighedEstimate(
  { batch }: Call,
  { value, weights, gradient, x }: Record<'value' | 'weights' | 'gradient' | 'x', Float64Array>,
): Estimate {
  const loss = sumRows(
    value.map((each, i) => weights[i] * each),
    batch,
    batch === 0 ? 0 : value.length / batch,
    1,
  );
  return Object.assign(checkEstimate({ loss, gradient, samples: x }), { [WEIGHTS]: weights });
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

/** Reads what an estimator is given: rows of parameters, or of `width` numbers. */
export function readCall(
  trick: Trick,
  theta: NumberArray,
  options: EstimateOptions,
  known: readonly string[] = [],
  width = trick.parameterDimension,
): Call {
  checkOptions('options', options, ['seed', 'samples', 'lengths', ...known]);
  const parameters = toDoubles('theta', theta);
  const counted = countRows('theta', parameters.length, width);
  const batch = width === 0 ? (options.lengths?.length ?? (options as Rows)[ROWS] ?? counted) : counted;
  const samples = checkInteger('samples', options.samples ?? 1, 1, 2 ** 32 - 1);
  // Lengths tell the trick's methods how many empty rows there are.
  const told = width === 0 ? new Array<number>(batch).fill(trick.size) : undefined;
  const lengths = checkLengths(options.lengths ?? told, batch);
  return {
    // What is computed in between must not depend on what a loss does to it.
    theta: parameters.slice(),
    batch,
    samples,
    seed: checkSeed(options.seed),
    ofRows: { lengths },
    ofDraws: { lengths, samples },
  };
}

/** The losses of some embeddings, 0 where a row is padding altogether. */
export function evaluate(
  loss: ValueLoss,
  x: Float64Array,
  rows: number,
  { lengths }: Call['ofRows'],
): Float64Array {
  const given = call(loss, x, rows);
  const value = numbersOf('loss', isPair(given) ? given.value : given);
  checkLength('loss', value, rows, 'one for each embedding');
  return checkNumbers('loss', withoutPadding(value, lengths));
}

/** What there is of each row that counts, from what there is of each row: those of length 0 are padding. */
export function ofCountedRows(values: Float64Array, { ofRows: { lengths } }: Call): Float64Array {
  if (!lengths?.includes(0)) return values;
  const width = values.length / lengths.length;
  return values.filter((_, i) => lengths[Math.floor(i / width)] > 0);
}

/** Sets what there is of rows of length 0 to 0. */
function withoutPadding(values: Float64Array, lengths: Uint32Array | undefined): Float64Array {
  if (!lengths?.includes(0)) return values;
  const width = values.length / lengths.length;
  lengths.forEach((length, row) => {
    if (length === 0) values.fill(0, row * width, (row + 1) * width);
  });
  return values;
}

/** The losses of some embeddings and their gradients, 0 where what a row has is padding or no coordinate. */
export function differentiate(
  trick: Trick,
  loss: DifferentiableLoss,
  x: Float64Array,
  rows: number,
  ofDraws: Call['ofDraws'],
): { value: Float64Array; gradient: Float64Array } {
  const given = call(loss, x, rows);
  if (!isPair(given)) throw invalid('loss', 'a function that gives { value, gradient }', given);
  const value = numbersOf('loss.value', given.value);
  const gradient = numbersOf('loss.gradient', given.gradient);
  checkLength('loss.value', value, rows, 'one for each embedding');
  withoutPadding(value, ofDraws.lengths);
  checkLength('loss.gradient', gradient, x.length, 'one for each coordinate');
  const counts = countedCells(trick, x.length, ofDraws);
  counts.forEach((counted, i) => {
    if (counted === 0) gradient[i] = 0;
  });
  return { value: checkNumbers('loss.value', value), gradient: checkNumbers('loss.gradient', gradient) };
}

/** 1 for each cell of some embeddings that is a coordinate of its row, 0 for all others. */
export function countedCells(trick: Trick, length: number, ofDraws: Call['ofDraws']): Float64Array {
  return trick.masked(new Float64Array(length).fill(1), ofDraws);
}

function call(loss: ValueLoss, x: Float64Array, rows: number): NumberArray | LossAndGradient {
  if (typeof loss !== 'function') throw invalid('loss', 'a function of embeddings', loss);
  // A copy: whatever the function does to it is its own affair.
  return loss(x.slice(), rows);
}

function isPair(given: NumberArray | LossAndGradient): given is LossAndGradient {
  if (typeof given !== 'object' || given === null || isRevoked(given)) return false;
  return 'value' in given && 'gradient' in given;
}

function checkNumbers(name: string, numbers: Float64Array): Float64Array {
  const index = numbers.findIndex((x) => !Number.isFinite(x));
  if (index < 0) return numbers;
  throw new SstError('NOT_FINITE', `${name}[${index}]: expected a finite number, got ${numbers[index]}`);
}

/** Parameters where they count, and 0 elsewhere, whatever stands there. */
export function countedTheta(trick: Trick, { theta, ofRows }: Pick<Call, 'theta' | 'ofRows'>): Float64Array {
  return ask(trick, 'maskedTheta', [theta], ofRows);
}
