import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type L2xSettings, l2xSettings } from '../../../ts/experiments/l2x-synthetic/config';
import { l2xMethodNames, l2xProblemNames } from '../../../ts/experiments/l2x-synthetic/names';
import { features, l2xData, l2xProblems, medianRank } from '../../../ts/experiments/l2x-synthetic/problems';
import { l2xRows } from '../../../ts/experiments/l2x-synthetic/report';
import { type L2xResult, l2xRunName, trainL2x } from '../../../ts/experiments/l2x-synthetic/train';
import { sst } from '../../cli/here';

const root = mkdtempSync(join(tmpdir(), 'sst-l2x-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const freshDirectory = () => mkdtempSync(join(root, `${count++}-`));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('the data', () => {
  test.each(l2xProblemNames)('%s: labels depend on the relevant features alone', (name) => {
    const { rows, x, probability } = l2xData(name, 200, 5n);
    expect([x.length, probability.length]).toEqual([rows * features, rows]);
    for (let row = 0; row < rows; row++) {
      const own = x.slice(row * features, (row + 1) * features);
      const relevant = l2xProblems[name].relevant(own);
      expect(relevant).toHaveLength(l2xProblems[name].k);
      const others = own.map((xi, i) => (relevant.includes(i) ? xi : 17));
      expect(sigmoid(l2xProblems[name].logit(others))).toBe(probability[row]);
    }
  });

  test('probabilities by hand', () => {
    const at = (name: (typeof l2xProblemNames)[number], x: number[]) =>
      l2xProblems[name].logit(Float64Array.from([...x, ...new Array(features - x.length).fill(0)]));
    expect(at('orange-skin', [1, -2, 0, 3])).toBeCloseTo(1 + 4 + 9 - 4, 12);
    expect(at('xor', [2, -3])).toBeCloseTo(-6, 12);
    const additive = -100 * Math.sin(0.1) + 2 + 1 + Math.exp(1) - 2.4;
    expect(at('nonlinear-additive', [0.5, -2, 1, -1])).toBeCloseTo(additive, 12);
    expect(at('switch', [1, 1, 1, 1, 0.5, -2, 1, -1, 0, -3])).toBeCloseTo(additive, 12);
    expect(at('switch', [1, 1, 1, 3, 0.5, -2, 1, -1, 0, 3])).toBeCloseTo(8, 12);
  });

  test('the switch is near 3 or near -3', () => {
    const { rows, x } = l2xData('switch', 20_000, 6n);
    const last = Array.from({ length: rows }, (_, row) => x[row * features + 9]!);
    const [up, down] = [last.filter((v) => v > 0), last.filter((v) => v <= 0)];
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    // Five standard errors and the normal's crossing of 0, of probability 0.001.
    expect(Math.abs(up.length / rows - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / rows));
    expect(Math.abs(mean(up) - 3)).toBeLessThan(0.06);
    expect(Math.abs(mean(down) + 3)).toBeLessThan(0.06);
  });

  test('the median rank', () => {
    const x = new Float64Array(2 * features);
    x[2 * features - 1] = -3;
    x[features - 1] = 3;
    const scores = [...[9, 8, 7, 6, 0, 0, 0, 0, 0, 1], ...[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]];
    // Ranks 1 to 5 of features 0 to 3 and 9; ranks 5 to 8 and 10 of features 4 to 7 and 9.
    expect(medianRank('switch', scores, { rows: 2, x })).toBe((3 + 7) / 2);
    expect(medianRank('orange-skin', scores, { rows: 1, x })).toBe(2.5);
    // Equal scores: the lower feature first.
    expect(medianRank('xor', new Array(10).fill(0), { rows: 1, x })).toBe(1.5);
  });
});

const tiny: Partial<L2xSettings> = { seeds: [1], steps: 30, batch: 32, hidden: 16, testSize: 100 };
const timeless = (results: L2xResult[] | undefined) => results?.map(({ seconds: _, ...rest }) => rest);

