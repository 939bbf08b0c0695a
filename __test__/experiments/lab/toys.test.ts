import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armsVariance } from '../../../ts/experiments/lab/toys/arms-variance';
import { fiveOfTen } from '../../../ts/experiments/lab/toys/five-of-ten';
import { toyNames } from '../../../ts/experiments/lab/toys/names';
import { lessOutDegree, outDegree } from '../../../ts/experiments/lab/toys/out-degree';
import { polynomial, straightThroughLimit } from '../../../ts/experiments/lab/toys/polynomial';
import { runToy } from '../../../ts/experiments/lab/toys/run';
import { type ToySettings, toySettings } from '../../../ts/experiments/lab/toys/settings';
import type { Toy, ToyResult } from '../../../ts/experiments/lab/toys/toy';
import { toys } from '../../../ts/experiments/lab/toys/toys';
import { sst } from '../../cli/here';

const root = mkdtempSync(join(tmpdir(), 'sst-toys-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const freshDirectory = () => mkdtempSync(join(root, `${count++}-`));

/** Runs the cells of some names. */
function resultsOf(toy: Toy, settings: ToySettings, wanted: (name: string) => boolean = () => true) {
  return toy
    .cells(settings)
    .filter(({ name }) => wanted(name))
    .map((cell): ToyResult => {
      const run = toy.run(cell, settings);
      for (let step = run.next(); ; step = run.next()) if (step.done) return { ...cell, ...step.value };
    });
}

describe('polynomial programming', () => {
  const known = { 1.5: [0.3549, 0.3019], 2: [0.2525, 0.2025], 3: [0.1288, 0.0911] } as const;

  test('starts and optima are those published, and the exact gradient goes from one to the other', () => {
    const settings = toySettings({ problem: 'polynomial' });
    const exact = resultsOf(polynomial, settings, (name) => name.startsWith('exact'));
    expect(exact.map(({ at }) => at.p)).toEqual([1.5, 2, 3]);
    for (const { at, values, curve } of exact) {
      const [start, optimum] = known[at.p as keyof typeof known];
      // Logits are up to .01 from 0.
      expect(Math.abs(values.start! - start)).toBeLessThan(1e-4);
      expect(values.optimum!.toFixed(4)).toBe(String(optimum));
      expect(values.end! - optimum).toBeLessThan(2e-4);
      expect(values.end!).toBeGreaterThan(optimum - 5e-5);
      expect(curve).toHaveLength(41);
    }
  });

  test('straight-through without noise stops where the mean derivative is 0; ReinMax goes on', () => {
    // For squares that is where the probability is .45.
    expect(straightThroughLimit(2)).toBeCloseTo(0.45 * 0.55 ** 2 + 0.55 * 0.45 ** 2, 12);
    const settings = toySettings({ problem: 'polynomial', steps: 400 });
    const names = ['rein-max p=2', 'simple p=2'];
    const [reinMax, simple] = resultsOf(polynomial, settings, (name) => names.includes(name));
    expect(Math.abs(simple!.values.end! - straightThroughLimit(2))).toBeLessThan(5e-4);
    // Its noise slows it down, and it goes on.
    expect(reinMax!.values.end!).toBeLessThan(simple!.values.end! - 0.005);
  });
});

describe('variance of coins', () => {
  const settings = toySettings({ problem: 'arms-variance', repeats: 2000 });
  let results: ToyResult[];
  beforeAll(() => {
    results = resultsOf(armsVariance, settings);
  });

  test('means and variances are those in closed form, at a false-alarm rate of 1e-8 a number', () => {
    expect(results).toHaveLength(4 * 4 * 5);
    for (const { values } of results) {
      const { mean, truth, variance, exact } = values as Record<string, number>;
      expect(Math.abs(mean - truth)).toBeLessThan(5.8 * Math.sqrt(exact / 2000) + 1e-12);
      // Estimates are below 1/2 in size, so that the fourth moment is at most a quarter of the second.
      const deviation = Math.sqrt((0.25 * (exact + truth ** 2)) / 2000);
      expect(Math.abs(variance - exact)).toBeLessThan(5.8 * deviation);
    }
  });

  test('orders: ARM above DisARM above ARMS, away from fair coins; with two draws ARMS is DisARM', () => {
    const variance = (name: string, theta: number, samples: number) =>
      results.find((result) => result.name === `${name} theta=${theta} S=${samples}`)!.values.exact!;
    for (const theta of [0.5, 1, 2]) {
      expect(variance('arms', theta, 2)).toBeCloseTo(variance('disarm', theta, 2), 12);
      for (const samples of [2, 4, 6, 8, 10]) {
        expect(variance('arm', theta, samples)).toBeGreaterThan(variance('disarm', theta, samples));
        expect(variance('leave-one-out', theta, samples)).toBeGreaterThan(variance('arms', theta, samples));
        if (samples === 2) continue;
        expect(variance('disarm', theta, samples)).toBeGreaterThan(variance('arms', theta, samples));
        expect(variance('arm', theta, samples)).toBeGreaterThan(variance('leave-one-out', theta, samples));
      }
      // Not the published order, with two draws.
      expect(variance('arm', theta, 2)).toBeLessThan(variance('leave-one-out', theta, 2));
    }
    expect(variance('disarm', 0, 4)).toBe(0);
    expect(variance('arms', 0, 4)).toBeGreaterThan(0);
  });
});

test('five of ten: 252 states, what is unbiased is so at 1e-5 a cell, variance falls as 1 / draws', () => {
  const settings = toySettings({ problem: 'five-of-ten', repeats: 200 });
  const results = resultsOf(fiveOfTen, settings);
  expect(new Set(results.map(({ values }) => values.states))).toEqual(new Set([252]));
  const [unbiased, biased] = fiveOfTen.findings(results, settings);
  expect([unbiased!.holds, biased!.holds]).toEqual([true, true]);
  const variance = (name: string) => results.find((result) => result.name === name)!.values.variance!;
  for (const name of ['family-score', 'trace', 'mu-prop', 'simple']) {
    const fall = variance(`${name} S=1`) / variance(`${name} S=64`);
    expect(fall).toBeGreaterThan(64 / 1.6);
    expect(fall).toBeLessThan(64 * 1.6);
  }
});

describe('out-degree', () => {
  test('the star is the best, -9', () => {
    const heads = Array.from({ length: 81 }, (_, i) => (i < 9 ? 1 : 0));
    const { value, gradient } = lessOutDegree(Float64Array.from(heads), 1);
    expect([...value]).toEqual([-9]);
    expect([...gradient]).toEqual(heads.map((x) => (x === 0 ? 0 : -1)));
  });

  test('the optimum is reached by the score function of the trace, leave one out', () => {
    const settings = toySettings({ problem: 'out-degree', steps: 3000 });
    const [trace] = resultsOf(outDegree, settings, (name) => name === 'trace+');
    expect(trace!.values.start!).toBeGreaterThan(-3);
    expect(trace!.values.end!).toBeLessThan(-8.9);
  });
});

test.each([
  [{ problem: 'hexagon' as never }, /^problem: expected one of polynomial, /],
  [
    { problem: 'polynomial', repeats: 100 },
    /^repeats: expected none, for polynomial \(it has steps\), got 100/,
  ],
  [{ problem: 'five-of-ten', steps: 100 }, /^steps: expected none, for five-of-ten/],
  [{ problem: 'out-degree', steps: 1 }, /^steps: expected an integer from 10/],
  [{ problem: 'out-degree', seed: -1 }, /^seed: /],
] as [Partial<ToySettings>, RegExp][])('refuses %j', (options, message) => {
  expect(() => toySettings(options)).toThrow(message);
});

test('stopped and resumed gives what one in one piece gives', async () => {
  const settings = toySettings({ problem: 'five-of-ten', repeats: 20 });
  const whole = await runToy(settings, { directory: freshDirectory() });
  const directory = freshDirectory();
  const stop = new AbortController();
  const seen: number[] = [];
  const onProgress = (done: number, total: number) => {
    expect(total).toBe(20 * whole!.length);
    seen.push(done);
    if (done >= 100) stop.abort();
  };
  expect(await runToy(settings, { directory, signal: stop.signal, onProgress })).toBeUndefined();
  expect(await runToy(settings, { directory, onProgress: (done) => seen.push(done) })).toEqual(whole);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(20 * whole!.length);
});

describe('the command', () => {
  test.each(toyNames)('%s ends in sentences, a page, a picture and numbers', async (problem) => {
    const { kind } = toySettingsKind(problem);
    const directory = join(freshDirectory(), problem);
    const { code, out } = await sst('lab', '--problem', problem, `--${kind}`, '10', '--out', directory);
    expect(code).toBe(0);
    expect(out).toMatch(/^(yes|NO ) {2}/m);
    const page = readFileSync(join(directory, 'report.html'), 'utf8');
    expect(page).toContain(`npx stochastic-softmax-tricks lab --problem ${problem} --${kind} 10`);
    expect(page).toContain(toys[problem].title);
    expect(page).not.toMatch(/NaN|undefined|Infinity|<script|\bsrc=/);
    expect(page.match(/<svg role="img"/g)).toHaveLength(1);
    expect(existsSync(join(directory, 'figures', `${problem}.svg`))).toBe(true);
    const { results } = JSON.parse(readFileSync(join(directory, 'results.json'), 'utf8'));
    expect(results).toHaveLength(toys[problem].cells(toySettings({ problem })).length);
    // Nothing is run again.
    expect((await sst('lab', '--resume', '--out', directory)).out).toBe(out);
    expect((await sst('lab', '--problem', problem, '--out', directory)).error).toMatch(
      /already holds a problem/,
    );
  });

  test.each([
    [['--problem', 'forest'], /Allowed choices are polynomial/],
    [['--problem', 'polynomial', '--structure', 'subset'], /--structure is not for --problem/],
    [['--problem', 'polynomial', '--repeats', '20'], /repeats: expected none, for polynomial/],
    [['--steps', '20'], /--steps is for problems that descend/],
  ])('refuses %j', async (words, message) => {
    const { code, error } = await sst('lab', ...words);
    expect(error).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync('runs')).toBe(false);
  });
});

/** What a problem's effort is called. */
function toySettingsKind(problem: (typeof toyNames)[number]): { kind: 'steps' | 'repeats' } {
  return { kind: toySettings({ problem }).steps === undefined ? 'repeats' : 'steps' };
}
