import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
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
import { Journal } from '../../../ts/experiments/harness/journal';
import { withLock } from '../../../ts/experiments/harness/journal-lock';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sst-journal-'));
  path = join(folder, 'journal.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const range = { key: 'learningRate', low: 1e-4, high: 1e-2 };
const trial = (run: string, value: number) => ({ study: 's', run, parameters: [{ range, value }] });
const lines = () =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the journal', () => {
  test('has the operations of the format, a JSON object a line', async () => {
    const journal = new Journal(path);
    journal.createStudy('s', 'higher', { experiment: 'toy' });
    journal.startTrial(trial('a-trial0', 0.001));
    journal.report('s', 'a-trial0', 10, -5);
    journal.report('s', 'a-trial0', 20, Number.NaN);
    journal.endTrial('s', 'a-trial0', -4, { bestStep: 20 });
    await journal.flush();
    expect(readFileSync(path, 'utf8').endsWith('\n')).toBe(true);
    const written = lines();
    expect(written.map(({ op_code }) => op_code)).toEqual([0, 2, 4, 5, 8, 7, 8, 6]);
    expect(new Set(written.map(({ worker_id }) => worker_id)).size).toBe(1);
    expect(written[0]).toMatchObject({ study_name: 's', directions: [2] });
    expect(written[2].datetime_start).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    expect(written[3]).toMatchObject({
      trial_id: 0,
      param_name: 'learningRate',
      param_value_internal: 0.001,
    });
    expect(JSON.parse(written[3].distribution as string)).toEqual({
      name: 'FloatDistribution',
      attributes: { step: null, low: 1e-4, high: 1e-2, log: true },
    });
    expect(written[5]).toMatchObject({ trial_id: 0, step: 10, intermediate_value: -5 });
    expect(written[7]).toMatchObject({ trial_id: 0, state: 1, values: [-4] });
    expect(readdirSync(folder)).toEqual(['journal.log']);
  });

  test('taken up again says nothing twice, and goes on with running trials', async () => {
    const first = new Journal(path);
    first.createStudy('s', 'lower');
    first.startTrial(trial('a', 0.001));
    first.startTrial(trial('b', 0.002));
    first.report('s', 'b', 10, 7);
    first.endTrial('s', 'a', 3);
    await first.flush();
    const before = lines().length;
    const second = new Journal(path);
    second.createStudy('s', 'lower');
    second.startTrial(trial('a', 0.001));
    second.startTrial(trial('b', 0.002));
    second.report('s', 'b', 10, 7);
    second.endTrial('s', 'a', 3);
    await second.flush();
    expect(lines()).toHaveLength(before);
    second.endTrial('s', 'b', Number.NaN);
    await second.flush();
    expect(lines().at(-1)).toMatchObject({ trial_id: 1, state: 3, values: null });
  });

  test('of two writers numbers trials as they stand in the file', async () => {
    const [one, other] = [new Journal(path), new Journal(path)];
    for (const journal of [one, other]) journal.createStudy('s', 'lower');
    for (let i = 0; i < 10; i++) {
      one.startTrial(trial(`one${i}`, 0.001));
      other.startTrial(trial(`other${i}`, 0.002));
    }
    await Promise.all([one.flush(), other.flush()]);
    const created = lines().filter(({ op_code }) => op_code === 4);
    expect(created).toHaveLength(20);
    expect(lines().filter(({ op_code }) => op_code === 0)).toHaveLength(1);
    // What is said of trial i is said by whoever made it.
    const parameters = lines().filter(({ op_code }) => op_code === 5);
    for (const { trial_id, worker_id } of parameters) {
      expect(created[trial_id as number].worker_id).toBe(worker_id);
    }
    expect(new Set(parameters.map(({ trial_id }) => trial_id)).size).toBe(20);
  });

  test('cuts a torn last line off, and refuses a damaged one before the last', async () => {
    const journal = new Journal(path);
    journal.createStudy('s', 'lower');
    await journal.flush();
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, '{"op_code":4,"wor');
    const next = new Journal(path);
    next.createStudy('t', 'lower');
    await next.flush();
    expect(readFileSync(path, 'utf8').startsWith(whole)).toBe(true);
    expect(lines().map(({ study_name }) => study_name)).toEqual(['s', 't']);
    appendFileSync(path, 'x\n');
    const damaged = new Journal(path);
    damaged.createStudy('u', 'lower');
    await expect(damaged.flush()).rejects.toThrow(`${path} is damaged`);
  });

  test('leaves a failure with its path', async () => {
    const journal = new Journal(join(folder, 'journal'));
    writeFileSync(join(folder, 'journal'), '');
    rmSync(join(folder, 'journal'));
    symlinkSync(join(folder, 'nowhere', 'x'), join(folder, 'journal'));
    journal.createStudy('s', 'lower');
    await expect(journal.flush()).rejects.toMatchObject({ path: join(folder, 'journal') });
  });
});

