import {
  type ArrayLike,
  checkApart,
  checkLength,
  checkOut,
  countRows,
  deliver,
  type NumberArray,
  type TypedNumbers,
  toNumbers,
} from '../arguments/arrays';
import { checkDrawn, checkDraws } from '../arguments/draws';
import { misshapen } from '../arguments/errors';
import { checkLengths, type LengthArray, repeatLengths } from '../arguments/lengths';
import type { Output } from '../arguments/options';
import {
  isPerRow,
  type ReadTemperature,
  readTemperature,
  repeatTemperature,
  type Temperature,
} from '../arguments/temperature';
import { checkInteger, checkOptions } from '../arguments/validate';
import type { Count, Question, Shape, Space } from './question';

/** Everything that some method has as an option; each question has its own. */
export interface CallOptions {
  seed?: number | bigint | undefined;
  samples?: number | undefined;
  firstRow?: number | undefined;
  temperature?: Temperature | undefined;
  lengths?: LengthArray | undefined;
  out?: Output | undefined;
}

/** The length of a row in each space. */
export type Widths = Readonly<Record<Space, number>>;

/**
 * A question with its arguments, read once: nothing that a caller does to options, lengths or arrays of his own later can
 * change it, but for writing to a typed array while the call runs on this thread, which he cannot.
 */
export interface Call {
  readonly question: Question;
  readonly rows: number;
  /** How many draws of each row the caller brings. */
  readonly draws: number;
  readonly inputs: readonly TypedNumbers[];
  readonly lengths: Uint32Array | undefined;
  readonly temperature: ReadTemperature;
  readonly seed: bigint | undefined;
  readonly samples: number;
  readonly firstRow: number;
  /** How many numbers the answer has. */
  readonly length: number;
  /** Of each row of the batch. */
  readonly width: number;
  /** The array whose precision the answer has, unless `out` says otherwise. */
  readonly like: unknown;
  readonly out: Output | undefined;
}

export interface Reading {
  widths: Widths;
  /** The temperature of calls that do not say one. */
  temperature: number;
  /** Options beside the question's own. */
  extra?: readonly string[];
  /** How many rows there are where arrays cannot tell, since their rows are empty. */
  rows?: number | undefined;
}

/** Why an array has so many numbers. */
const reasons: Record<Space, string> = {
  parameter: 'one for each parameter',
  utility: 'as many as the utility has',
  embedding: 'one for each coordinate of the structure',
  number: 'one for each',
  valued: 'one for each coordinate of the structure, and one more',
  both: 'one for each coordinate of the structure, and as many as the utility has',
};

function reasonOf({ space, count }: Shape): string {
  if (space !== 'number') return reasons[space];
  return count === 'row' ? 'one for each row' : 'one for each draw';
}

/** Reads the arguments of a method: arrays in the order of the question's inputs, and options. */
export function readCall(
  question: Question,
  arrays: readonly unknown[],
  options: CallOptions,
  { widths, temperature, extra = [], rows: told }: Reading,
): Call {
  checkOptions('options', options, [...question.options.slice(0, -1), ...extra, 'out']);
  const { lengths: given, out, temperature: own = temperature } = options;
  const drawn = question.draws ? checkDraws(options as { seed: unknown }) : undefined;
  const { samples: together = 1 } = options;
  const shared = drawn ? 1 : checkInteger('samples', together, 1, 2 ** 32 - 1);
  const inputs = question.inputs.map(({ name }, i) => toNumbers(name, arrays[i]));
  const each = given ?? (isPerRow(own) ? own : undefined);
  const rows = rowsOf(question.inputs[0], inputs[0], widths, told ?? (each && lengthOf(each) * shared));
  if (rows % shared !== 0) {
    throw misshapen(question.inputs[0].name, `rows of ${shared} samples each`, `${rows} rows`);
  }
  const lengths = checkLengths(given, rows / shared);
  const t = question.tempered ? readTemperature(own, rows / shared, lengths) : 0;
  const draws = countDraws(question, inputs, rows, widths);
  const samples = drawn?.samples ?? 1;
  const times: Record<Count, number> = { row: 1, draw: draws, sample: draws * samples, rank: samples };
  question.inputs.forEach((shape, i) => {
    const length = rows * times[shape.count] * widths[shape.space];
    if (i > 0) checkLength(shape.name, inputs[i], length, reasonOf(shape));
  });
  const width = times[question.result.count] * widths[question.result.space];
  const length = drawn ? checkDrawn(rows * width, samples, out) : rows * width;
  if (out !== undefined) {
    checkOut(out, length);
    const named = question.inputs.map(({ name }, i) => [name, arrays[i]]);
    checkApart(out, Object.fromEntries([...named, ['lengths', given], ['temperature', own]]));
  }
  return {
    question,
    rows,
    draws,
    inputs,
    lengths: lengths && repeatLengths(lengths, shared),
    temperature: repeatTemperature(t, shared),
    seed: drawn?.seed,
    samples,
    firstRow: drawn?.firstRow ?? 0,
    length,
    width,
    like: arrays[0],
    out,
  };
}

/** Delivers the answer to a call, whose doubles `fill` writes, as the caller wants it. */
export function answerOf<A extends NumberArray>(
  call: Call,
  fill: (doubles: Float64Array) => void,
): ArrayLike<A> {
  return deliver(call.length, call.like, call.out, fill, call.width) as ArrayLike<A>;
}

/** How many rows an array has; where a row is empty, as many as there are lengths or temperatures, or one. */
function rowsOf(
  { name, space }: Shape,
  { length }: TypedNumbers,
  widths: Widths,
  told: number | undefined,
): number {
  const width = widths[space];
  const rows = countRows(name, length, width);
  return width === 0 ? (told ?? rows) : rows;
}

/** How many draws of each row there are; where a draw is empty, as many as there are numbers of draws, or one. */
function countDraws(
  question: Question,
  inputs: readonly TypedNumbers[],
  rows: number,
  widths: Widths,
): number {
  const index = question.inputs.findIndex(({ count, space }) => count === 'draw' && widths[space] > 0);
  const stride = index < 0 ? 0 : rows * widths[question.inputs[index].space];
  if (stride === 0) return 1;
  const { name } = question.inputs[index];
  const draws = countRows(name, inputs[index].length, stride);
  // Before other arrays are compared with none.
  if (draws === 0) throw misshapen(name, `${stride} numbers`, '0');
  return draws;
}

/** The length of what should be an array with a number for each row. */
function lengthOf(each: LengthArray | NumberArray): number {
  return typeof each === 'object' && each !== null ? each.length : 0;
}
