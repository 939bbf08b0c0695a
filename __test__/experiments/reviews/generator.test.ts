import { aspects } from '../../../ts/experiments/reviews/corpus/aspects';
import { drawReview, type Review, ReviewSource } from '../../../ts/experiments/reviews/corpus/generator';
import { names, openings, slots } from '../../../ts/experiments/reviews/corpus/lexicon';
import { drawOpinion, opinionPatterns } from '../../../ts/experiments/reviews/corpus/opinions';
import { drawSentence } from '../../../ts/experiments/reviews/corpus/sentences';
import { RandomStream } from '../../../ts/training/random';

const count = 4000;
const source = new ReviewSource(1);
const drawn = Array.from({ length: count }, (_, index) => source.draw('train', index));

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (holds: (review: Review) => boolean) => mean(drawn.map((review) => (holds(review) ? 1 : 0)));
const correlation = (a: readonly number[], b: readonly number[]) => {
  const [ma, mb] = [mean(a), mean(b)];
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    mean(x.map((value, i) => (value - mx) * (y[i] - my)));
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
};

// Bounds of shares are six standard errors (2 in 1e9 that a right generator fails one of them); the seed is fixed.
const near = (found: number, expected: number) =>
  expect(Math.abs(found - expected)).toBeLessThan(6 * Math.sqrt((expected * (1 - expected)) / count));