describe('the lock', () => {
  test('is a file while the work is done, and keeps others out', async () => {
    const seen: string[] = [];
    await withLock(path, () => {
      expect(existsSync(`${path}.lock`)).toBe(true);
      seen.push('in');
    });
    expect(existsSync(`${path}.lock`)).toBe(false);
    writeFileSync(`${path}.lock`, '');
    const waiting = withLock(path, () => seen.push('out'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen).toEqual(['in']);
    rmSync(`${path}.lock`);
    await waiting;
    expect(seen).toEqual(['in', 'out']);
  });

  test('of someone who died is taken away after the grace, and not before', async () => {
    writeFileSync(`${path}.lock`, '');
    const begin = performance.now();
    await withLock(path, () => {}, { grace: 300 });
    expect(performance.now() - begin).toBeGreaterThan(299);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is let go when the work fails', async () => {
    const work = () => {
      throw new Error('no');
    };
    await expect(withLock(path, work)).rejects.toThrow('no');
    expect(existsSync(`${path}.lock`)).toBe(false);
  });
});

/** A Python that has Optuna: of SST_PYTHON, or the system's. */
const python = [process.env.SST_PYTHON, 'python3', 'python'].find(
  (name) => name !== undefined && spawnSync(name, ['-c', 'import optuna']).status === 0,
);
if (python === undefined) {
  console.warn('Optuna is not tested: no python3 (or SST_PYTHON) can import optuna; pip install optuna.');
}

(python === undefined ? describe.skip : describe)('Optuna itself', () => {
  const run = (script: string): string => {
    const source = `import optuna, json
optuna.logging.set_verbosity(optuna.logging.ERROR)
from optuna.storages.journal import JournalStorage, JournalFileBackend
storage = JournalStorage(JournalFileBackend(${JSON.stringify(path)}))
${script}`;
    const { status, stdout, stderr } = spawnSync(python as string, ['-c', source], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  test('reads our journal, a torn last line and all', async () => {
    const journal = new Journal(path);
    journal.createStudy('toy/line', 'lower', { experiment: 'toy' });
    journal.createStudy('toy/constant', 'higher');
    for (const [run, value] of [['a', 0.001], ['b', 0.004], ['c', 0.002]] as const) {
      journal.startTrial({ ...trial(run, value), study: 'toy/line' });
      journal.report('toy/line', run, 10, 2 * value);
      if (run !== 'c') journal.endTrial('toy/line', run, value, { test: { error: value } });
    } // biome-ignore format: pairs
    journal.startTrial({
      study: 'toy/constant',
      run: 'd',
      parameters: [{ range: { key: 'width', low: 1, high: 9, log: false, integer: true }, value: 4 }],
    });
    journal.endTrial('toy/constant', 'd', Number.NaN);
    await journal.flush();
    appendFileSync(path, '{"op_code":4');
    const out = run(`study = optuna.load_study(study_name='toy/line', storage=storage)
other = optuna.load_study(study_name='toy/constant', storage=storage)
print(json.dumps({
  'direction': study.direction.name, 'attributes': study.user_attrs, 'best': study.best_trial.user_attrs['run'],
  'trials': [[t.number, t.state.name, t.value, t.params, t.intermediate_values, t.user_attrs] for t in study.trials],
  'other': [[t.number, t.state.name, t.params] for t in other.trials],
  'high': study.trials[0].distributions['learningRate'].high, 'log': study.trials[0].distributions['learningRate'].log,
  'complete': study.trials[0].datetime_complete is not None}))`);
    expect(JSON.parse(out)).toEqual({
      direction: 'MINIMIZE',
      attributes: { experiment: 'toy' },
      best: 'a',
      trials: [
        [0, 'COMPLETE', 0.001, { learningRate: 0.001 }, { 10: 0.002 }, { run: 'a', test: { error: 0.001 } }],
        [1, 'COMPLETE', 0.004, { learningRate: 0.004 }, { 10: 0.008 }, { run: 'b', test: { error: 0.004 } }],
        [2, 'RUNNING', null, { learningRate: 0.002 }, { 10: 0.004 }, { run: 'c' }],
      ],
      other: [[0, 'FAIL', { width: 4 }]],
      high: 1e-2,
      log: true,
      complete: true,
    });
  });

  test('and we write in one journal, one after the other', async () => {
    const journal = new Journal(path);
    journal.createStudy('s', 'lower');
    journal.startTrial(trial('a', 0.001));
    await journal.flush();
    run(
      `optuna.load_study(study_name='s', storage=storage).optimize(lambda t: t.suggest_float('learningRate', 1e-4, 1e-2, log=True), n_trials=3)`,
    );
    journal.startTrial(trial('b', 0.005));
    journal.endTrial('s', 'b', 0.5);
    journal.endTrial('s', 'a', 0.25);
    await journal.flush();
    const out = run(
      `print(json.dumps([[t.number, t.state.name, t.user_attrs.get('run')] for t in optuna.load_study(study_name='s', storage=storage).trials]))`,
    );
    expect(JSON.parse(out)).toEqual([
      [0, 'COMPLETE', 'a'],
      [1, 'COMPLETE', null],
      [2, 'COMPLETE', null],
      [3, 'COMPLETE', null],
      [4, 'COMPLETE', 'b'],
    ]);
  });
});
