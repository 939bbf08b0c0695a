import { PassThrough } from 'node:stream';
import type { Job } from '../../ts/cli/messages';
import { Pace } from '../../ts/cli/pace';
import { type DescribeEvaluation, describeOverall, describeRun, progressView } from '../../ts/cli/progress';
import type { Experiment } from '../../ts/experiments/harness/experiment';
import { plannedRuns } from '../../ts/experiments/harness/plan';
import { nriSettings } from '../../ts/experiments/nri/config';
import { nri } from '../../ts/experiments/nri/experiment';
import { evaluationText } from '../../ts/experiments/report/metrics';

const jobs: Job[] = plannedRuns(nri, nriSettings({ seeds: [1], steps: 100 })).map(({ name, config }) => ({
  name,
  experiment: 'nri',
  config,
  options: { directory: name },
}));
const words: DescribeEvaluation = (_job, found) => evaluationText(nri as Experiment, found);
const [first, second, third] = jobs;
const validation = { elbo: -1234.5, nll: 1200, kl: 34.5, precision: 0.877, recall: 0.9 };

/** A session that begins at second 0 of a clock that the test sets. */
function session(done = { runs: 0, steps: 0 }) {
  const clock = { seconds: 0 };
  return { clock, pace: new Pace(jobs, done, () => clock.seconds) };
}

describe('the pace of a session', () => {
  test('knows nothing at first', () => {
    const { pace } = session();
    pace.start(first);
    expect(pace.active()).toMatchObject([{ job: first, step: 0, steps: 100, rate: 0, eta: Number.NaN }]);
    expect(pace.overall()).toMatchObject({
      finished: 0,
      runs: 3,
      step: 0,
      steps: 300,
      rate: 0,
      eta: Number.NaN,
    });
    expect(describeRun(pace.active()[0], words)).toBe('starting');
    expect(describeOverall(pace.overall())).toBe('0/3 runs');
  });

  test('gives rates and the time that is left', () => {
    const { clock, pace } = session();
    pace.start(first);
    pace.start(second);
    pace.update(first, { phase: 'train', step: 1, steps: 100, seconds: 0.5 });
    clock.seconds = 10;
    const run = pace.update(first, { phase: 'train', step: 40, steps: 100, seconds: 8, validation });
    expect(run).toMatchObject({ step: 40, rate: 5, eta: 12 });
    expect(describeRun(run, words)).toBe('5.0 steps/s, 12 s left, ELBO −1235, precision 87.7 %');
    expect(pace.overall()).toMatchObject({ step: 40, rate: 4, eta: 65 });
    expect(describeOverall(pace.overall())).toBe('0/3 runs, 4.0 steps/s, 1 min 05 s left');
  });

  test('does not take sequences of an evaluation for steps', () => {
    const { pace } = session();
    pace.start(first);
    pace.update(first, { phase: 'train', step: 50, steps: 100, seconds: 10 });
    const run = pace.update(first, { phase: 'validation', step: 700, steps: 1000, seconds: 11 });
    expect(run.step).toBe(50);
    expect(describeRun(run, words)).toBe('evaluating, 5.0 steps/s, 10 s left');
  });

  test('counts what earlier sessions did as done, not as speed', () => {
    const { clock, pace } = session({ runs: 2, steps: 200 });
    pace.start(first);
    pace.update(first, { phase: 'train', step: 61, steps: 100, seconds: 12 });
    clock.seconds = 2;
    pace.update(first, { phase: 'train', step: 70, steps: 100, seconds: 14 });
    expect(pace.overall()).toMatchObject({ finished: 2, runs: 5, step: 270, steps: 500, rate: 5, eta: 46 });
  });

  test('keeps the steps of runs that ended', () => {
    const { clock, pace } = session();
    for (const job of jobs) pace.start(job);
    clock.seconds = 10;
    pace.update(second, { phase: 'train', step: 1, steps: 100, seconds: 1 });
    pace.update(second, { phase: 'train', step: 30, steps: 100, seconds: 10 });
    pace.end(first, true);
    pace.end(second, false);
    expect(pace.active().map(({ job }) => job)).toEqual([third]);
    expect(pace.overall()).toMatchObject({ finished: 1, step: 130 });
  });
});

describe('the view of the progress', () => {
  /** Runs a view on a made-up stream and returns what it printed. */
  function shown(isTTY: boolean): string {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 }) as unknown as NodeJS.WriteStream;
    const { pace } = session();
    const view = progressView(stream, pace, words);
    pace.start(first);
    view.start(first);
    view.update(pace.update(first, { phase: 'train', step: 40, steps: 100, seconds: 8, validation }));
    view.note('a note');
    pace.end(first, true);
    view.end(first, `${first.name} finished`);
    view.close();
    return (stream as unknown as PassThrough).read().toString();
  }

  test('is plain lines where there is no terminal', () => {
    expect(shown(false)).toBe('spanning-tree-seed1 starts\na note\nspanning-tree-seed1 finished\n');
  });

  test('is a bar for each run and one for all on a terminal', () => {
    const text = shown(true);
    expect(text).toMatch(/all runs +[█░]+ \d+%/);
    expect(text).toMatch(/a note.*\n/);
    expect(text).toMatch(/spanning-tree-seed1 finished.*\n/);
  });

  test('says every ten seconds how the runs go where there is no terminal', () => {
    jest.useFakeTimers();
    const stream = new PassThrough() as unknown as NodeJS.WriteStream;
    const { pace } = session();
    const view = progressView(stream, pace, words);
    pace.start(first);
    view.update(pace.update(first, { phase: 'train', step: 40, steps: 100, seconds: 8, validation }));
    jest.advanceTimersByTime(20_500);
    view.close();
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    const line =
      '0/3 runs | spanning-tree-seed1 40/100: 5.0 steps/s, 12 s left, ELBO −1235, precision 87.7 %\n';
    expect((stream as unknown as PassThrough).read().toString()).toBe(line + line);
  });
});
