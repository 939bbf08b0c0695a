import { RandomStream } from '../../../training/random';
import type { ReviewSet } from './review-set';

/** Neighbours on either side that count as seen together. */
const reach = 3;
/** Vectors beyond those that are kept, and rounds, of the subspace iteration. */
const oversampling = 8;
const rounds = 40;

/**
 * Word vectors [words, dimension] from a text: half of each from neighbours within three words, half from whole reviews.
 *
 * Each half has the leading singular vectors of the matrix of positive pointwise mutual informations
 * `max(0, log(c_ij c / (c_i c_j)))` (Levy and Goldberg, 2014), times the fourth root of their singular values, and rows of
 * length 1; the whole has mean square 1 over the words that occur. Others have 0.
 */
export function wordVectors(set: ReviewSet, words: number, dimension: number, seed: number): Float32Array {
  const near = Math.ceil(dimension / 2);
  const halves = [
    spectrum(informations(neighbours(set, words), words), words, near, new RandomStream(seed, 'near')),
    spectrum(
      informations(companions(set, words), words),
      words,
      dimension - near,
      new RandomStream(seed, 'far'),
    ),
  ];
  const vectors = new Float32Array(words * dimension);
  for (let word = 0; word < words; word++) {
    let at = word * dimension;
    for (const half of halves) {
      const row = half.map((column) => column[word]);
      const length = Math.hypot(...row);
      for (const value of row) vectors[at++] = length > 0 ? value / length : 0;
    }
  }
  return scaled(vectors, dimension);
}

/** Scales vectors so that the mean square of the rows that are not 0 is 1. */
export function scaled(vectors: Float32Array, dimension: number): Float32Array {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < vectors.length; at += dimension) {
    const square = vectors.subarray(at, at + dimension).reduce((total, value) => total + value * value, 0);
    sum += square;
    if (square > 0) count += dimension;
  }
  return sum > 0 ? vectors.map((value) => value * Math.sqrt(count / sum)) : vectors;
}

/** How often words stand within `reach` of one another, [words, words]. */
function neighbours({ size, offsets, tokens }: ReviewSet, words: number): Float64Array {
  const counts = new Float64Array(words * words);
  for (let review = 0; review < size; review++) {
    for (let i = offsets[review]; i < offsets[review + 1]; i++) {
      for (let j = Math.max(offsets[review], i - reach); j < i; j++) {
        counts[tokens[i] * words + tokens[j]]++;
        counts[tokens[j] * words + tokens[i]]++;
      }
    }
  }
  return counts;
}

/** In how many reviews two different words stand together, [words, words]. */
function companions({ size, offsets, tokens }: ReviewSet, words: number): Float64Array {
  const counts = new Float64Array(words * words);
  for (let review = 0; review < size; review++) {
    const distinct = [...new Set(tokens.subarray(offsets[review], offsets[review + 1]))];
    for (const a of distinct) for (const b of distinct) if (a !== b) counts[a * words + b]++;
  }
  return counts;
}

/** Counts to positive pointwise mutual informations, in place. */
function informations(counts: Float64Array, words: number): Float64Array {
  const sums = Float64Array.from({ length: words }, (_, i) =>
    counts.subarray(i * words, (i + 1) * words).reduce((sum, count) => sum + count, 0),
  );
  const total = sums.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < words; i++) {
    for (let j = 0; j < words; j++) {
      const count = counts[i * words + j];
      counts[i * words + j] = count > 0 ? Math.max(0, Math.log((count * total) / (sums[i] * sums[j]))) : 0;
    }
  }
  return counts;
}

/**
 * The `kept` leading singular vectors of a symmetric matrix, times the fourth root of their values: `kept` columns. By
 * subspace iteration (Halko, Martinsson and Tropp, 2011).
 */
function spectrum(matrix: Float64Array, size: number, kept: number, random: RandomStream): Float64Array[] {
  const width = Math.min(size, kept + oversampling);
  let basis: Float64Array[] = Array.from({ length: width }, () =>
    Float64Array.from({ length: size }, () => random.normal()),
  );
  let values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    orthonormalise(basis);
    basis = basis.map((column) => product(matrix, column));
    values = basis.map(norm);
  }
  // Columns come out in falling order of their values.
  orthonormalise(basis);
  const columns = basis
    .slice(0, kept)
    .map((column, i) => column.map((x) => x * Math.sqrt(Math.sqrt(values[i]))));
  while (columns.length < kept) columns.push(new Float64Array(size));
  return columns;
}

function product(matrix: Float64Array, column: Float64Array): Float64Array {
  const size = column.length;
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += matrix[i * size + j] * column[j];
    result[i] = sum;
  }
  return result;
}

/** Gram and Schmidt, twice over; a column that depends on those before it becomes 0. */
function orthonormalise(columns: Float64Array[]): void {
  for (const [i, column] of columns.entries()) {
    const before = norm(column);
    for (let again = 0; again < 2; again++) {
      for (const other of columns.slice(0, i)) {
        const share = other.reduce((sum, x, at) => sum + x * column[at], 0);
        for (let at = 0; at < column.length; at++) column[at] -= share * other[at];
      }
    }
    const length = norm(column);
    const scale = length > 1e-12 * before ? 1 / length : 0;
    for (let at = 0; at < column.length; at++) column[at] *= scale;
  }
}

function norm(column: Float64Array): number {
  return Math.sqrt(column.reduce((sum, x) => sum + x * x, 0));
}
