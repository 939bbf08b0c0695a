import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, SstError } from '../../../arguments/errors';
import { FileError, fromSystem } from '../../../files/file-error';
import { aspects } from './aspects';
import type { PlainReview } from './review-set';

/** The files of a folder in the format of the published BeerAdvocate data; each may be gzipped (.gz). */
export interface PublishedFiles {
  train: string;
  heldOut: string;
  annotations: string | undefined;
  vectors: string | undefined;
}

/**
 * Finds the files of a folder: `train.txt` and `heldout.txt` (or, as published, `reviews.aspect1.train.txt` and
 * `reviews.aspect1.heldout.txt`, 1 the number of the aspect), `annotations.json` and word vectors in `vectors.txt` (or
 * `review+wiki.filtered.200.txt`). The last two may be missing.
 *
 * @throws FileError naming the folder if there are no reviews in it
 */
export function findPublished(directory: string, aspect: number): PublishedFiles {
  const find = (...names: string[]): string | undefined =>
    names
      .flatMap((name) => [join(directory, name), join(directory, `${name}.gz`)])
      .find((path) => existsSync(path));
  const reviews = (part: string): string => {
    const names = [`${part}.txt`, `reviews.aspect${aspect}.${part}.txt`];
    const path = find(...names);
    if (path === undefined) {
      throw new FileError(directory, 'missing', `expected ${names.join(' or ')} (or .gz), there is none`);
    }
    return path;
  };
  return {
    train: reviews('train'),
    heldOut: reviews('heldout'),
    annotations: find('annotations.json'),
    vectors: find('vectors.txt', 'review+wiki.filtered.200.txt'),
  };
}

/**
 * Reviews of a file of lines: five ratings in [0, 1], a tab, tokens. Lines without tokens are left out.
 *
 * @throws SstError naming the file and the line that is none
 */
export function readReviews(path: string): PlainReview[] {
  return linesOf(path).flatMap(([line, where]): PlainReview[] => {
    const tab = line.indexOf('\t');
    if (tab < 0) throw malformed(where, 'ratings, a tab and tokens', line);
    const ratings = line.slice(0, tab).split(' ').filter(Boolean).map(Number);
    checkRatings(ratings, where, line.slice(0, tab));
    const tokens = line
      .slice(tab + 1)
      .split(' ')
      .filter(Boolean);
    return tokens.length === 0 ? [] : [{ tokens, ratings }];
  });
}

/**
 * Annotated reviews of a file of one JSON object a line: tokens `x`, for each aspect (`"0"` to `"4"`) a list of the spans
 * [begin, end) of its sentences, and the ratings `y`, which may be missing.
 *
 * @throws SstError naming the file and the line that is none
 */
export function readAnnotations(path: string): Required<PlainReview>[] {
  return linesOf(path).map(([line, where]) => {
    let value: Record<string, unknown>;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw malformed(where, `JSON (${(error as Error).message})`, line);
    }
    const tokens = value?.x;
    const strings = Array.isArray(tokens) && tokens.every((token) => typeof token === 'string');
    if (!strings || tokens.length === 0) throw malformed(where, 'tokens as a list of strings in "x"', tokens);
    const ratings = value.y ?? aspects.map(() => Number.NaN);
    if (value.y !== undefined) checkRatings(ratings, where, value.y);
    const spans = aspects.map((_, aspect) =>
      checkSpans(value[aspect] ?? [], tokens.length, `${where}, "${aspect}"`),
    );
    return { tokens, ratings: ratings as number[], spans };
  });
}

/** What a file of reviews holds, by its first character: annotated ones, or ratings with tokens. @throws SstError */
export function readAnyReviews(path: string): PlainReview[] {
  return linesOf(path)[0]?.[0].startsWith('{') ? readAnnotations(path) : readReviews(path);
}

/** Word vectors of a file of lines, a word and its numbers. @throws SstError naming the file and the line that is none */
export function readVectors(
  path: string,
  wanted: (word: string) => boolean,
): { dimension: number; vectors: Map<string, Float32Array> } {
  const vectors = new Map<string, Float32Array>();
  let dimension: number | undefined;
  for (const [line, where] of linesOf(path)) {
    const [word, ...numbers] = line.split(' ').filter(Boolean);
    dimension ??= numbers.length;
    const values = Float32Array.from(numbers, Number);
    if (dimension === 0 || values.length !== dimension || !values.every(Number.isFinite)) {
      const expected = dimension === 0 ? 'a word and its numbers' : `a word and ${dimension} finite numbers`;
      throw malformed(where, expected, line);
    }
    if (wanted(word)) vectors.set(word, values);
  }
  if (dimension === undefined)
    throw new FileError(path, 'damaged', 'expected word vectors, got an empty file');
  return { dimension, vectors };
}

/** The lines that are not empty, each with its place for errors. */
function linesOf(path: string): [line: string, where: string][] {
  return textOf(path)
    .split('\n')
    .flatMap((line, i): [string, string][] => {
      const text = line.replace(/\r$/, '');
      return text.trim() === '' ? [] : [[text, `${path}, line ${i + 1}`]];
    });
}

function textOf(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw fromSystem(path, 'read', error);
  }
}

function checkRatings(ratings: unknown, where: string, got: unknown): void {
  const good =
    Array.isArray(ratings) &&
    ratings.length === aspects.length &&
    ratings.every((rating) => typeof rating === 'number' && rating >= 0 && rating <= 1);
  if (!good) throw malformed(where, `${aspects.length} ratings from 0 to 1`, got);
}

function checkSpans(spans: unknown, length: number, where: string): [number, number][] {
  const expected = `spans [begin, end] with 0 <= begin <= end <= ${length}`;
  if (!Array.isArray(spans)) throw malformed(where, expected, spans);
  return spans.map((span: unknown) => {
    const [begin, end] = Array.isArray(span) && span.length === 2 ? span : [Number.NaN, Number.NaN];
    const good =
      Number.isInteger(begin) && Number.isInteger(end) && 0 <= begin && begin <= end && end <= length;
    if (!good) throw malformed(where, expected, span);
    return [begin, end];
  });
}

function malformed(where: string, expected: string, got: unknown): SstError {
  return new SstError('INVALID_ARGUMENT', `${where}: expected ${expected}, got ${describe(got)}`);
}
