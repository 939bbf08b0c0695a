import { packReviews } from '../../../ts/experiments/reviews/corpus/review-set';
import { vocabularyOf } from '../../../ts/experiments/reviews/corpus/vocabulary';
import { evaluateConstant } from '../../../ts/experiments/reviews/evaluate';
import { countChoice, Mean } from '../../../ts/experiments/reviews/metrics';
import { RandomStream } from '../../../ts/training/random';

describe('counts of a choice', () => {
  test('are those of brute force on every choice of seven words', () => {
    const random = new RandomStream(1, 'gold');
    const flags = (code: number) => Array.from({ length: 7 }, (_, i) => (code >> i) % 2 === 1);
    for (let code = 0; code < 2 ** 7; code++) {
      const chosen = flags(code);
      const gold = flags(random.below(2 ** 7));
      const text = chosen.map((on) => (on ? 'x' : ' ')).join('');
      expect(countChoice(chosen, gold)).toEqual({
        chosen: text.replaceAll(' ', '').length,
        right: chosen.map(Number).reduce((sum, on, i) => sum + on * Number(gold[i]), 0),
        runs: text.split(' ').filter(Boolean).length,
      });
    }
  });

  test('of nothing have no mean', () => {
    expect(new Mean().value).toBeNaN();
  });
});

test('the constant row is the variance of the ratings and the share of gold words', () => {
  const review = (rating: number, length: number, spans: [number, number][]) => ({
    tokens: Array<string>(length).fill('a'),
    ratings: [0, rating, 0, 0, 0],
    spans: [[], spans, [], [], []],
  });
  const vocabulary = vocabularyOf(['a']);
  const train = packReviews([review(0.2, 3, []), review(0.6, 3, [])], vocabulary);
  const test = packReviews(
    [
      review(0.5, 10, [[2, 4]]),
      review(0.1, 4, []),
      review(1, 5, [
        [0, 1],
        [3, 5],
      ]),
    ],
    vocabulary,
  );
  const { mse, precision } = evaluateConstant(train, test, 1);
  expect(mse).toBeCloseTo((0.1 ** 2 + 0.3 ** 2 + 0.6 ** 2) / 3, 7);
  expect(precision).toBeCloseTo((0.2 + 0.6) / 2, 14);
  expect(
    evaluateConstant(train, packReviews([{ tokens: ['a'], ratings: [0, 0.4, 0, 0, 0] }], vocabulary), 1),
  ).toEqual({
    mse: expect.closeTo(0, 12),
  });
});
