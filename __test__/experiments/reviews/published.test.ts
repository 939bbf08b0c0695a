import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadReviews } from '../../../ts/experiments/reviews/corpus/data';
import {
  findPublished,
  readAnnotations,
  readAnyReviews,
  readReviews,
  readVectors,
} from '../../../ts/experiments/reviews/corpus/published';
import { goldOf, ratingOf } from '../../../ts/experiments/reviews/corpus/review-set';
import { SstError } from '../../../ts/index';
import { tinyConfig } from './tiny';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sst-beer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

function errorOf(work: () => unknown): SstError {
  try {
    work();
  } catch (error) {
    if (error instanceof SstError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const line = '0.8 0.7 0.6 0.9 1.0\tsmells like wheat and hops .';
const annotation = {
  x: ['pours', 'orange', '.', 'smells', 'good', '.'],
  y: [0.7, 0.8, 0.9, 0.8, 0.8],
  0: [[0, 3]],
  1: [[3, 6]],
  2: [],
  3: [],
  4: [],
  raw: 'ignored',
};

describe('files of ratings and tokens', () => {
  test('are read line by line', () => {
    const path = file('reviews.txt', line, '', '0 0 0 0 0\t', '.1 0.2 .3  .4 5e-1\ta  b\r');
    expect(readReviews(path)).toEqual([
      { ratings: [0.8, 0.7, 0.6, 0.9, 1], tokens: ['smells', 'like', 'wheat', 'and', 'hops', '.'] },
      { ratings: [0.1, 0.2, 0.3, 0.4, 0.5], tokens: ['a', 'b'] },
    ]);
    expect(readAnyReviews(path)).toEqual(readReviews(path));
  });

  test.each([
    ['no tab', '0.8 0.7 0.6 0.9 1.0 smells good'],
    ['four ratings', '0.8 0.7 0.6 0.9\tsmells good'],
    ['six ratings', '0.8 0.7 0.6 0.9 0.5 0.5\tsmells good'],
    ['a word for a rating', '0.8 0.7 nice 0.9 1.0\tsmells good'],
    ['a rating above 1', '0.8 0.7 0.6 0.9 4.0\tsmells good'],
    ['a negative rating', '0.8 0.7 -0.6 0.9 1.0\tsmells good'],
    ['binary rubbish', '\u0000\u0001\ufffd'],
  ])('name the file and the line of %s', (_, bad) => {
    const path = file('reviews.txt', line, '', bad, line);
    const error = errorOf(() => readReviews(path));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain(`${path}, line 3: expected`);
  });

  test('that cannot be read are named', () => {
    expect(errorOf(() => readReviews(join(folder, 'none.txt'))).message).toContain(join(folder, 'none.txt'));
    expect(errorOf(() => readReviews(folder)).message).toContain(folder);
    const broken = file('reviews.txt.gz', 'not compressed');
    expect(errorOf(() => readReviews(broken)).message).toContain(broken);
  });
});

describe('annotations', () => {
  test('have tokens, ratings and spans', () => {
    const { y, ...without } = annotation;
    const path = file('annotations.json', JSON.stringify(annotation), JSON.stringify(without));
    const [first, second] = readAnnotations(path);
    expect(first).toEqual({
      tokens: annotation.x,
      ratings: y,
      spans: [[[0, 3]], [[3, 6]], [], [], []],
    });
    expect(second.ratings).toEqual(Array(5).fill(Number.NaN));
    expect(readAnyReviews(path)).toEqual([first, second]);
  });

  test.each([
    ['no JSON', '{"x": ['],
    ['no object', '7'],
    ['null', 'null'],
    ['no tokens', '{"y": [0, 0, 0, 0, 0]}'],
    ['tokens that are none', '{"x": ["a", 3]}'],
    ['no token', '{"x": []}'],
    ['ratings that are none', '{"x": ["a"], "y": [0, 0, "1", 0, 0]}'],
    ['too few ratings', '{"x": ["a"], "y": [0, 0]}'],
    ['a span beyond the end', '{"x": ["a", "b"], "1": [[0, 3]]}'],
    ['a span that ends before it begins', '{"x": ["a", "b"], "1": [[2, 1]]}'],
    ['half a span', '{"x": ["a", "b"], "1": [[0]]}'],
    ['a span in fractions', '{"x": ["a", "b"], "1": [[0.5, 1]]}'],
    ['spans that are no list', '{"x": ["a", "b"], "1": 4}'],
  ])('name the file and the line of %s', (_, bad) => {
    const path = file('annotations.json', JSON.stringify(annotation), bad);
    const error = errorOf(() => readAnnotations(path));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain(`${path}, line 2`);
  });
});

describe('word vectors', () => {
  test('are read for the words that are wanted', () => {
    const path = file('vectors.txt', 'wheat 1 -2.5', 'hops 0 1e-1', 'other 3 4');
    const { dimension, vectors } = readVectors(path, (word) => word !== 'other');
    expect(dimension).toBe(2);
    expect([...vectors]).toEqual([
      ['wheat', Float32Array.of(1, -2.5)],
      ['hops', Float32Array.of(0, 0.1)],
    ]);
  });

  test.each([
    ['too few numbers', 'hops 1'],
    ['too many numbers', 'hops 1 2 3'],
    ['a word for a number', 'hops 1 x'],
    ['no finite number', 'hops 1 Infinity'],
  ])('name the file and the line of %s', (_, bad) => {
    const path = file('vectors.txt', 'wheat 1 2', bad);
    expect(errorOf(() => readVectors(path, () => true)).message).toContain(`${path}, line 2: expected`);
  });

  test('must be some', () => {
    const path = file('vectors.txt');
    expect(errorOf(() => readVectors(path, () => true)).message).toContain(path);
    const words = file('vectors.txt', 'wheat');
    expect(errorOf(() => readVectors(words, () => true)).message).toContain(`${words}, line 1`);
  });
});

describe('a folder of published data', () => {
  const settings = { ...tinyConfig('correlated'), longest: 5 };

  test('is found by both names, gzipped or not', () => {
    const train = file('reviews.aspect1.train.txt', line);
    const heldOut = join(folder, 'heldout.txt.gz');
    writeFileSync(heldOut, gzipSync(`${line}\n`));
    expect(findPublished(folder, 1)).toEqual({ train, heldOut, annotations: undefined, vectors: undefined });
    expect(readReviews(heldOut)).toHaveLength(1);
    expect(errorOf(() => findPublished(folder, 0)).message).toContain(folder);
  });

  test('becomes sets: half of what is held out is validated on, half tested on', async () => {
    const rated = (rating: number, text: string) => `0 ${rating} 0 0 0\t${text}`;
    file('train.txt', rated(0.1, 'wheat hops'), rated(0.2, 'a b c d e f g wheat'));
    file('heldout.txt', rated(0.3, 'x'), rated(0.4, 'wheat'), rated(0.5, 'hops'));
    file(
      'annotations.json',
      JSON.stringify({ ...annotation, x: ['wheat', '.', 'hops', 'smell', 'good', '.'] }),
    );
    file('vectors.txt', 'wheat 1 2', 'hops 3 4', 'unseen 5 6');
    const data = await loadReviews({ ...settings, data: folder });
    if (data === undefined || data.annotated === undefined) throw new Error('expected data');
    expect(data.vocabulary.words).toEqual(['', '<unk>', 'wheat', 'hops']);
    expect(data.dimension).toBe(2);
    expect([...data.vectors]).toEqual([0, 0, 0, 0, 1, 2, 3, 4]);
    const ratings = ({ size, ...set }: typeof data.test) =>
      Array.from({ length: size }, (_, i) => ratingOf({ size, ...set }, i, 1).toFixed(1));
    expect([data.train, data.validation, data.test].map(ratings)).toEqual([
      ['0.1', '0.2'],
      ['0.3'],
      ['0.4', '0.5'],
    ]);
    // Cut to five tokens; unknown words are one word.
    expect([...data.train.tokens]).toEqual([2, 3, 1, 1, 1, 1, 1]);
    expect(data.test.gold).toBeUndefined();
    expect(goldOf(data.annotated, 0, 1)).toEqual([false, false, false, true, true]);
    expect(goldOf(data.annotated, 0, 0)).toEqual([true, true, true, false, false]);
  });

  test('has vectors of its own text where there is no file of them', async () => {
    file(
      'train.txt',
      ...Array.from({ length: 20 }, (_, i) => `0 0.1 0 0 0\tw${i} w${(i * 7) % 20} w${(i * 3) % 20}`),
    );
    file('heldout.txt', line, line);
    const data = await loadReviews({ ...settings, data: folder });
    expect(data?.dimension).toBe(settings.dimension);
    expect(data?.vectors).toHaveLength(settings.dimension * (data?.vocabulary.words.length ?? 0));
    expect(data?.annotated).toBeUndefined();
  });

  test('that holds too little is refused by name', async () => {
    file('train.txt', line);
    file('heldout.txt', line);
    await expect(loadReviews({ ...settings, data: folder })).rejects.toThrow(join(folder, 'heldout.txt'));
  });
});
