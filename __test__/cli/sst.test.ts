import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from '../../ts/cli/failure';
import { writeSyntheticExperiment } from '../experiments/synthetic-experiment';
import { compileSources, type Ended, Script } from './compiled';
import { sst as here } from './here';

const { folder, remove } = compileSources();
const work = mkdtempSync(join(tmpdir(), 'sst-cli-'));
afterAll(() => {
  remove();
  rmSync(work, { recursive: true });
});

const started: Script[] = [];
afterEach(() => {
  for (const { child } of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

/** Starts `sst` with a stand-in for training. */
function sst(...words: string[]): Script {
  const script = new Script(join(folder, '__test__', 'cli', 'fake-sst.js'), words, work);
  started.push(script);
  return script;
}

const ended = (...words: string[]): Promise<Ended> => sst(...words).ended;
const sessions = (run: string) =>
  readFileSync(join(work, run, 'sessions.log'), 'utf8')
    .trim()
    .split('\n')
    .map(Number);

describe('help and errors', () => {
  test('prints its version and its help', async () => {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(await ended('--version')).toMatchObject({ code: 0, out: `${version}\n`, error: '' });
    const help = await here('train', 'nri', '--help');
    expect(help).toMatchObject({ code: 0, error: '' });
    for (const option of [
      'structure',
      'timesteps',
      'vertices',
      'temperature',
      'seeds',
      'hidden',
      'rollout',
    ]) {
      expect(help.out).toContain(`--${option} <`);
    }
    expect(await here('help', 'train', 'nri')).toEqual(help);
    expect((await here('help')).out).toMatch(/^Usage: sst /);
  });

  test.each([
    [[], /Usage: sst/],
    [['train'], /Usage: sst train/],
    [['trian'], /unknown command 'trian'/],
    [['train', 'nri', '--stepz', '3'], /unknown option '--stepz'/],
    [['train', 'nri', '--steps', 'many'], /'--steps <n>' argument 'many' is invalid. Expected a number/],
    [['train', 'nri', '--structure', 'forest'], /Allowed choices are spanning-tree, top-k, independent/],
    [['train', 'nri', '--preset', 'huge'], /Allowed choices are quick, table, paper/],
    [['train', 'nri', '--seeds', '5-3'], /Expected a count such as 4/],
    [['train', 'nri', '--hidden', '1,2,3'], /Expected one size, or two/],
    [['train', 'nri', '--workers', '0'], /Expected an integer of at least 1/],
    [['train', 'nri', '--vertices', '2'], /sst: vertices: expected an integer of at least 3, got 2/],
    [['train', 'nri', '--rollout', '10'], /sst: rollout: expected less than the number of timesteps/],
    [['train', 'nri', '--resume'], /--resume needs --out/],
    [['train', 'nri', '--resume', '--out', 'nowhere'], /nowhere is not a directory/],
    [['train', 'nri', '--temperature', 'forest=1'], /Allowed names are spanning-tree, top-k, independent/],
    [['train', 'nri', '--timesteps', '10,1'], /sst: timesteps: expected an integer of at least 2, got 1/],
    [['train', 'nri', '--structure', 'independent', '--estimator', 'trace'], /sst: estimators: expected/],
    [['sweep'], /Usage: sst sweep/],
    [['sweep', 'nri', '--trials', '0'], /Expected an integer of at least 1/],
    [['sweep', 'nri', '--seeds', '3'], /unknown option '--seeds'/],
    [['sweep', 'nri', '--vertices', '2'], /sst: vertices: expected an integer of at least 3, got 2/],
    [['sweep', 'nri', '--resume'], /--resume needs --out/],
    [['reproduce', '--preset', 'huge'], /Allowed choices are quick, table, paper/],
    [['reproduce', '--resume'], /--resume needs --out/],
    [['reproduce', '--resume', '--out', 'nowhere'], /nowhere holds no reproduction to resume/],
    [['evaluate', 'nowhere'], /required option '--data <file>' not specified/],
    [['report'], /missing required argument 'directory'/],
    [['help', 'nothing'], /unknown command 'nothing'/],
  ])('refuses %j as a mistake of usage', async (words, message) => {
    const { code, out, error } = await here(...words);
    expect(error).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(existsSync('runs')).toBe(false);
  });

  const runs = [['lab'], ['train', 'nri'], ['train', 'l2x-synthetic'], ['sweep', 'nri'], ['reproduce']];
  const taken = join(work, 'taken');
  writeFileSync(taken, '');
  const outs = [taken, join(taken, 'below', 'it'), ''];
  test.each(
    runs.flatMap((command) =>
      [[], ['--resume']].flatMap((more) => outs.map((out) => [...command, ...more, '--out', out])),
    ),
  )('%s %s %s %s %s: an output that can be no directory is refused in a line', async (...words) => {
    const { code, out, error } = await here(...words);
    expect(error).toMatch(
      /^sst: --out: (.*taken is not a directory|expected the name of a directory, .*)\n$/,
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(existsSync('runs')).toBe(false);
  });

  test.each(['lab.json', 'l2x.json', 'experiment.json'])('a damaged %s is told in a line', async (name) => {
    const directory = join(work, `damaged-${name}`);
    mkdirSync(directory);
    const path = join(directory, name);
    const command = {
      'lab.json': ['lab', '--resume', '--out'],
      'l2x.json': ['train', 'l2x-synthetic', '--resume', '--out'],
      'experiment.json': ['report'],
    }[name] as string[];
    for (const [text, message] of [
      ['{"seed":', 'is not valid JSON'],
      ['[]', 'is damaged: expected a JSON object'],
      ['{"experiment":"nri","seeds":3,"temperatures":3}', ''],
    ]) {
      writeFileSync(path, text);
      const { code, error } = await here(...command, directory);
      expect(code).not.toBe(0);
      expect(error).toMatch(/^sst: .*\n$/);
      expect(error).toContain(path);
      expect(error).toContain(message);
    }
    rmSync(path);
    mkdirSync(path);
    const { error } = await here(...command, directory);
    expect(error).toBe(`sst: cannot read ${path}: illegal operation on a directory\n`);
  });

  test('fails for a report of nothing', async () => {
    expect(await here('report', 'nowhere')).toMatchObject({
      code: 1,
      error: 'sst: nowhere is not a directory\n',
    });
  });
});

describe('training', () => {
  test('trains every run, ends in the report, and does not start over what is there', async () => {
    const first = await ended('train', 'nri', '--steps', '20', '--seeds', '2', '--workers', '3');
    expect(first.code).toBe(0);
    expect(first.error).toMatch(/Training 6 runs in runs.nri-quick\n/);
    expect(first.error).toMatch(/spanning-tree-seed2 finished in 0 s/);
    expect(first.out).toMatch(/Spanning Tree +−[\d\u2009]+ ± \d+/);
    expect(first.out).toContain(join('runs', 'nri-quick', 'report.html'));
    const page = readFileSync(join(work, 'runs', 'nri-quick', 'report.html'), 'utf8');
    expect(page).toContain('npx stochastic-softmax-tricks train nri --preset quick --seeds 2 --steps 20');

    const again = await ended('train', 'nri', '--out', 'runs/nri-quick');
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.error).toMatch(/already holds an experiment: add --resume/);

    const next = await ended('train', 'nri', '--steps', '20', '--seeds', '1', '--structure', 'top-k');
    expect(next.error).toMatch(/Training 1 run in runs.nri-quick-2\n/);
  });

  test('resumes what is not finished and nothing else', async () => {
    writeSyntheticExperiment(join(work, 'half'), { seeds: [1, 2], steps: 20 }, ({ seed }) => seed === 2);
    const { code, error } = await ended('train', 'nri', '--resume', '--out', 'half', '--vertices', '8');
    expect(code).toBe(0);
    expect(error).toMatch(/Training 3 of 6 runs/);
    expect(sessions('half/top-k-seed2')).toEqual([0]);
    expect(existsSync(join(work, 'half', 'top-k-seed1', 'sessions.log'))).toBe(false);
    const done = await ended('train', 'nri', '--resume', '--out', 'half');
    expect(done.error).toMatch(/All 6 runs are finished/);
    expect(done.code).toBe(0);
  });

  test('reports runs that fail, goes on with the others, and can try them again', async () => {
    const words = [
      '--steps',
      '20',
      '--seeds',
      '1,13,14',
      '--structure',
      'top-k',
      '--workers',
      '2',
      '--out',
      'bad',
    ];
    const { code, out, error } = await ended('train', 'nri', ...words);
    expect(code).toBe(1);
    expect(error).toMatch(
      /2 of 3 runs did not finish; go on with: npx stochastic-softmax-tricks train nri --resume --out bad/,
    );
    expect(error).toMatch(/top-k-seed13: Error: the loss is made of cheese\n {4}at /);
    expect(error).toMatch(
      /top-k-seed14: its process exited with code 7; its last output was:\nout of cheese/,
    );
    expect(error).toMatch(/top-k-seed1 finished/);
    expect(out).toContain('E.F. Ent. Top |V| − 1');
  });
});

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits for a file; the test's time limit ends the wait. */
async function exists(path: string): Promise<void> {
  while (!existsSync(path)) await wait(20);
}

/** Waits until the first two runs of an experiment have done some steps. */
async function bothTrain(experiment: string): Promise<void> {
  for (const seed of [1, 2]) await exists(join(work, experiment, `top-k-seed${seed}`, 'sessions.log'));
  await wait(300);
}

describe('an interruption', () => {
  const words = ['--steps', '1500', '--seeds', '3', '--structure', 'top-k', '--workers', '2'];

  test('lets the active runs save their state, and --resume goes on from there', async () => {
    const script = sst('train', 'nri', ...words, '--out', 'stopped');
    await bothTrain('stopped');
    script.interrupt();
    // npm passes the terminal's signal on: the echo must not count as a second one.
    script.child.kill('SIGINT');
    const { code, out, error } = await script.ended;
    expect({ code, out }).toEqual({ code: 130, out: '' });
    expect(error).toMatch(/top-k-seed1 stopped\n/);
    expect(error).toMatch(
      /sst: Stopped; go on with: npx stochastic-softmax-tricks train nri --resume --out stopped\n$/,
    );
    expect(existsSync(join(work, 'stopped', 'top-k-seed3'))).toBe(false);
    const { step } = JSON.parse(
      readFileSync(join(work, 'stopped', 'top-k-seed1', 'checkpoint.json'), 'utf8'),
    );
    expect(step).toBeGreaterThan(0);

    const resumed = await ended('train', 'nri', '--resume', '--out', 'stopped');
    expect(resumed.code).toBe(0);
    expect(sessions('stopped/top-k-seed1')).toEqual([0, step]);
    expect(sessions('stopped/top-k-seed3')).toEqual([0]);
  });

  test.each([['SIGTERM', 143], ['SIGHUP', 129]] as const)('by %s ends with code %i', async (signal, code) => {
    const script = sst('train', 'nri', ...words, '--out', signal);
    await script.says(/top-k-seed2 starts/);
    script.child.kill(signal);
    expect((await script.ended).code).toBe(code);
  }); // biome-ignore format: pairs

  test('a second time ends runs that do not stop', async () => {
    const script = sst(
      'train',
      'nri',
      '--seeds',
      '15-15',
      '--steps',
      '100000',
      '--structure',
      'top-k',
      '--out',
      'deaf',
    );
    await exists(join(work, 'deaf', 'top-k-seed15', 'sessions.log'));
    script.interrupt();
    await script.says(/once more to end at once/);
    await wait(600);
    expect(script.child.exitCode).toBeNull();
    script.interrupt();
    expect((await script.ended).code).toBe(130);
  });

  test('of the parent alone by SIGKILL makes the runs save their state', async () => {
    const script = sst('train', 'nri', ...words, '--out', 'orphans');
    await bothTrain('orphans');
    script.child.kill('SIGKILL');
    await script.ended;
    const checkpoint = join(work, 'orphans', 'top-k-seed1', 'checkpoint.json');
    await exists(checkpoint);
  });
});

test('one sentence says which packages are missing', async () => {
  const bare = compileSources(work);
  mkdirSync(join(bare.folder, 'node_modules'));
  for (const name of [
    'commander',
    'cli-progress',
    'string-width',
    'emoji-regex',
    'is-fullwidth-code-point',
    'strip-ansi',
    'ansi-regex',
  ]) {
    symlinkSync(join(__dirname, '..', '..', 'node_modules', name), join(bare.folder, 'node_modules', name));
  }
  const script = join(bare.folder, '__test__', 'cli', 'fake-sst.js');
  // Help needs none of them.
  for (const words of [
    ['--help'],
    ['train', 'nri', '--help'],
    ['sweep', 'nri', '--help'],
    ['reproduce', '--help'],
  ]) {
    expect(await new Script(script, words, work).ended).toMatchObject({ code: 0, error: '' });
  }
  const train = await new Script(script, ['train', 'nri'], work).ended;
  expect(train).toMatchObject({
    code: 1,
    error:
      'sst: sst train nri needs @tensorflow/tfjs, @tensorflow/tfjs-backend-wasm, vega, and vega-lite, which are not installed: npm install @tensorflow/tfjs@4 @tensorflow/tfjs-backend-wasm@4 vega@6 vega-lite@6\n',
  });
  for (const [command, url, needed] of [
    [
      'train nri',
      'redis://host',
      'bullmq, ioredis, vega, and vega-lite, which are not installed: npm install bullmq@6 ioredis@5 vega@6 vega-lite@6',
    ],
    [
      'worker',
      'postgres://host/base',
      '@tensorflow/tfjs, @tensorflow/tfjs-backend-wasm, bullmq, and pg, which are not installed: npm install @tensorflow/tfjs@4 @tensorflow/tfjs-backend-wasm@4 bullmq@6 pg@8',
    ],
  ]) {
    const queue = await new Script(script, [...command.split(' '), '--queue', url], work).ended;
    expect(queue).toMatchObject({ code: 1, error: `sst: sst ${command} needs ${needed}\n` });
  }
  const report = await new Script(script, ['report', '.'], work).ended;
  expect(report.error).toBe(
    'sst: sst report needs vega and vega-lite, which are not installed: npm install vega@6 vega-lite@6\n',
  );
});

describe('failures in one line', () => {
  const failure = (details: object) => explain(Object.assign(new Error('no'), details));

  test('what the system refuses is said with the path', () => {
    expect(failure({ errno: -28, syscall: 'write', path: 'runs/lab.json' })).toBe(
      'cannot write runs/lab.json: no space left on device',
    );
    expect(failure({ errno: -13, syscall: 'open', path: 'runs/lab.json' })).toBe(
      'cannot open runs/lab.json: permission denied',
    );
  });

  test.each([
    ['FileSystemWrite', '--allow-fs-write=/data/runs'],
    ['ChildProcess', '--allow-child-process'],
    ['WorkerThreads', '--allow-worker'],
  ])('the permission model: %s is allowed by %s', (permission, flag) => {
    const resource = '/data/runs';
    expect(failure({ code: 'ERR_ACCESS_DENIED', permission, resource })).toBe(
      `Node's permission model forbids this: start node with ${flag}`,
    );
  });

  test('under the permission model files are written, though nothing may be flushed', () => {
    const { allowedNodeEnvironmentFlags: known } = process;
    const model = known.has('--permission') ? '--permission' : '--experimental-permission';
    const target = join(work, 'permitted', 'file.txt');
    const program = `require(${JSON.stringify(join(folder, 'ts', 'files', 'atomic-file.js'))})
      .writeFileAtomically(${JSON.stringify(target)}, 'written')`;
    const flags = ['--no-warnings', model, '--allow-fs-read=*', '--allow-fs-write=*', '-e', program];
    expect(spawnSync(process.execPath, flags, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(target, 'utf8')).toBe('written');
  });

  test('a fault of the program keeps its stack', () => {
    expect(explain(new TypeError('x is undefined'))).toMatch(/^TypeError: x is undefined\n {4}at /);
  });

  test('a reader that goes away is forgiven, a full device is not', async () => {
    const program = join(folder, 'ts', 'cli', 'sst.js');
    const script = new Script(program, ['--help'], work);
    script.child.stdout?.destroy();
    expect(await script.ended).toMatchObject({ code: 0, error: '' });
    if (!existsSync('/dev/full')) return;
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [program, '--help'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'sst: cannot write: no space left on device\n' });
  });
});
