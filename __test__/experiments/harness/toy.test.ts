import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../../ts/experiments/harness/experiment';
import { readLines } from '../../../ts/experiments/json-lines';
import { readCheckpoint } from '../../../ts/training/checkpoint-file';
import { compileSources, type Ended, Script } from '../../cli/compiled';
import { writeSyntheticExperiment } from '../synthetic-experiment';

const root = join(__dirname, '..', '..', '..');
const here = join('__test__', 'experiments', 'harness');
const { folder, remove } = compileSources(
  undefined,
  ['toy.ts', 'toy-sst.ts', 'toy-worker.ts'].map((name) => join(here, name)),
);
symlinkSync(join(root, 'native.js'), join(folder, 'native.js'));
const work = mkdtempSync(join(tmpdir(), 'sst-toy-'));
const started: Script[] = [];
afterAll(() => {
  for (const { child } of started) if (child.exitCode === null) child.kill('SIGKILL');
  remove();
  rmSync(work, { recursive: true });
});

function sst(...words: string[]): Script {
  const script = new Script(join(folder, here, 'toy-sst.js'), words, work);
  started.push(script);
  return script;
}
const ended = (...words: string[]): Promise<Ended> => sst(...words).ended;
const read = (...path: string[]) => readFileSync(join(work, ...path), 'utf8');
const result = (...path: string[]): RunResult => JSON.parse(read(...path, 'result.json'));
const text = (html: string) =>
  html
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');

describe('an experiment of a folder and a line in a registry', () => {
  test('has its command, with the options of its table of settings', async () => {
    const help = await ended('train', 'toy', '--help');
    expect(help.code).toBe(0);
    expect(help.out.replace(/\s+/g, ' ')).toContain('--rate <n> step size (quick 0.05, paper 0.01)');
    expect(help.out).toMatch(
      /--model <name> +what is fitted: line, constant,\s+untrained; repeatable\s+\(all\)/,
    );
    const wrong = await ended('train', 'toy', '--rate', '0');
    expect(wrong).toMatchObject({ code: 2, error: 'sst: learningRate: expected a positive number, got 0\n' });
  });

  test('is trained, selected and reported', async () => {
    const { code, out, error } = await ended('train', 'toy', '--workers', '2', '--out', 'whole');
    expect({ code, error: code === 0 ? '' : error }).toEqual({ code: 0, error: '' });
    const folders = readdirSync(join(work, 'whole')).filter((name) => name.includes('seed'));
    expect(folders).toHaveLength(12);
    expect(error).toMatch(/line-slope3-seed2 finished in \d+ s: MSE [\d.]+/);
    // The best run of a cell by validation, the lowest being the best here, and the bootstrap of two: 3/4 and 1/4.
    const [a, b] = [1, 2].map((seed) => result('whole', `line-slope3-seed${seed}`));
    const best = a.validation.error <= b.validation.error ? a : b;
    const deviation = Math.abs(a.test.error - b.test.error) * Math.sqrt(3 / 16);
    const shown = `${(100 * best.test.error).toFixed(2)} ± ${(100 * deviation).toFixed(2)}`;
    expect(out).toContain(shown);
    const page = text(read('whole', 'report.html'));
    expect(page).toContain(shown);
    expect(page).toContain('as published – – 1.25 ± 0.5 0.125');
    expect(page).toContain('Step size 0.05 0.01');
    expect(page).toContain('Right');
    expect(page).toContain(`Line ${JSON.stringify(best.examples)}`);
    expect(page).toMatch(/Slope 3: Line \(Right\) has the lowest MSE × 100 on the test set/);
    expect(page).toContain('npx stochastic-softmax-tricks train toy --preset quick');
    expect(readdirSync(join(work, 'whole', 'figures')).sort()).toEqual([
      'validation-error-slope1.svg',
      'validation-error-slope3.svg',
    ]);
    // The other tables of the paper, with the command that makes each.
    expect(page).toContain('npx stochastic-softmax-tricks train nri --preset quick');
  });

  test("shows the paper's other tables that have been made beside it, with the published numbers", async () => {
    writeSyntheticExperiment(join(work, 'made'), { seeds: [1, 2] });
    expect((await ended('report', 'whole')).code).toBe(0);
    const html = read('whole', 'report.html');
    expect(html).toContain('href="../made/report.html"');
    expect(text(html)).toContain('as published −1080 ± 110 91 ± 3 91 ± 3');
    expect(text(html)).not.toContain('train nri');
  });

  test('selects the best step on validation and tests its weights with what validation chose', () => {
    const run = result('whole', 'line-slope3-seed1');
    const lines = readLines<{ kind: string; step: number; error: number }>(
      join(work, 'whole', 'line-slope3-seed1', 'metrics.jsonl'),
    ).filter(({ kind }) => kind === 'validation');
    expect(lines.map(({ step }) => step)).toEqual([8, 16, 24, 32, 40]);
    const least = lines.reduce((a, b) => (b.error < a.error ? b : a));
    expect(run).toMatchObject({
      experiment: 'toy',
      row: 'line',
      column: 'slope3',
      bestStep: least.step,
      choice: `chosen at ${least.error}`,
      validation: { error: least.error },
    });
    const { parameters, metadata } = readCheckpoint(join(work, 'whole', 'line-slope3-seed1', 'best.bin'));
    expect(metadata).toMatchObject({ experiment: 'toy', step: least.step });
    expect((run.examples as { slope: number }).slope).toBe(parameters.slope.values[0]);
  });

  test('evaluates a row without a step as it is', () => {
    expect(result('whole', 'untrained-slope1-seed1')).toMatchObject({ steps: 0, bestStep: 0 });
  });

  test('is killed with its runs, taken up again, and ends with the same results', async () => {
    const words = ['--workers', '2', '--out', 'killed'];
    const script = sst('train', 'toy', ...words);
    await script.says(/constant-slope3-seed1 starts/);
    script.interrupt('SIGKILL');
    await script.ended;
    const resumed = await ended('train', 'toy', '--resume', ...words);
    expect(resumed.code).toBe(0);
    expect(resumed.error).toMatch(/Training \d+ of 12 runs, the others are finished, in killed/);
    const names = readdirSync(join(work, 'whole')).filter((name) => name.includes('seed'));
    const timeless = (run: RunResult) => ({ ...run, seconds: 0 });
    for (const name of names) {
      expect(timeless(result('killed', name))).toEqual(timeless(result('whole', name)));
    }
    expect(resumed.out).toContain('Report: ');
  });

  test('is evaluated on a file', async () => {
    writeFileSync(join(work, 'points.txt'), '0 0\n1 3\n');
    const run = join('whole', 'line-slope3-seed1');
    const { code, out } = await ended('evaluate', run, '--data', 'points.txt');
    const { slope, intercept } = readCheckpoint(join(work, run, 'best.bin')).parameters;
    const errors = [intercept.values[0], slope.values[0] + intercept.values[0] - 3];
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      items: 2,
      error: (errors[0] ** 2 + errors[1] ** 2) / 2,
      bias: Math.abs(errors[0] + errors[1]) / 2,
    });
    const missing = await ended('evaluate', run, '--data', 'nowhere.txt');
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.error).toMatch(/^sst: cannot open nowhere.txt: no such file or directory\n$/);
    expect((await ended('evaluate', 'nowhere', '--data', 'points.txt')).error).toMatch(/nowhere/);
  });
});

