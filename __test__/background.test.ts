import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { getThreads, SstError, spanningTree, topK } from '../ts';
import { expectSameBits } from './laws/inputs';

const wave = (length: number, phase: number) =>
  Float64Array.from({ length }, (_, i) => 3 * Math.sin(1.7 * i * i + phase));

test('the twins give the bits of the methods that block', async () => {
  const trick = spanningTree({ vertices: 6, temperature: 0.5 });
  const utility = wave(trick.dimension * 50, 1);
  const cotangent = wave(utility.length, 2);
  expectSameBits(await trick.argmaxAsync(utility), trick.argmax(utility));
  expectSameBits(await trick.softmaxAsync(utility), trick.softmax(utility));
  expectSameBits(await trick.softmaxVjpAsync(utility, cotangent), trick.softmaxVjp(utility, cotangent));
  expectSameBits(await trick.logPartitionAsync(utility), trick.logPartition(utility));
  const lengths = Array.from({ length: 50 }, (_, row) => 1 + (row % 6));
  const options = { lengths, temperature: 2 };
  expectSameBits(await trick.softmaxAsync(utility, options), trick.softmax(utility, options));
  const single = Float32Array.from(utility);
  expectSameBits(await trick.softmaxAsync(single), trick.softmax(single));
  const out = new Float32Array(utility.length);
  expect(await trick.softmaxAsync(utility, { out })).toBe(out);
  expectSameBits(out, Float32Array.from(trick.softmax(utility)));
});

test('a batch that is computed in several parts is the batch', async () => {
  const trick = topK({ elements: 300, k: 40 });
  const utility = wave(300 * 1200, 3);
  const lengths = Uint32Array.from({ length: 1200 }, (_, row) => 40 + (row % 261));
  expectSameBits(await trick.softmaxAsync(utility, { lengths }), trick.softmax(utility, { lengths }));
  expectSameBits(await trick.softmaxVjpAsync(utility, utility), trick.softmaxVjp(utility, utility));
});

test('arguments may change while the work runs', async () => {
  const trick = topK({ elements: 9, k: 3 });
  const utility = wave(9 * 2000, 4);
  const expected = trick.softmax(utility);
  const promise = trick.softmaxAsync(utility);
  utility.fill(Number.NaN);
  structuredClone(utility.buffer, { transfer: [utility.buffer] });
  expectSameBits(await promise, expected);
});

test('errors are those of the methods that block', async () => {
  const trick = topK({ elements: 3, k: 2 });
  const bad = [1, 2, 3, 4, Number.NaN, 6];
  await expect(trick.softmaxAsync(bad)).rejects.toThrow(SstError);
  await expect(trick.softmaxAsync(bad)).rejects.toMatchObject({
    code: 'NOT_FINITE',
    message: 'utility: expected finite numbers or -Infinity, got NaN at coordinate 1 (batch row 1)',
  });
  await expect(trick.softmaxVjpAsync([1, 2, 3], [1, Infinity, 1])).rejects.toMatchObject({
    code: 'NOT_FINITE',
  });
  await expect(trick.argmaxAsync([1, 2])).rejects.toMatchObject({ code: 'INVALID_SHAPE' });
  await expect(trick.argmaxAsync([1, 2, 3], { out: new Float64Array(2) })).rejects.toMatchObject({
    code: 'INVALID_SHAPE',
  });
  await expect(trick.argmaxAsync([1, 2, 3], { signal: 7 as never })).rejects.toThrow(
    /^signal: expected an AbortSignal/,
  );
  await expect(trick.logPartitionAsync([1, 2, 3], { temperature: 0 })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
});

test('a signal calls work off, before it starts and while it runs', async () => {
  const trick = spanningTree({ vertices: 60 });
  const utility = wave(trick.dimension * 2000, 5);
  const reason = new Error('enough');
  await expect(trick.softmaxAsync(utility, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const controller = new AbortController();
  const promise = trick.softmaxAsync(utility, { signal: controller.signal });
  controller.abort(reason);
  await expect(promise).rejects.toBe(reason);
  // Nothing of it stays with the signal, and the trick works on.
  expect(trick.softmax(utility.subarray(0, trick.dimension))).toHaveLength(trick.dimension);
});

test('the event loop turns while work runs', async () => {
  const trick = spanningTree({ vertices: 60 });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await trick.softmaxVjpAsync(wave(trick.dimension * 400, 6), wave(trick.dimension * 400, 7));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

test('many calls at once do not disturb one another', async () => {
  const trick = topK({ elements: 8, k: 3 });
  const inputs = Array.from({ length: 64 }, (_, i) => wave(8 * 5, i));
  const results = await Promise.all(inputs.map((utility) => trick.softmaxAsync(utility)));
  results.forEach((result, i) => {
    expectSameBits(result, trick.softmax(inputs[i]));
  });
});

test('a worker starts with one thread, and gives the same bits', async () => {
  const trick = topK({ elements: 8, k: 3 });
  const utility = wave(8 * 5, 1);
  const worker = new Worker(join(__dirname, 'children', 'worker.cjs'), { workerData: utility });
  const { threads, soft } = await new Promise<{ threads: number; soft: Float64Array }>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  expect(threads).toBe(1);
  expect(getThreads()).toBe(0);
  expect(Array.from(soft)).toEqual(Array.from(trick.softmax(utility)));
});

describe('twins of methods with several results', () => {
  const trick = topK({ elements: 4, k: 2, temperature: 0.5 });
  const theta = [1, -0.5, 0.25, Number.NaN, 0, 1, 2, 3];
  const lengths = [3, 4];

  test('a sample', async () => {
    const options = { seed: 5, samples: 3, lengths };
    const out = { soft: new Float32Array(24) };
    const expected = trick.sample(theta, options);
    const later = await trick.sampleAsync(theta, { ...options, out });
    expect(later.utility).toEqual(expected.utility);
    expect(later.hard).toEqual(expected.hard);
    expect(later.soft).toBe(out.soft);
    expect(later.soft).toEqual(Float32Array.from(expected.soft));
    await expect(trick.sampleAsync(theta, { seed: 5 })).rejects.toThrow(/NaN/);
    await expect(
      trick.sampleAsync(theta, { seed: 5, lengths, signal: AbortSignal.abort() }),
    ).rejects.toThrow();
    const empty = spanningTree({ vertices: 1 });
    expect((await empty.sampleAsync([], { seed: 1, lengths: [1, 1] })).hard).toHaveLength(0);
  });

  test('both gradients of a divergence, and a mask', async () => {
    const given = [theta, [0, 1, 0, Number.NaN, 3, 2, 1, 0], [1, -2]] as const;
    const options = { lengths, temperature: 2 };
    expect(await trick.divergenceVjpAsync(...given, options)).toEqual(trick.divergenceVjp(...given, options));
    expect(await trick.maskedAsync(theta, { lengths })).toEqual(trick.masked(theta, { lengths }));
  });
});
