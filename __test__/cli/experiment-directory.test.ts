import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planExperiment } from '../../ts/cli/experiment-directory';
import type { Experiment } from '../../ts/experiments/harness/experiment';
import { nriSettings } from '../../ts/experiments/nri/config';
import { nri } from '../../ts/experiments/nri/experiment';
import { writeSyntheticExperiment } from '../experiments/synthetic-experiment';

const root = mkdtempSync(join(tmpdir(), 'sst-plan-'));
afterAll(() => rmSync(root, { recursive: true }));

const usage = (message: RegExp) =>
  expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) });
const thrown = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
};

test('a new experiment writes its configuration and has all runs to do', () => {
  const directory = join(root, 'new');
  const { settings, jobs } = planExperiment(nri as Experiment, { seeds: [1, 2], steps: 7 }, directory, false);
  expect(settings).toEqual(nriSettings({ seeds: [1, 2], steps: 7 }));
  expect(JSON.parse(readFileSync(join(directory, 'experiment.json'), 'utf8'))).toEqual({
    experiment: 'nri',
    ...settings,
  });
  expect(jobs).toHaveLength(6);
  expect(jobs[0]).toMatchObject({
    name: 'spanning-tree-seed1',
    experiment: 'nri',
    config: { structure: 'spanning-tree', seed: 1, steps: 7 },
    options: { directory: join(directory, 'spanning-tree-seed1'), resume: false },
  });
  expect(thrown(() => planExperiment(nri as Experiment, {}, directory, false))).toEqual(
    usage(/already holds an experiment/),
  );
});

test('an invalid configuration leaves nothing behind', () => {
  const directory = join(root, 'invalid');
  expect(thrown(() => planExperiment(nri as Experiment, { vertices: 1 }, directory, false))).toEqual(
    usage(/^vertices: expected/),
  );
  expect(existsSync(directory)).toBe(false);
});

describe('resuming', () => {
  const directory = join(root, 'half');
  const options = { seeds: [1, 2], temperatures: 0.7, preset: 'quick' as const };
  const { settings } = writeSyntheticExperiment(directory, options, ({ seed }) => seed === 2);

  test('does the runs without a result', () => {
    const plan = planExperiment(nri as Experiment, {}, directory, true);
    expect(plan.settings).toEqual(settings);
    expect(plan.jobs.map(({ name }) => name)).toEqual([
      'spanning-tree-seed2',
      'top-k-seed2',
      'independent-seed2',
    ]);
    expect(plan.jobs.every((job) => job.options.resume)).toBe(true);
  });

  test('admits options that say the same', () => {
    expect(planExperiment(nri as Experiment, options, directory, true).settings).toEqual(settings);
  });

  test.each([
    [{ steps: 5 }, /\(steps is \d+, asked for 5\)/],
    [{ seeds: [1, 2, 3] }, /seeds is \[1,2\], asked for \[1,2,3\]/],
    [{ preset: 'paper' as const }, /preset is "quick", asked for "paper"/],
    [{ temperatures: 1 }, /temperatures is .*0\.7.*, asked for .*1/],
    [{ temperatures: { 'top-k': 1 } }, /temperatures is/],
    [{ vertices: 9, batch: 8 }, /vertices is 8, asked for 9; batch is 64, asked for 8/],
    [{ vertices: 1 }, /^vertices: expected/],
  ])('refuses %j', (asked, message) => {
    expect(thrown(() => planExperiment(nri as Experiment, asked, directory, true))).toEqual(usage(message));
  });

  test('needs an experiment', () => {
    expect(thrown(() => planExperiment(nri as Experiment, {}, undefined, true))).toEqual(
      usage(/--resume needs --out/),
    );
    expect(thrown(() => planExperiment(nri as Experiment, {}, root, true))).toEqual(
      usage(/holds no experiment/),
    );
    writeFileSync(join(directory, 'experiment.json'), '{');
    expect(thrown(() => planExperiment(nri as Experiment, {}, directory, true))).toEqual(
      usage(/experiment.json is not valid JSON/),
    );
  });
});
