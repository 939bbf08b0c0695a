import fc from 'fast-check';
import { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import type { Trick } from '../../ts/trick/trick';
import { type Entry, type Exception, registry } from './registry';
import { lawSeed } from './seed';

/** A trick with valid inputs for it, of `rows` rows. */
export interface Question {
  trick: Trick;
  /** The trick with its log-partition function, if it has one. */
  family: ExponentialFamilyTrick | undefined;
  rows: number;
  /** May hold -Infinity; every row is feasible. */
  utility: Float64Array;
  cotangent: Float64Array;
  theta: Float64Array;
  temperature: number;
  seed: number;
}

const number = fc.oneof(
  fc.double({ min: -3, max: 3, noNaN: true }),
  fc.integer({ min: -2, max: 2 }),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }),
);

function questions({ tricks, except = [] }: Entry): fc.Arbitrary<Question> {
  return fc.tuple(tricks, fc.integer({ min: 1, max: 9 })).chain(([trick, count]) => {
    const { dimension, utilityDimension, parameterDimension } = trick;
    // Of dimension 0 there is one row, empty.
    const rows = dimension === 0 ? 1 : count;
    const cells = (cell: fc.Arbitrary<number>, n: number) =>
      fc.array(cell, { minLength: n * rows, maxLength: n * rows }).map((list) => Float64Array.from(list));
    const masks = fc.array(fc.nat(), { maxLength: except.includes('masks') ? 0 : 20 });
    const moderate = fc.double({ min: -3, max: 3, noNaN: true });
    return fc
      .record({
        trick: fc.constant(trick),
        family: fc.constant(trick instanceof ExponentialFamilyTrick ? trick : undefined),
        rows: fc.constant(rows),
        utility: fc.oneof(cells(number, utilityDimension), cells(moderate, utilityDimension)),
        cotangent: cells(fc.double({ min: -1, max: 1, noNaN: true }), dimension),
        theta: cells(moderate, parameterDimension),
        temperature: fc.constantFrom(0, 1e-3, 0.1, 0.7, 1, 10, 1e6),
        seed: fc.maxSafeNat(),
        masked: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, masks),
      })
      .map(({ masked, ...question }) => ({ ...question, utility: forbid(question, masked) }));
  });
}

/** Forbids some coordinates, but none of the best structure's, so that something remains. */
function forbid({ trick, utility }: Omit<Question, 'masked'>, masked: readonly number[]): Float64Array {
  const best = trick.argmax(utility);
  const allowed = Float64Array.from(utility);
  for (const hint of masked) {
    const cell = utility.length === 0 ? 0 : hint % utility.length;
    if (best[cell] === 0) allowed[cell] = Number.NEGATIVE_INFINITY;
  }
  return allowed;
}

/** Declares a test of a law for every structure, on the same questions every time. */
export function law(
  statement: string,
  holds: (question: Question) => void,
  { unless, numRuns = 60 }: { unless?: Exception; numRuns?: number } = {},
): void {
  const subjects = registry.filter(({ except = [] }) => unless === undefined || !except.includes(unless));
  test.each(subjects)(`$name: ${statement}`, (entry) => {
    fc.assert(fc.property(questions(entry), holds), { seed: lawSeed, numRuns });
  });
}

/**
 * Expects two arrays of one type to have the same bits. Jest takes a second to compare 100,000 numbers, and to be asked
 * anything at all longer than a call of the library: it is asked where they differ.
 */
export function expectSameBits(
  got: Float32Array | Float64Array,
  expected: Float32Array | Float64Array,
): void {
  const bytes = (array: typeof got) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  if (got.constructor === expected.constructor && bytes(got).equals(bytes(expected))) return;
  expect(got.constructor).toBe(expected.constructor);
  expect(Array.from(got)).toEqual(Array.from(expected));
}

/** The largest absolute difference of two arrays of one length. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths ${a.length} and ${b.length}`);
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) most = Math.max(most, Math.abs(a[i] - b[i]));
  }
  return most;
}

/** The rows of a flat array. */
export function rowsOf(array: Float64Array, width: number): Float64Array[] {
  const count = width === 0 ? 1 : array.length / width;
  return Array.from({ length: count }, (_, row) => array.slice(row * width, (row + 1) * width));
}

/** The rows' arrays, end to end. */
export function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}
