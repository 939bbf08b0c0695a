import { completeSettings } from '../../../ts/experiments/harness/settings';
import { reviews } from '../../../ts/experiments/reviews/experiment';
import { markedText } from '../../../ts/experiments/reviews/figures';
import { methodNames } from '../../../ts/experiments/reviews/names';
import { published } from '../../../ts/experiments/reviews/published-table';
import type { ReviewsSettings } from '../../../ts/experiments/reviews/settings';

const complete = (options: Partial<ReviewsSettings> = {}) =>
  completeSettings(reviews.presets, reviews.settings, options);

test.each(Object.keys(reviews.presets))('the preset %s is complete', (preset) => {
  const settings = complete({ preset });
  reviews.check?.(settings);
  const runs = reviews.runs(settings);
  const rows = reviews.rows(settings).map(({ id }) => id);
  const columns = reviews.columns?.(settings).map(({ id }) => id);
  const places = runs.map((run) => reviews.place(run));
  expect(new Set(places.map(({ row }) => row))).toEqual(new Set(rows));
  expect(new Set(places.map(({ column }) => column))).toEqual(new Set(columns));
  const unique = runs.map((run, i) => `${places[i].row} ${places[i].column} ${run.seed}`);
  expect(new Set(unique).size).toBe(runs.length);
  for (const run of runs)
    expect(JSON.parse(JSON.stringify(run))).toEqual(JSON.parse(JSON.stringify({ ...run })));
  const keys = new Set(Object.keys(runs[0]));
  for (const { key } of reviews.searchRanges) expect(keys).toContain(key);
});

test('quick has every row for k = 10, and those of one relaxation a kind for the other two', () => {
  const runs = reviews.runs(complete());
  const methods = (k: number) => [...new Set(runs.filter((run) => run.k === k).map(({ method }) => method))];
  expect(methods(10)).toEqual([...methodNames]);
  expect(methods(5)).toEqual(['l2x', 'softsub', 'exponential-family', 'correlated', 'constant']);
  expect(methods(15)).toEqual(methods(5));
  expect(runs.filter(({ method }) => method === 'constant').every(({ steps }) => steps === 0)).toBe(true);
  const bias = (method: string) => [
    ...new Set(runs.filter((run) => run.method === method).map((run) => run.pairBias)),
  ];
  expect(bias('correlated')).toEqual([6]);
  expect(bias('correlated-from-zero')).toEqual([0]);
});

test('settings are refused by name', () => {
  expect(() => complete({ methods: ['best' as never] })).toThrow('methods');
  expect(() => complete({ ks: [0] })).toThrow('ks');
  expect(() => complete({ aspect: 'price' as never })).toThrow('aspect');
  expect(() => complete({ temperatures: { best: 1 } as never })).toThrow('temperatures');
  const check = (options: Partial<ReviewsSettings>) => () => reviews.check?.(complete(options));
  expect(check({ steps: 10, evaluateEvery: 20 })).toThrow('evaluateEvery');
});

test('published numbers stand at rows and columns of ours', () => {
  const settings = complete({ preset: 'paper' });
  const rows = reviews.rows(settings).map(({ id }) => id);
  const columns = reviews.columns?.(settings).map(({ id }) => id);
  expect(published.cells).toHaveLength(2 * 7 * 3);
  for (const { row, column } of published.cells) {
    expect(rows).toContain(row);
    expect(columns).toContain(column);
  }
  const values = (row: string, column: string) =>
    published.cells.find((cell) => cell.row === row && cell.column === column)?.values;
  expect(values('simple-correlated', 'k5')).toEqual({ mse: [2.9, 0.1], precision: [63.1, 5.3] });
  expect(values('complex-l2x', 'k15')).toEqual({ mse: [2.4, 0.1], precision: [44.4, 0.9] });
});

describe('marked text', () => {
  const plain = (text: string) =>
    text
      .replace(/ style="[^"]*"/g, '')
      .replace(/\s+/g, ' ')
      .trim();

  test('joins neighbours and underlines sentences', () => {
    const tokens = 'it pours brown . smells very good <b> . fine .'.split(' ');
    const { text } = markedText({ tokens, gold: [4, 5, 6, 7, 8], chosen: [1, 3, 4, 6, 7] });
    expect(plain(text)).toBe(
      'it <mark>pours</mark> brown <mark>.</mark> <span><mark>smells</mark> very <mark>good &#60;b&#62;</mark> .</span> fine .',
    );
  });

  test('of nothing is plain', () => {
    expect(plain(markedText({ tokens: ['a', 'b'], gold: [], chosen: [] }).text)).toBe('a b');
  });

  test('does not tell marks by colour', () => {
    const { text } = markedText({ tokens: ['a'], gold: [0], chosen: [0] });
    expect(text).toMatch(/background:none;color:inherit;font-weight:700;border:/);
    expect(text).toContain('underline');
  });
});

describe('figures', () => {
  const example = { tokens: ['a', 'b'], gold: [0], chosen: [1], rating: 0.4, prediction: 0.37 };
  const selection = (id: string, column: string, examples: unknown) =>
    ({
      row: { id, label: id, group: 'Simple' },
      column: { id: column, label: column },
      selected: { result: { examples } },
    }) as never;

  test('have the same review as every model reads it, for each k', () => {
    const settings = complete();
    const found = reviews.figures?.(
      [
        selection('one', 'k5', [example, example, example]),
        selection('two', 'k5', [example, example]),
        selection('two', 'k10', [example]),
        selection('constant', 'k5', undefined),
      ],
      settings,
    );
    expect(found?.map(({ title }) => title)).toEqual(['Chosen words, k5', 'Chosen words, k10']);
    const text = String(found?.[0].content);
    expect(text.match(/Review \d/g)).toEqual(['Review 1', 'Review 2']);
    expect(text.match(/<mark/g)).toHaveLength(4);
    expect(text).not.toContain('constant');
    expect(text).toContain('0.37');
  });
});

test('naming the experiment needs neither TensorFlow.js nor the addon', () => {
  jest.isolateModules(() => {
    for (const heavy of ['@tensorflow/tfjs', '../../../native.js']) {
      jest.doMock(heavy, () => {
        throw new Error(`${heavy} is loaded`);
      });
    }
    const path = '../../../ts/experiments/reviews/experiment';
    const light = require(path) as typeof import('../../../ts/experiments/reviews/experiment');
    expect(light.reviews.runs(complete()).length).toBeGreaterThan(0);
    expect(() => light.reviews.code()).toThrow('is loaded');
  });
});
