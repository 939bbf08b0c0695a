import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoted } from '../../../ts/cli/command-line';
import { parseAddress } from '../../../ts/cli/queue/address';
import { closeQueue, openQueue } from '../../../ts/cli/queue/connection';
import { readLines } from '../../../ts/experiments/json-lines';
import { compileSources, type Ended, Script } from '../compiled';
import { freePort, type Server, serverKinds } from './servers';

const root = join(__dirname, '..', '..', '..');
const toys = join('__test__', 'experiments', 'harness');
const { folder, remove } = compileSources(
  undefined,
  ['toy.ts', 'toy-sst.ts', 'toy-worker.ts'].map((name) => join(toys, name)),
);
symlinkSync(join(root, 'native.js'), join(folder, 'native.js'));
const work = mkdtempSync(join(tmpdir(), 'sst-queue-'));
const started: Script[] = [];
const runningWorkers = () =>
  started.filter(({ child }) => child.exitCode === null && child.signalCode === null);
afterEach(async () => {
  const left = runningWorkers();
  for (const script of left) script.interrupt('SIGKILL');
  await Promise.all(left.map(({ ended }) => ended));
});
afterAll(() => {
  remove();
  rmSync(work, { recursive: true });
});
jest.setTimeout(300_000);

/** Starts `sst` with the toy experiment, in a folder that stands for a machine. */
function sst(machine: string, ...words: string[]): Script {
  mkdirSync(join(work, machine), { recursive: true });
  const script = new Script(join(folder, toys, 'toy-sst.js'), words, join(work, machine));
  started.push(script);
  return script;
}
const ended = (machine: string, ...words: string[]): Promise<Ended> => sst(machine, ...words).ended;

/** Long enough for a kill to come in the middle. */
const toy = ['toy', '--steps', '400', '--slope', '3', '--seeds', '2'];
const runs = ['constant', 'line', 'untrained'].flatMap((row) => [1, 2].map((seed) => `${row}-seed${seed}`));

/** What a run's folder tells, without the times; the text of config.json. */
function traces(...path: string[]) {
  const at = join(work, ...path);
  const timeless = (value: object) => ({ ...value, seconds: 0 });
  return {
    config: readFileSync(join(at, 'config.json'), 'utf8'),
    metrics: readLines<object>(join(at, 'metrics.jsonl')).map(timeless),
    result: timeless(JSON.parse(readFileSync(join(at, 'result.json'), 'utf8'))),
  };
}
const times = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

beforeAll(async () => {
  const local = await ended('home', 'train', ...toy, '--workers', '2', '--out', 'local');
  expect({ code: local.code, error: local.code === 0 ? '' : local.error }).toEqual({ code: 0, error: '' });
});

function expectSameAsLocal(out: string): void {
  const folders = readdirSync(join(work, 'home', out)).filter((name) => name.includes('seed'));
  expect(folders.sort()).toEqual(runs);
  for (const run of runs) expect(traces('home', out, run)).toEqual(traces('home', 'local', run));
}

