import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../../ts/experiments/harness/experiment';
import { type RunProgress, trainRun } from '../../../ts/experiments/harness/run';
import { readLines } from '../../../ts/experiments/json-lines';
import type { MetricsLine } from '../../../ts/experiments/metrics-file';
import { type NriConfig, nriRuns, nriSettings } from '../../../ts/experiments/nri/config';
import { nri } from '../../../ts/experiments/nri/experiment';
import type { NriExample } from '../../../ts/experiments/nri/records';
import { readCheckpoint } from '../../../ts/training/checkpoint-file';

const [run] = nriRuns(
  nriSettings({
    structures: ['spanning-tree'],
    seeds: [1],
    vertices: 4,
    timesteps: 4,
    encoderHidden: 8,
    decoderHidden: 8,
    batch: 8,
    trainSize: 30,
    validationSize: 16,
    testSize: 12,
    evaluationBatch: 5,
    steps: 20,
    evaluateEvery: 4,
    checkpointEvery: 3,
    logEvery: 1,
  }),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sst-train-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function train(name: string, changes: Partial<NriConfig> = {}, stopAt?: (progress: RunProgress) => boolean) {
  const stop = new AbortController();
  return trainRun(
    nri,
    { ...run, ...changes },
    {
      directory: join(folder, name),
      cacheDirectory: join(folder, 'cache'),
      resume: true,
      signal: stop.signal,
      onProgress: (progress) => {
        if (stopAt?.(progress)) stop.abort();
      },
    },
  );
}

/** Everything a run leaves behind, without the times. */
function traces(name: string) {
  const timeless = (value: object) => ({ ...value, seconds: 0 });
  const checkpoint = readCheckpoint(join(folder, name, 'checkpoint.bin'));
  return {
    checkpoint: { ...checkpoint, metadata: timeless(checkpoint.metadata as object) },
    best: readCheckpoint(join(folder, name, 'best.bin')),
    metrics: readLines<MetricsLine>(join(folder, name, 'metrics.jsonl')).map(timeless),
    result: timeless(JSON.parse(readFileSync(join(folder, name, 'result.json'), 'utf8'))),
  };
}

describe('training', () => {
  test('writes its configuration, metrics and result', async () => {
    const seen: RunProgress[] = [];
    const outcome = await train('straight', {}, (progress) => {
      seen.push(progress);
      return false;
    });
    expect(outcome).toMatchObject({ finished: true, step: 20 });
    expect(JSON.parse(readFileSync(join(folder, 'straight', 'config.json'), 'utf8'))).toEqual(run);
    const lines = readLines<MetricsLine>(join(folder, 'straight', 'metrics.jsonl'));
    expect(lines.filter(({ kind }) => kind === 'train').map(({ step }) => step)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(lines.filter(({ kind }) => kind === 'validation').map(({ step }) => step)).toEqual([
      4, 8, 12, 16, 20,
    ]);
    const result = outcome.result as RunResult;
    expect(result.validation.elbo).toBeCloseTo(-(result.validation.nll + result.validation.kl), 6);
    const elbos = lines.flatMap((line) =>
      line.kind === 'validation' ? [(line as unknown as { elbo: number }).elbo] : [],
    );
    expect(result.validation.elbo).toBe(Math.max(...elbos));
    expect(result.examples).toHaveLength(6);
    for (const { positions, truth, sample, soft } of result.examples as NriExample[]) {
      expect([positions.length, truth.length, soft.length]).toEqual([4, 3, 6]);
      // On 4 vertices a tree's complement has as many edges as the tree.
      expect(sample).toHaveLength(3);
      expect(soft.reduce((a, b) => a + b)).toBeCloseTo(3, 4);
    }
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['data', 'train', 'validation', 'test']));
    expect(seen.at(-1)).toMatchObject({ phase: 'test', step: 12, steps: 12 });
  });

  test('improves the objective', () => {
    const elbo = readLines<MetricsLine>(join(folder, 'straight', 'metrics.jsonl')).flatMap((line) =>
      line.kind === 'train' ? [(line as unknown as { elbo: number }).elbo] : [],
    );
    expect(elbo[19]).toBeGreaterThan(elbo[0] / 2);
  });

  test('stopped and resumed goes on exactly as if it had not been stopped', async () => {
    const first = await train('resumed', {}, ({ phase, step }) => phase === 'train' && step === 10);
    expect(first).toEqual({ finished: false, step: 10 });
    const second = await train('resumed');
    expect(second).toMatchObject({ finished: true, step: 20 });
    expect(traces('resumed')).toEqual(traces('straight'));
  });

  test('stopped in an evaluation repeats it', async () => {
    const first = await train('evaluated', {}, ({ phase, step }) => phase === 'validation' && step === 10);
    expect(first).toEqual({ finished: false, step: 4 });
    const second = await train('evaluated', {}, ({ phase }) => phase === 'test');
    expect(second).toEqual({ finished: false, step: 20 });
    await train('evaluated');
    expect(traces('evaluated')).toEqual(traces('straight'));
  });

  test('lost after a checkpoint repeats what followed it', async () => {
    await train('lost', {}, ({ phase, step }) => phase === 'train' && step === 11);
    const path = join(folder, 'lost', 'checkpoint.bin');
    const checkpoint = readFileSync(path);
    await train('lost', {}, ({ phase, step }) => phase === 'train' && step === 18);
    // As if the process had been killed at step 18 with this checkpoint the newest.
    writeFileSync(path, checkpoint);
    await train('lost');
    expect(traces('lost')).toEqual(traces('straight'));
  });

  test('finished is not repeated, but goes on to more steps', async () => {
    const again = await train('straight', {}, () => {
      throw new Error('worked');
    });
    expect(again).toMatchObject({ finished: true, step: 20 });
    await train('short', { steps: 8 });
    await train('short');
    const { result, checkpoint } = traces('short');
    expect(result).toEqual(traces('straight').result);
    expect({ ...checkpoint, metadata: undefined }).toEqual({
      ...traces('straight').checkpoint,
      metadata: undefined,
    });
  });

  test('starts anew unless asked to resume, and refuses to resume with other settings', async () => {
    await expect(train('straight', { steps: 30, learningRate: 0.1 })).rejects.toThrow('other settings');
    const before = traces('straight');
    const options = { directory: join(folder, 'straight'), cacheDirectory: join(folder, 'cache') };
    await trainRun(nri, run, options);
    expect(traces('straight')).toEqual(before);
  });

  test('anew does not take an earlier checkpoint for its own', async () => {
    const directory = join(folder, 'anew');
    await train('anew', { learningRate: 0.1 }, ({ phase, step }) => phase === 'train' && step === 6);
    const options = { directory, cacheDirectory: join(folder, 'cache'), signal: AbortSignal.abort() };
    expect(await trainRun(nri, run, options)).toEqual({ finished: false, step: 0 });
    await train('anew');
    expect(traces('anew')).toEqual(traces('straight'));
  });

  test('differs by seed in weights, batches and noise', async () => {
    await train('other', { seed: 2 });
    expect(traces('other').checkpoint.parameters).not.toEqual(traces('straight').checkpoint.parameters);
    expect(traces('other').metrics[0]).not.toEqual(traces('straight').metrics[0]);
  });
});
