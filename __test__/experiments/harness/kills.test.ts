import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Experiment, RunConfig } from '../../../ts/experiments/harness/experiment';
import { plannedRuns, settingsOf } from '../../../ts/experiments/harness/plan';
import { readLines } from '../../../ts/experiments/json-lines';
import { experiments } from '../../../ts/experiments/registry';
import { readCheckpoint } from '../../../ts/training/checkpoint-file';
import { RandomStream } from '../../../ts/training/random';
import { compileSources } from '../../cli/compiled';
import { tiny } from './tiny';
import { toy } from './toy';

const KILLS = 10;
const root = join(__dirname, '..', '..', '..');
const here = join('__test__', 'experiments', 'harness');
const { folder, remove } = compileSources(undefined, [join(here, 'run-child.ts'), join(here, 'toy.ts')]);
symlinkSync(join(root, 'native.js'), join(folder, 'native.js'));
const work = mkdtempSync(join(tmpdir(), 'sst-kills-'));
afterAll(() => {
  remove();
  rmSync(work, { recursive: true });
});

/** Trains in a process of its own, which is killed at the given number of its messages; the number it has sent. */
async function train(experiment: string, directory: string, config: RunConfig, killAt?: number, delay = 0) {
  const words = [experiment, directory, join(work, 'cache'), JSON.stringify(config)];
  const child = fork(join(folder, here, 'run-child.js'), words, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let messages = 0;
  let error = '';
  child.stderr?.on('data', (chunk) => {
    error += chunk;
  });
  child.on('message', () => {
    messages += 1;
    if (messages === killAt) setTimeout(() => child.kill('SIGKILL'), delay);
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...end) => resolve(end));
  });
  if (signal === null && code !== 0) throw new Error(error);
  return { messages, killed: signal === 'SIGKILL' };
}

/** Everything a run leaves behind, without the times. */
function traces(directory: string) {
  const timeless = (value: object) => ({ ...value, seconds: 0 });
  const checkpoint = readCheckpoint(join(directory, 'checkpoint.bin'));
  return {
    checkpoint: { ...checkpoint, metadata: timeless(checkpoint.metadata as object) },
    best: readCheckpoint(join(directory, 'best.bin')),
    metrics: readLines<object>(join(directory, 'metrics.jsonl')).map(timeless),
    result: timeless(JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8'))),
  };
}

const all: [string, Experiment][] = [...experiments, toy as Experiment].map((each) => [each.name, each]);

test.each(all)(
  '%s: killed at ten random moments and taken up again, it ends with the same bits',
  async (name, experiment) => {
    const settings = settingsOf(experiment, name === 'toy' ? { seeds: [3] } : tiny[name]);
    const [{ config }] = plannedRuns(experiment, settings);
    const whole = join(work, `${name}-whole`);
    const { messages } = await train(name, whole, config);
    const parts = join(work, `${name}-parts`);
    const random = new RandomStream(20240611, 'kills', name);
    let kills = 0;
    // A session that gets past its last checkpoint does not start from the beginning: small steps leave room for all ten.
    for (let session = 0; session < 40 && kills < KILLS; session++) {
      if (existsSync(join(parts, 'result.json'))) break;
      const { killed } = await train(
        name,
        parts,
        config,
        1 + random.below(Math.ceil(messages / 6)),
        random.below(8),
      );
      if (killed) kills += 1;
    }
    await train(name, parts, config);
    expect(kills).toBe(KILLS);
    expect(traces(parts)).toEqual(traces(whole));
  },
  600_000,
);