describe('reviews', () => {
  test('depend on the seed, the set and the number alone', () => {
    const again = new ReviewSource(1);
    expect(again.draw('train', 0)).toEqual(drawn[0]);
    expect(again.draw('train', 7)).toEqual(drawn[7]);
    expect(again.draw('test', 0)).not.toEqual(drawn[0]);
    expect(new ReviewSource(2).draw('train', 0)).not.toEqual(drawn[0]);
  });

  test('differ, whatever set they are in', () => {
    expect(new Set(drawn.map(({ tokens }) => tokens.join(' '))).size).toBe(count);
    // A source whose every stream is the same would repeat itself: it must go on to the next attempt.
    const twice = new ReviewSource(1);
    const first = twice.draw('train', 3);
    expect(twice.draw('train', 3)).not.toEqual(first);
  });

  test('have the sentences that are asked for, as often as they are', () => {
    const plan = planLaw();
    near(
      share(({ spans }) => spans[1].length === 0),
      plan.without,
    );
    near(
      share(({ spans }) => spans[1].length === 2),
      plan.twice,
    );
    near(
      share(({ tokens }) => openings.some((text) => tokens.join(' ').includes(text))),
      plan.opened,
    );
    const lengths = [0, ...openings.map((text) => text.split(' ').length)];
    const bad = drawn.filter(({ spans, tokens }) => {
      const sentences = spans.flat();
      const opening = sentences.reduce((rest, [begin, end]) => rest - (end - begin), tokens.length);
      const number = sentences.length + (opening > 0 ? 1 : 0);
      return !lengths.includes(opening) || number < 3 || number > 8;
    });
    expect(bad).toEqual([]);
  });

  test('have spans that are whole sentences of 6 to 25 tokens, apart from one another', () => {
    const bad = drawn.filter(({ spans, tokens }) => {
      const sentences = spans.flat().sort(([a], [b]) => a - b);
      return sentences.some(([begin, end], i) => {
        const whole = tokens.slice(begin, end).indexOf('.') === end - begin - 1;
        const apart = i === 0 || begin >= sentences[i - 1][1];
        return !whole || !apart || end - begin < 6 || end - begin > 25 || end > tokens.length;
      });
    });
    expect(bad).toEqual([]);
  });

  test('have about a fifth of their words in sentences about the aroma', () => {
    const shares = drawn.flatMap(({ spans, tokens }) =>
      spans[1].length === 0 ? [] : [spans[1].reduce((sum, [a, b]) => sum + b - a, 0) / tokens.length],
    );
    expect(mean(shares)).toBeGreaterThan(0.21);
    expect(mean(shares)).toBeLessThan(0.235);
    const lengths = drawn.map(({ tokens }) => tokens.length);
    expect(mean(lengths)).toBeGreaterThan(74);
    expect(mean(lengths)).toBeLessThan(81);
  });

  test('have ratings in tenths that correlate by about a quarter', () => {
    const ratings = aspects.map((_, aspect) => drawn.map((review) => review.ratings[aspect]));
    const tenths = Array.from({ length: 11 }, (_, i) => i / 10);
    expect(new Set(ratings.flat().filter((rating) => !tenths.includes(rating)))).toEqual(new Set());
    const { variance, covariance } = ratingLaw();
    // As the page says.
    expect(Math.abs(covariance / variance - 0.26)).toBeLessThan(5e-4);
    const square = (values: readonly number[]) => mean(values.map((x) => x * x)) - mean(values) ** 2;
    // Six standard errors: of a variance of 4000 of nearly normal numbers, sqrt(2 / 4000) of it; of the mean of ten
    // correlations, less than .015 / 2.
    for (const rating of ratings) {
      expect(Math.abs(square(rating) / variance - 1)).toBeLessThan(6 * Math.sqrt(2 / count));
    }
    const correlations = ratings.flatMap((a, i) => ratings.slice(0, i).map((b) => correlation(a, b)));
    expect(Math.abs(mean(correlations) - covariance / variance)).toBeLessThan(6 * 0.0075);
  });

  test('say of an aspect what its rating says', () => {
    // What its opinions are worth on average, read from the text by patterns, follows the rating.
    const pairs = drawn.flatMap(({ tokens, spans, ratings }) => {
      const texts = spans[1].map(([begin, end]) => tokens.slice(begin, end).join(' '));
      const values = texts.flatMap(valuesIn);
      return values.length === 0 ? [] : [[mean(values), ratings[1]] as const];
    });
    expect(pairs.length).toBeGreaterThan(0.85 * count);
    const found = correlation(
      pairs.map(([value]) => value),
      pairs.map(([, rating]) => rating),
    );
    expect(found).toBeGreaterThan(0.8);
    // A single polar word says much less: opinions are turned.
    const naive = drawn.flatMap(({ tokens, spans, ratings }) => {
      const words = spans[1].flatMap(([begin, end]) => tokens.slice(begin, end));
      const good = words.filter((word) => [...slots.GOOD, ...slots.GREAT].includes(word)).length;
      const bad = words.filter((word) => [...slots.BAD, ...slots.AWFUL].includes(word)).length;
      return good + bad === 0 ? [] : [[good - bad, ratings[1]] as const];
    });
    const naively = correlation(
      naive.map(([value]) => value),
      naive.map(([, rating]) => rating),
    );
    expect(naively).toBeLessThan(found - 0.2);
  });

  test('name their aspect in most sentences', () => {
    const random = new RandomStream(1, 'names');
    for (const aspect of aspects) {
      const sentences = Array.from({ length: 300 }, () => drawSentence(random, aspect, 0).tokens.join(' '));
      const naming = sentences.filter((text) =>
        names[aspect].some((name) => ` ${text} `.includes(` ${name} `)),
      );
      expect(naming.length).toBeGreaterThan(0.5 * sentences.length);
    }
  });

  test('have nothing but words in lower case', () => {
    expect(drawn.filter(({ tokens }) => !tokens.every((token) => /^([a-z]+|[.,])$/.test(token)))).toEqual([]);
    expect(drawReview(new RandomStream(3, 'x')).ratings).toHaveLength(5);
  });
});

