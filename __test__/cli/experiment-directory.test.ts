import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planExperiment } from '../../ts/cli/experiment-directory';
import { nriExperiment } from '../../ts/experiments/nri/config';
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
  const { experiment, jobs } = planExperiment({ seeds: [1, 2], steps: 7 }, directory, false);
  expect(experiment).toEqual(nriExperiment({ seeds: [1, 2], steps: 7 }));
  expect(JSON.parse(readFileSync(join(directory, 'experiment.json'), 'utf8'))).toEqual(experiment);
  expect(jobs).toHaveLength(6);
  expect(jobs[0]).toMatchObject({
    name: 'spanning-tree-seed1',
    config: { structure: 'spanning-tree', seed: 1, steps: 7 },
    options: { directory: join(directory, 'spanning-tree-seed1'), resume: false },
  });
  expect(thrown(() => planExperiment({}, directory, false))).toEqual(usage(/already holds an experiment/));
});

test('an invalid configuration leaves nothing behind', () => {
  const directory = join(root, 'invalid');
  expect(thrown(() => planExperiment({ vertices: 1 }, directory, false))).toEqual(
    usage(/^vertices: expected/),
  );
  expect(existsSync(directory)).toBe(false);
});

describe('resuming', () => {
  const directory = join(root, 'half');
  const options = { seeds: [1, 2], temperature: 0.7, preset: 'quick' as const };
  const { experiment } = writeSyntheticExperiment(directory, options, ({ seed }) => seed === 2);

  test('does the runs without a result', () => {
    const plan = planExperiment({}, directory, true);
    expect(plan.experiment).toEqual(experiment);
    expect(plan.jobs.map(({ name }) => name)).toEqual([
      'spanning-tree-seed2',
      'top-k-seed2',
      'independent-seed2',
    ]);
    expect(plan.jobs.every((job) => job.options.resume)).toBe(true);
  });

  test('admits options that say the same', () => {
    expect(planExperiment(options, directory, true).experiment).toEqual(experiment);
  });

  test.each([
    [{ steps: 5 }, /\(steps is \d+, asked for 5\)/],
    [{ seeds: [1, 2, 3] }, /seeds is \[1,2\], asked for \[1,2,3\]/],
    [{ preset: 'paper' as const }, /preset is "quick", asked for "paper"/],
    [{ temperature: 1 }, /temperatures is .*0\.7.*, asked for .*1/],
    [{ temperatures: { 'top-k': 1 } }, /temperatures is/],
    [{ vertices: 9, batch: 8 }, /vertices is 8, asked for 9; batch is 64, asked for 8/],
    [{ vertices: 1 }, /^vertices: expected/],
  ])('refuses %j', (asked, message) => {
    expect(thrown(() => planExperiment(asked, directory, true))).toEqual(usage(message));
  });

  test('needs an experiment', () => {
    expect(thrown(() => planExperiment({}, undefined, true))).toEqual(usage(/--resume needs --out/));
    expect(thrown(() => planExperiment({}, root, true))).toEqual(usage(/holds no experiment/));
    writeFileSync(join(directory, 'experiment.json'), '{');
    expect(thrown(() => planExperiment({}, directory, true))).toEqual(
      usage(/experiment.json is not valid JSON/),
    );
  });
});