describe('training', () => {
  test('every method on every problem gives a rank and an excess; the seed decides them', async () => {
    const settings = l2xSettings(tiny);
    const results = await trainL2x(settings, { directory: freshDirectory() });
    expect(results).toHaveLength(l2xMethodNames.length * l2xProblemNames.length);
    for (const { rank, excess } of results!) {
      expect(rank).toBeGreaterThanOrEqual(1);
      expect(rank).toBeLessThanOrEqual(10);
      expect(Number.isFinite(excess)).toBe(true);
      // The entropy of the labels is the least that any predictor can have, but for what the test set is: an average.
      expect(excess).toBeGreaterThan(-0.05);
    }
    const again = await trainL2x(
      { ...settings, problems: ['xor'], methods: ['softsub', 'nvil'] },
      { directory: freshDirectory() },
    );
    const names = again!.map(l2xRunName);
    expect(timeless(again)).toEqual(
      timeless(results!.filter((result) => names.includes(l2xRunName(result)))),
    );
  });

  test.each([
    ['exponential-family', 'xor', 1.5],
    ['score-function', 'orange-skin', 2.5],
  ] as const)('%s finds the features of %s', async (method, problem, perfect) => {
    const settings = l2xSettings({
      ...tiny,
      problems: [problem],
      methods: [method],
      steps: 400,
      batch: 128,
      hidden: 32,
    });
    const [result] = (await trainL2x(settings, { directory: freshDirectory() }))!;
    // A guess is 5.5.
    expect(result!.rank).toBeLessThan(perfect + 0.5);
    expect(result!.excess).toBeLessThan(0.03);
  });

  test('stopped and resumed gives what one in one piece gives', async () => {
    const settings = l2xSettings({ ...tiny, problems: ['xor'], methods: ['l2x', 'nvil'], seeds: [1, 2] });
    const whole = await trainL2x(settings, { directory: freshDirectory() });
    const directory = freshDirectory();
    const stop = new AbortController();
    const onProgress = (done: number) => {
      if (done > 70) stop.abort();
    };
    expect(await trainL2x(settings, { directory, signal: stop.signal, onProgress })).toBeUndefined();
    const seen: number[] = [];
    const resumed = await trainL2x(settings, { directory, onProgress: (done) => seen.push(done) });
    expect(timeless(resumed)).toEqual(timeless(whole));
    expect(seen[0]).toBe(61);
  });
});

test('the table: means, deviations, the best', () => {
  const result = (method: 'l2x' | 'nvil', seed: number, rank: number): L2xResult => ({
    problem: 'xor',
    method,
    seed,
    rank,
    excess: 0,
    seconds: 1,
  });
  const results = [result('l2x', 1, 2), result('l2x', 2, 4), result('nvil', 1, 2), result('nvil', 2, 2)];
  expect(l2xRows({ problems: ['xor'], methods: ['l2x', 'nvil'] }, results, 'rank')).toEqual([
    { label: 'Relaxed, L2X', cells: [{ value: '3.00', deviation: '1.41', best: false }] },
    { label: 'NVIL', cells: [{ value: '2.00', deviation: '0.00', best: true }] },
  ]);
});

test('the command ends in a table and a page', async () => {
  const directory = join(freshDirectory(), 'l2x');
  const words = ['--problems', 'xor,switch', '--methods', 'exponential-family,nvil', '--seeds', '2-2'];
  const small = ['--steps', '5', '--batch', '8', '--hidden', '4', '--test-size', '20'];
  const { code, out } = await sst('train', 'l2x-synthetic', ...words, ...small, '--out', directory);
  expect(code).toBe(0);
  expect(out).toMatch(/Relaxed, E\.F\. entropy +\d\.\d\d/);
  expect(out).toMatch(/Perfect +1\.50 +3\.00/);
  const page = readFileSync(join(directory, 'report.html'), 'utf8');
  expect(page).toContain(
    'npx stochastic-softmax-tricks train l2x-synthetic --seeds 2-2 --problems xor,switch --methods exponential-family,nvil',
  );
  expect(page).not.toMatch(/NaN|undefined|Infinity|<script/);
  expect((await sst('train', 'l2x-synthetic', '--out', directory)).error).toMatch(
    /already holds a feature-selection/,
  );
  expect((await sst('train', 'l2x-synthetic', '--resume', '--out', directory)).out).toBe(out);
});

test.each([
  [['--problems', 'xor,maze'], /Allowed choices are orange-skin/],
  [['--methods', 'magic'], /Allowed choices are exponential-family/],
  [['--steps', '0'], /steps: expected an integer from 1/],
  [['--temperature', '0'], /temperature: expected a positive number/],
  [['--problems', 'xor,xor'], /problems: expected distinct/],
])('refuses %j', async (words, message) => {
  const { code, error } = await sst('train', 'l2x-synthetic', ...words);
  expect(error).toMatch(message);
  expect(code).toBe(2);
});
