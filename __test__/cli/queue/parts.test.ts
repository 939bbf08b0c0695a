import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress } from '../../../ts/cli/queue/address';
import { readTrialResult, thinned, trialId, trialOf, writeTrialResult } from '../../../ts/cli/queue/trial';
import { WorkFolder } from '../../../ts/cli/queue/work-folder';

const work = mkdtempSync(join(tmpdir(), 'sst-queue-parts-'));
afterAll(() => rmSync(work, { recursive: true }));

describe('the address of a queue', () => {
  test.each([
    ['redis://host', 'redis', 'redis://host'],
    ['valkey://host:7000/2', 'redis', 'valkey://host:7000/2'],
    ['rediss://me:hidden@host', 'redis', 'rediss://me@host'],
    ['postgresql://me:hidden@[::1]:5433/base?password=hidden', 'postgres', 'postgresql://me@[::1]:5433/base'],
  ])('%s', (text, kind, shown) => {
    expect(parseAddress(text, {})).toMatchObject({ kind, shown });
  });

  test.each([
    '',
    'host:6379',
    'http://host',
    'redis:',
    'redis://:hidden@',
    'amqp://me:hidden@host?password=hidden',
  ])('%j is refused, without its password', (text) => {
    let message = '';
    try {
      parseAddress(text, {});
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^--queue: expected redis:\/\/host:6379 or postgres:/);
    expect(message).not.toContain('hidden');
  });

  test('takes a password from the environment, unless it has one', () => {
    const environment = { SST_QUEUE_PASSWORD: 'a/b:c@d' };
    const { url, shown } = parseAddress('redis://host:1', environment);
    expect(decodeURIComponent(url.password)).toBe('a/b:c@d');
    expect(shown).toBe('redis://host:1');
    expect(parseAddress('redis://:own@host', environment).url.password).toBe('own');
  });
});

const config = {
  seed: 1,
  steps: 2,
  evaluateEvery: 1,
  logEvery: 1,
  checkpointEvery: 1,
  backend: 'cpu' as const,
};

describe('a trial', () => {
  test('is named by its experiment and its configuration, in any order', () => {
    const id = trialId(trialOf('toy', config));
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const turned = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
    expect(trialId(trialOf('toy', turned))).toBe(id);
    expect(trialId(trialOf('other', config))).not.toBe(id);
    for (const key of Object.keys(config)) {
      expect(trialId(trialOf('toy', { ...config, [key]: 7 }))).not.toBe(id);
    }
  });

  test('comes back with its files, and with its own alone', () => {
    const from = join(work, 'from');
    mkdirSync(from);
    const texts: Record<string, string> = {
      'config.json': JSON.stringify(config),
      'metrics.jsonl': '{"kind":"train","step":1}\n',
      'result.json': '{"seed":1}',
    };
    for (const [name, text] of Object.entries({ ...texts, 'best.bin': 'weights' })) {
      writeFileSync(join(from, name), text);
    }
    const result = readTrialResult(from);
    expect(result.files).toEqual(texts);
    const trial = trialOf('toy', config);
    const to = join(work, 'to');
    writeTrialResult(to, trial, { files: { ...result.files, '../outside': 'evil', 'best.bin': 'evil' } });
    expect(readdirSync(to).sort()).toEqual(Object.keys(texts).sort());
    for (const [name, text] of Object.entries(texts)) expect(readFileSync(join(to, name), 'utf8')).toBe(text);

    const refused = join(work, 'refused');
    const other = trialOf('toy', { ...config, seed: 2 });
    expect(() => writeTrialResult(refused, other, result)).toThrow('a run of other settings');
    const { 'result.json': _, ...without } = texts;
    expect(() => writeTrialResult(refused, trial, { files: without })).toThrow('without result.json');
    const torn = { ...texts, 'result.json': '{"se' };
    expect(() => writeTrialResult(refused, trial, { files: torn })).toThrow('not valid JSON');
    expect(existsSync(refused)).toBe(false);
  });

  test('keeps of long metrics all evaluations and an even choice of steps, the last among them', () => {
    const line = (kind: string, step: number) => `${JSON.stringify({ kind, step, value: step / 7 })}\n`;
    const all = Array.from({ length: 1000 }, (_, i) => i + 1).flatMap((step) =>
      step % 100 === 0 ? [line('train', step), line('validation', step)] : [line('train', step)],
    );
    const text = all.join('');
    expect(thinned(text, text.length)).toBe(text);
    for (const most of [text.length - 1, 10_000, 2_000, 10]) {
      const kept = thinned(text, most)
        .trimEnd()
        .split('\n')
        .map((each) => JSON.parse(each));
      const steps = (kind: string) => kept.filter((each) => each.kind === kind).map(({ step }) => step);
      expect(steps('validation')).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
      const training = steps('train');
      expect(training.at(-1)).toBe(1000);
      const gaps = new Set(training.slice(1).map((step, i) => step - training[i]));
      expect(gaps.size).toBeLessThanOrEqual(1);
      if (most >= 2000) expect(thinned(text, most).length).toBeLessThanOrEqual(1.05 * most);
    }
  });
});

describe('the folder of a trial', () => {
  const root = join(work, 'trials');
  const folders = new WorkFolder(root);
  const put = (directory: string, text: string) => writeFileSync(join(directory, 'checkpoint.bin'), text);
  const got = (directory: string) =>
    readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));

  test('is one process alone at a time, and goes on with what was put back', () => {
    const first = folders.take('a');
    expect(got(first)).toEqual([]);
    put(first, 'halfway');
    folders.putBack('a', first);
    expect(readdirSync(root)).toEqual(['a']);
    const second = folders.take('a');
    expect(got(second)).toEqual(['halfway']);
    expect(readdirSync(root)).toHaveLength(1);
    put(second, 'further');
    folders.putBack('a', second);
    const third = folders.take('a');
    expect(got(third)).toEqual(['further']);
    // While one is in work, the next begins anew.
    expect(got(folders.take('a'))).toEqual([]);
    rmSync(root, { recursive: true });
    mkdirSync(root);
  });

  test('takes over from a process of this machine that is gone, and from no other', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.on('exit', resolve));
    const left = (name: string) => {
      mkdirSync(join(root, name));
      put(join(root, name), name);
    };
    const dead = `b.${hostname()}.${child.pid}.3`;
    const others = [
      `b.${hostname()}.${process.ppid}.1`,
      `b.elsewhere.${child.pid}.1`,
      `bb.${hostname()}.${child.pid}.1`,
    ];
    for (const name of [dead, ...others]) left(name);
    const taken = folders.take('b');
    expect(got(taken)).toEqual([dead]);
    for (const name of others) expect(existsSync(join(root, name))).toBe(true);
    folders.putBack('b', taken);
    folders.remove('b');
    expect(readdirSync(root).sort()).toEqual(others.sort());
  });
});
