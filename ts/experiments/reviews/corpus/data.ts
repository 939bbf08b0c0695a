import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { invalid } from '../../../arguments/errors';
import { readArrays, type StoredArrays, writeArrays } from '../../../files/array-file';
import type { DataSettings } from '../config';
import { aspects } from './aspects';
import { ReviewSource } from './generator';
import { findPublished, readAnnotations, readReviews, readVectors } from './published';
import { type PlainReview, packReviews, type ReviewSet } from './review-set';
import { frequentWords, type Vocabulary, vocabularyOf } from './vocabulary';
import { wordVectors } from './word-vectors';

/** The sets of the experiment and the words they are made of. */
export interface ReviewsData {
  vocabulary: Vocabulary;
  /** [words, dimension] of each word of the vocabulary. */
  vectors: Float32Array;
  dimension: number;
  /** Whether the vectors come from a file, and not from the text. */
  givenVectors: boolean;
  train: ReviewSet;
  validation: ReviewSet;
  /** Its ratings are told. */
  test: ReviewSet;
  /** Where choices are compared with annotations; of generated reviews it is the test set itself. */
  annotated: ReviewSet | undefined;
}

export interface LoadOptions {
  cacheDirectory?: string;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Raised by a change of the generator or of the word vectors, so that older caches are not read. */
const generatorVersion = 1;
/** Words of a text that get vectors from it, where none are given. */
const mostWords = 2000;
const chunk = 500;
const setNames = ['test', 'validation', 'train'] as const;

/**
 * The data of the experiment: read from a folder in the published format, or generated and cached.
 *
 * @returns undefined if the signal stopped it
 * @throws SstError naming the file, and the line, that cannot be read
 */
export async function loadReviews(
  settings: DataSettings,
  options: LoadOptions = {},
): Promise<ReviewsData | undefined> {
  return settings.data === undefined ? generated(settings, options) : published(settings, settings.data);
}

async function generated(settings: DataSettings, options: LoadOptions): Promise<ReviewsData | undefined> {
  const { trainSize, validationSize, testSize, dataSeed, dimension, longest } = settings;
  const sizes = { train: trainSize, validation: validationSize, test: testSize };
  const description = { generatorVersion, ...sizes, dataSeed, dimension, longest };
  const key = createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 16);
  const path = join(options.cacheDirectory ?? '.cache', `reviews-${key}.bin`);
  const cached = readCache(path, description);
  if (cached !== undefined) return cached;

  const source = new ReviewSource(dataSeed);
  const drawn: Record<keyof typeof sizes, PlainReview[]> = { test: [], validation: [], train: [] };
  const total = trainSize + validationSize + testSize;
  let done = 0;
  // The small sets first: they do not depend on the size of the training set.
  for (const name of setNames) {
    for (let index = 0; index < sizes[name]; index++) {
      drawn[name].push(source.draw(name, index));
      if (++done % chunk !== 0) continue;
      options.onProgress?.(done, total);
      await new Promise((resolve) => setImmediate(resolve));
      if (options.signal?.aborted) return undefined;
    }
  }
  const everything = setNames.flatMap((name) => drawn[name].map(({ tokens }) => tokens));
  const vocabulary = vocabularyOf(frequentWords(everything, Number.POSITIVE_INFINITY));
  const pack = (name: keyof typeof sizes) => packReviews(drawn[name], vocabulary, longest);
  const sets = { train: pack('train'), validation: pack('validation'), test: pack('test') };
  const vectors = wordVectors(sets.train, vocabulary.words.length, dimension, dataSeed);
  writeArrays(path, { ...description, words: vocabulary.words }, storedArrays(sets, vectors));
  return { vocabulary, vectors, dimension, givenVectors: false, ...sets, annotated: sets.test };
}

function storedArrays(sets: Record<string, ReviewSet>, vectors: Float32Array): StoredArrays {
  const arrays: StoredArrays = { vectors: { shape: [vectors.length], values: vectors } };
  for (const [name, { offsets, tokens, ratings, gold }] of Object.entries(sets)) {
    for (const [part, values] of Object.entries({ offsets, tokens, ratings, gold })) {
      if (values !== undefined) arrays[`${name}.${part}`] = { shape: [values.length], values };
    }
  }
  return arrays;
}

function readCache(path: string, description: { dimension: number }): ReviewsData | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { description: found, arrays } = readArrays(path);
    const { words, ...rest } = found as { words: string[] };
    if (JSON.stringify(rest) !== JSON.stringify(description)) return undefined;
    const set = (name: string): ReviewSet => ({
      size: arrays[`${name}.offsets`].values.length - 1,
      offsets: arrays[`${name}.offsets`].values as Int32Array,
      tokens: arrays[`${name}.tokens`].values as Int32Array,
      ratings: arrays[`${name}.ratings`].values as Float32Array,
      gold: arrays[`${name}.gold`].values as Uint8Array,
    });
    const test = set('test');
    return {
      vocabulary: vocabularyOf(words),
      vectors: arrays.vectors.values as Float32Array,
      dimension: description.dimension,
      givenVectors: false,
      train: set('train'),
      validation: set('validation'),
      test,
      annotated: test,
    };
  } catch {
    // A damaged cache is generated anew.
    return undefined;
  }
}

/** What is held out is validated on in its first half and tested on in its second, as published. */
function published(settings: DataSettings, directory: string): ReviewsData {
  const { aspect, longest, dimension, dataSeed } = settings;
  const files = findPublished(directory, aspects.indexOf(aspect));
  const train = readReviews(files.train);
  const heldOut = readReviews(files.heldOut);
  if (train.length < 1) throw invalid(files.train, 'at least 1 review', train.length);
  if (heldOut.length < 2) throw invalid(files.heldOut, 'at least 2 reviews', heldOut.length);
  const annotated = files.annotations === undefined ? undefined : readAnnotations(files.annotations);
  const half = Math.floor(heldOut.length / 2);
  const sets = { train, validation: heldOut.slice(0, half), test: heldOut.slice(half) };
  const texts = [...train, ...heldOut, ...(annotated ?? [])].map(({ tokens }) => tokens);
  const frequent = frequentWords(texts, files.vectors === undefined ? mostWords : Number.POSITIVE_INFINITY);
  const given = files.vectors === undefined ? undefined : vectorsOf(files.vectors, frequent);
  const vocabulary = given?.vocabulary ?? vocabularyOf(frequent);
  const pack = (reviews: readonly PlainReview[]) => packReviews(reviews, vocabulary, longest);
  const packed = pack(sets.train);
  return {
    vocabulary,
    dimension: given?.dimension ?? dimension,
    vectors: given?.vectors ?? wordVectors(packed, vocabulary.words.length, dimension, dataSeed),
    givenVectors: given !== undefined,
    train: packed,
    validation: pack(sets.validation),
    test: pack(sets.test),
    annotated: annotated && pack(annotated),
  };
}

/** Vectors of the words of a text that a file has. */
function vectorsOf(
  path: string,
  words: readonly string[],
): Pick<ReviewsData, 'vocabulary' | 'vectors' | 'dimension'> {
  const wanted = new Set(words);
  const { dimension, vectors: found } = readVectors(path, (word) => wanted.has(word));
  const vocabulary = vocabularyOf(words.filter((word) => found.has(word)));
  const vectors = new Float32Array(vocabulary.words.length * dimension);
  for (const [index, word] of vocabulary.words.entries())
    vectors.set(found.get(word) ?? [], index * dimension);
  return { vocabulary, vectors, dimension };
}