describe('a random search', () => {
  test('goes on where it was killed, with the same trials, and with more of them', async () => {
    const words = ['sweep', 'toy', '--slope', '3', '--workers', '2'];
    const whole = await ended(...words, '--trials', '4', '--seed', '5', '--out', 'search');
    expect({ code: whole.code, error: whole.code === 0 ? '' : whole.error }).toEqual({ code: 0, error: '' });
    const page = text(read('search', 'report.html'));
    expect(page).toContain('random search of 4 trials each, seed 5');
    expect(page).toContain('Step size 0.001 to 0.1, log-uniform');
    expect(page).toContain(
      'npx stochastic-softmax-tricks sweep toy --trials 4 --seed 5 --preset quick --slope 3',
    );

    const script = sst(...words, '--trials', '2', '--seed', '5', '--out', 'parts');
    await script.says(/line-trial1 starts/);
    script.interrupt('SIGKILL');
    await script.ended;
    const more = await ended('sweep', 'toy', '--resume', '--trials', '4', '--out', 'parts', '--workers', '2');
    expect(more.code).toBe(0);
    const names = readdirSync(join(work, 'search')).filter((name) => name.includes('trial'));
    expect(names.sort()).toEqual([
      ...['constant', 'line'].flatMap((row) => [0, 1, 2, 3].map((k) => `${row}-trial${k}`)),
      'untrained-trial0',
    ]);
    for (const name of names) {
      const timeless = (run: RunResult) => ({ ...run, seconds: 0 });
      expect(timeless(result('parts', name))).toEqual(timeless(result('search', name)));
    }
    // The journal tells of every evaluation and every end once, whatever was killed.
    for (const name of ['search', 'parts']) {
      const entries = readLines<{ op_code: number; step?: number }>(join(work, name, 'journal.log'));
      const count = (code: number) => entries.filter(({ op_code }) => op_code === code).length;
      expect([0, 4, 5, 6, 7].map(count)).toEqual([3, 9, 8, 9, 8 * 5 + 1]);
      expect(new Set(entries.flatMap(({ step }) => step ?? []))).toEqual(new Set([0, 8, 16, 24, 32, 40]));
    }
    const other = await ended('sweep', 'toy', '--resume', '--seed', '6', '--out', 'parts');
    expect(other).toMatchObject({ code: 2 });
  });
});

describe('a reproduction', () => {
  test('takes up what is there, and ends in one page', async () => {
    // The experiments of the paper are marked as stopped before they began: only their commands are shown.
    const script = sst('reproduce', '--out', 'all', '--workers', '1');
    await script.says(/nri\/spanning-tree-seed1 starts/);
    script.interrupt();
    const { code, error } = await script.ended;
    expect(code).toBe(130);
    expect(error).toMatch(/go on with: npx stochastic-softmax-tricks reproduce --resume --out all/);
    expect(existsSync(join(work, 'all', 'toy', 'experiment.json'))).toBe(true);
    // As if the toy's runs had been done.
    for (const name of readdirSync(join(work, 'whole')).filter((each) => each.includes('seed'))) {
      symlinkSync(join(work, 'whole', name), join(work, 'all', 'toy', name));
    }
    const { code: reported, out } = await ended('report', 'all');
    expect(reported).toBe(0);
    expect(out).toContain('A line through points');
    const html = read('all', 'report.html');
    const page = text(html);
    expect(page).toContain(
      'Not made yet. To make it: npx stochastic-softmax-tricks train nri --preset quick',
    );
    expect(page).toContain('as published – – 1.25 ± 0.5 0.125');
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