describe('opinions', () => {
  test('say a value near the one that is meant', () => {
    const random = new RandomStream(1, 'opinions');
    const kinds = ['adjective', 'noun', 'remark', 'predicate'] as const;
    for (const meant of [-1.5, -0.9, -0.3, 0, 0.5, 1.1, 1.7]) {
      const values = Array.from({ length: 400 }, () => drawOpinion(random, meant, kinds).value);
      expect(Math.abs(mean(values) - meant)).toBeLessThan(0.2);
      expect(Math.sqrt(mean(values.map((value) => (value - meant) ** 2)))).toBeLessThan(0.35);
    }
    // Beyond all patterns the outermost one is left.
    expect(drawOpinion(random, 40, ['adjective']).value).toBe(1.9);
  });

  test('turn half as often as they do not', () => {
    const random = new RandomStream(3, 'opinions');
    const texts = Array.from({ length: 4000 }, () => drawOpinion(random, 1.2, ['adjective']))
      .filter(({ value }) => value === 1.2)
      .map(({ text }) => text);
    // "far from bad", and "very good".
    const turned = texts.filter((text) => /^(anything but|far from|nowhere near) /.test(text)).length;
    const straight = texts.length - turned;
    const total = turned + straight;
    expect(total).toBeGreaterThan(1000);
    expect(Math.abs(turned / total - 1 / 3)).toBeLessThan(6 * Math.sqrt(2 / 9 / total));
  });

  test('are worth what the words say', () => {
    const random = new RandomStream(2, 'opinions');
    const polar: readonly string[] = [...slots.GOOD, ...slots.GREAT, ...slots.BAD, ...slots.AWFUL];
    const opinions = Array.from({ length: 1000 }, () =>
      drawOpinion(random, 2 * random.normal(), ['adjective', 'noun', 'remark', 'predicate']),
    );
    const wrong = opinions.filter(({ text, value, kind }) => {
      const words = text.split(' ');
      const adjective = polar.includes(words[words.length - 1]) && !text.endsWith('nor bad');
      const read = valuesIn(text);
      const right = read.length === 1 && read[0] === value && words.length >= 2 && words.length <= 4;
      return !right || adjective !== (kind === 'adjective');
    });
    expect(wrong).toEqual([]);
  });

  test('have a mirror image each', () => {
    const mirror: Record<string, string> = {};
    for (const [a, b] of [
      ['GOOD', 'BAD'],
      ['GREAT', 'AWFUL'],
      ['MERIT', 'FAULT'],
      ['better', 'worse'],
    ]) {
      mirror[a] = b;
      mirror[b] = a;
    }
    const values = new Map(opinionPatterns.map(({ words, value }) => [words, value]));
    expect(values.size).toBe(opinionPatterns.length);
    const turned = opinionPatterns
      .filter(({ value }) => value !== 0)
      .map(({ words }) => values.get(words.replace(/\S+/g, (word) => mirror[word] ?? word)));
    expect(turned).toEqual(opinionPatterns.flatMap(({ value }) => (value === 0 ? [] : [-value])));
  });
});