for (const { name, missing, make } of serverKinds) {
  // The reason stands in the name of what is skipped.
  const describeHere = missing === undefined ? describe : describe.skip;
  describeHere(missing === undefined ? `a queue on ${name}` : `a queue on ${name} (${missing})`, () => {
    const mine = (out: string) => `${name}-${out}`;
    let server: Server;
    beforeAll(async () => {
      server = await make();
    });
    afterAll(() => server?.remove());
    const worker = (machine: string) =>
      sst(mine(machine), 'worker', '--queue', server.url, '--workers', '1', '--patience', '2');
    const train = (out: string, ...more: string[]) =>
      sst('home', 'train', ...toy, '--queue', server.url, '--out', mine(out), ...more);

    test('a worker dies and the server is restarted: nothing is lost, nothing comes twice, the bits are the same', async () => {
      const producer = train('remote');
      await producer.says(/No worker takes jobs from \S+ yet/);
      const [one, other] = [worker('one'), worker('other')];
      await one.says(/-seed\d starts/);
      await producer.says(/-seed\d starts/);
      // With everything it has started, as when a machine loses its power.
      one.interrupt('SIGKILL');
      await one.ended;
      await producer.says(/finished/);
      await server.restart();
      const { code, error, out } = await producer.ended;
      expect({ code, error: code === 0 ? '' : error }).toEqual({ code: 0, error: '' });
      expect(out).toContain('Report: ');
      for (const run of runs) expect(times(error, new RegExp(`^${run} finished`, 'gm'))).toBe(1);
      expectSameAsLocal(mine('remote'));
      other.interrupt();
      expect((await other.ended).code).toBe(0);

      const queue = openQueue(parseAddress(server.url));
      const counts = await (queue as unknown as import('bullmq').Queue).getJobCounts();
      await closeQueue(queue);
      const { completed, ...others } = counts;
      expect(completed).toBe(runs.length);
      expect(Object.values(others).every((count) => count === 0)).toBe(true);
    });

    test('the same runs once more are the same jobs: their results are there without a worker', async () => {
      const { code } = await train('again').ended;
      expect(code).toBe(0);
      expectSameAsLocal(mine('again'));
    });

    test('a worker that is interrupted gives its run back; a user who stops waiting finds the results later', async () => {
      const more = ['--rate', '0.04', '--model', 'line'];
      const producer = train('later', ...more);
      const first = worker('shared');
      await first.says(/line-seed\d starts/);
      await producer.says(/line-seed\d starts/);
      producer.interrupt();
      const left = await producer.ended;
      expect(left.code).toBe(130);
      expect(left.error).toMatch(/the runs stay in the queue/);
      expect(left.error).toContain(`--resume --out ${mine('later')} --queue ${quoted(server.url)}`);
      first.interrupt();
      const stopped = await first.ended;
      expect(stopped.code).toBe(0);
      expect(stopped.error).toMatch(/toy\/line-seed\d goes back to the queue/);

      const second = worker('shared');
      await second.says(/finished[\s\S]*finished/);
      second.interrupt();
      await second.ended;
      const resumed = await train('later', '--resume', ...more).ended;
      expect({ code: resumed.code, error: resumed.code === 0 ? '' : resumed.error }).toEqual({
        code: 0,
        error: '',
      });
      const whole = ['train', ...toy, ...more, '--out', mine('later-local')];
      expect((await ended('home', ...whole)).code).toBe(0);
      for (const run of ['line-seed1', 'line-seed2']) {
        expect(traces('home', mine('later'), run)).toEqual(traces('home', mine('later-local'), run));
      }
    });

    test('a run that fails everywhere is told with its cause, and may be tried again', async () => {
      const one = ['--model', 'untrained', '--seeds', '1', '--rate', '0.03'];
      // A program that knows no toy.
      mkdirSync(join(work, mine('other')), { recursive: true });
      const words = ['worker', '--queue', server.url, '--workers', '1'];
      const stranger = new Script(join(folder, 'ts', 'cli', 'sst.js'), words, join(work, mine('other')));
      started.push(stranger);
      const { code, error } = await train('fails', ...one).ended;
      expect(code).toBe(1);
      expect(error).toMatch(/untrained-seed1 failed: .*no experiment 'toy' is registered/);
      stranger.interrupt();
      expect(times((await stranger.ended).error, /toy\/untrained-seed1 failed/g)).toBe(5);
      const able = worker('one');
      const { code: second } = await train('fails', '--resume', ...one).ended;
      expect(second).toBe(0);
      able.interrupt();
      await able.ended;
    });

    test('a worker that was asleep has lost its run, without harm', async () => {
      const one = ['--model', 'constant', '--seeds', '1', '--rate', '0.02'];
      const asleep = worker('one');
      const producer = train('asleep', ...one);
      await asleep.says(/constant-seed1 starts/);
      asleep.child.kill('SIGSTOP');
      const awake = worker('other');
      await awake.says(/constant-seed1 finished/);
      asleep.child.kill('SIGCONT');
      expect((await producer.ended).code).toBe(0);
      expect((await ended('home', 'train', ...toy, ...one, '--out', mine('awake'))).code).toBe(0);
      expect(traces('home', mine('asleep'), 'constant-seed1')).toEqual(
        traces('home', mine('awake'), 'constant-seed1'),
      );
      // It is of use again.
      awake.interrupt();
      await awake.ended;
      const next = ['--model', 'untrained', '--seeds', '1', '--rate', '0.02'];
      expect((await train('next', ...next).ended).code).toBe(0);
      asleep.interrupt();
      expect((await asleep.ended).code).toBe(0);
    });

    test('a random search goes through the queue', async () => {
      const words = ['sweep', 'toy', '--slope', '3', '--trials', '2', '--seed', '5'];
      const helper = worker('one');
      const remote = await ended('home', ...words, '--queue', server.url, '--out', mine('search'));
      expect({ code: remote.code, error: remote.code === 0 ? '' : remote.error }).toEqual({
        code: 0,
        error: '',
      });
      helper.interrupt();
      await helper.ended;
      expect((await ended('home', ...words, '--out', mine('search-local'))).code).toBe(0);
      const names = readdirSync(join(work, 'home', mine('search'))).filter((each) => each.includes('trial'));
      expect(names).toHaveLength(5);
      for (const each of names) {
        expect(traces('home', mine('search'), each)).toEqual(traces('home', mine('search-local'), each));
      }
    });

    test('both ends leave when they are told to, though the server is gone', async () => {
      const busy = worker('one');
      const producer = train('gone', '--rate', '0.01', '--steps', '100000');
      await producer.says(/starts/);
      const idle = worker('other');
      await idle.says(/starts/);
      await server.halt();
      await producer.says(/does not answer/);
      for (const script of [producer, busy, idle]) script.interrupt();
      expect((await producer.ended).code).toBe(130);
      expect((await busy.ended).code).toBe(0);
      expect((await idle.ended).code).toBe(0);
    });
  });
}

test('a queue that does not answer is told with its address, never its password', async () => {
  const port = await freePort();
  for (const scheme of ['redis', 'postgres']) {
    const url = `${scheme}://user:hidden-word@127.0.0.1:${port}/0`;
    for (const words of [['train', ...toy, '--out', 'nothing'], ['worker']]) {
      const { code, error } = await ended('home', ...words, '--queue', url);
      expect({ code, error }).toEqual({
        code: 1,
        error: `sst: cannot use the queue at ${scheme}://user@127.0.0.1:${port}/0: connection refused\n`,
      });
    }
  }
  expect(readdirSync(join(work, 'home'))).not.toContain('nothing');
});