/** Variance of a rating and covariance of two of a review, by quadrature over what they have in common. */
function ratingLaw(): { variance: number; covariance: number } {
  const grid = Array.from({ length: 1601 }, (_, i) => (i - 800) / 100);
  const weights = grid.map((z) => Math.exp((-z * z) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const expectation = (f: (z: number) => number) =>
    grid.reduce((sum, z, i) => sum + weights[i] * f(z), 0) / total;
  const rate = (z: number) => Math.min(1, Math.max(0, Math.round(5.5 + 2.3 * z) / 10));
  const first = expectation(rate);
  const common = (c: number) => expectation((e) => rate(Math.sqrt(0.3) * c + Math.sqrt(0.7) * e));
  return {
    variance: expectation((z) => rate(z) ** 2) - first ** 2,
    // A label in twenty has nothing in common with others.
    covariance: 0.95 ** 2 * (expectation((c) => common(c) ** 2) - first ** 2),
  };
}

/** Shares of reviews, by enumeration of the plans that have 3 to 8 sentences. */
function planLaw(): { without: number; twice: number; opened: number } {
  const aspect = [0.08, 0.92 * 0.8, 0.92 * 0.2];
  const overall = [0.4, 0.6 * 0.75, 0.6 * 0.25];
  const sums = { all: 0, without: 0, twice: 0, opened: 0 };
  for (let code = 0; code < 2 * 3 ** 5; code++) {
    const opening = code % 2;
    const counts = Array.from({ length: 5 }, (_, i) => Math.floor(code / 2 / 3 ** i) % 3);
    const number = counts.reduce((sum, each) => sum + each, opening);
    if (number < 3 || number > 8) continue;
    let probability = (opening === 1 ? 0.35 : 0.65) * overall[counts[4]];
    for (const each of counts.slice(0, 4)) probability *= aspect[each];
    sums.all += probability;
    if (counts[1] === 0) sums.without += probability;
    if (counts[1] === 2) sums.twice += probability;
    if (opening === 1) sums.opened += probability;
  }
  const { all, without, twice, opened } = sums;
  return { without: without / all, twice: twice / all, opened: opened / all };
}

/** The values of the opinions in a text, by a table of its own: from the longest patterns to the shortest. */
function valuesIn(text: string): number[] {
  const any = (list: readonly string[]) => `(?:${list.join('|')})`;
  const [G1, G2, B1, B2] = [slots.GOOD, slots.GREAT, slots.BAD, slots.AWFUL].map(any);
  const [GN, BN, INT, SOFT, NEG, FLIP, ALL] = [
    slots.MERIT,
    slots.FAULT,
    slots.VERY,
    slots.RATHER,
    slots.NOT,
    slots.FLIP,
    slots.ATALL,
  ].map(any);
  const table: [string, number][] = [
    ['neither good nor bad|about average|just okay|middle of the road', 0],
    ['could not be better', 1.9],
    ['could not be worse', -1.9],
    ['could be better', -0.5],
    ['could be worse', 0.5],
    ['no better than average', -0.3],
    ['no worse than average', 0.3],
    ['better than expected', 0.8],
    ['worse than expected', -0.8],
    [`no lack of ${GN}`, 0.9],
    [`no lack of ${BN}`, -0.9],
    [`a lack of ${GN}`, -0.9],
    [`a lack of ${BN}`, 0.9],
    [`plenty of ${GN}`, 1.3],
    [`plenty of ${BN}`, -1.3],
    [`hardly any ${GN}`, -1.2],
    [`hardly any ${BN}`, 1.2],
    [`no ${GN} ${ALL}`, -1.8],
    [`no ${BN} ${ALL}`, 1.8],
    [`nothing but ${G2}`, 1.7],
    [`nothing but ${B2}`, -1.7],
    [`${NEG} ${G1} ${ALL}`, -1.4],
    [`${NEG} ${B1} ${ALL}`, 1.4],
    [`${NEG} ${INT} ${G1}`, -0.4],
    [`${NEG} ${INT} ${B1}`, 0.4],
    [`${NEG} ${G1}`, -0.7],
    [`${NEG} ${B1}`, 0.7],
    [`${NEG} ${G2}`, -0.3],
    [`${NEG} ${B2}`, 0.3],
    [`${FLIP} ${G1}`, -1.2],
    [`${FLIP} ${B1}`, 1.2],
    [`${FLIP} ${G2}`, -1.6],
    [`${FLIP} ${B2}`, 1.6],
    [`${INT} ${G1}`, 1.2],
    [`${INT} ${B1}`, -1.2],
    [`${INT} ${G2}`, 1.9],
    [`${INT} ${B2}`, -1.9],
    [`${SOFT} ${G1}`, 0.6],
    [`${SOFT} ${B1}`, -0.6],
    [`${SOFT} ${G2}`, 1.1],
    [`${SOFT} ${B2}`, -1.1],
  ];
  const pattern = new RegExp(table.map(([words]) => `\\b(${words})\\b`).join('|'), 'g');
  return Array.from(text.matchAll(pattern), (match) => {
    const index = match.slice(1).findIndex((group) => group !== undefined);
    return table[index][1];
  });
}
