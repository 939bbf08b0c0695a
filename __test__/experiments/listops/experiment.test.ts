import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../../ts/experiments/harness/experiment';
import { plannedRuns, settingsOf } from '../../../ts/experiments/harness/plan';
import { trainRun } from '../../../ts/experiments/harness/run';
import { listops } from '../../../ts/experiments/listops/experiment';
import { structureNames } from '../../../ts/experiments/listops/names';
import { presets } from '../../../ts/experiments/listops/settings';
import { tinyConfig } from './tiny';

const folder = mkdtempSync(join(tmpdir(), 'sst-listops-runs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const cacheDirectory = join(folder, 'cache');

test('presets: a run for each row and seed, with the settings that its row has', () => {
  for (const preset of Object.keys(presets)) {
    const settings = settingsOf(listops, { preset });
    const runs = plannedRuns(listops, settings);
    expect(runs).toHaveLength(settings.seeds.length * settings.structures.length);
    for (const { config } of runs) {
      const { structure, temperature, encoderRate } = config as ReturnType<typeof tinyConfig>;
      expect(temperature !== undefined).toBe(encoderRate !== undefined && structure !== 'arborescence-trace');
    }
    const rows = listops.rows(settings).map(({ id }) => id);
    expect(rows).toEqual(structureNames.filter((name) => settings.structures.includes(name)));
    // Published numbers are of rows that there are.
    for (const { row } of listops.published?.cells ?? []) expect(structureNames).toContain(row);
  }
});

test.each([
  [{ samples: 1 }, /^samples: expected at least 2/],
  [{ shortest: 21 }, /^shortest: expected at most longest \(20\), got 21/],
  [{ longest: 9 }, /^longest: expected at least 10, for a depth of 3, got 9/],
  [{ evaluateEvery: 2000 }, /^evaluateEvery: expected at most steps \(1500\), got 2000/],
  [{ structures: ['chain'] as never }, /^structures: expected some of lstm/],
])('settings that do not go together are refused: %j', (options, message) => {
  expect(() => settingsOf(listops, options)).toThrow(message);
});

test('a network on true parses learns; files are read for training and for evaluation', async () => {
  const data = join(folder, 'data');
  mkdirSync(data);
  const random = [4, 7, 1, 9, 2, 6, 3, 8, 5, 0];
  const lines = (from: number, size: number) =>
    Array.from({ length: size }, (_, i) => {
      const [a, b, c] = [from + i, (from + i) * 7 + 3, (from + i) * 3 + 1].map((k) => random[k % 10]);
      const d = random[Math.floor((from + i) / 10) % 10];
      return i % 2 === 0
        ? `${Math.max(a, b, d)}\t( ( ( ( [MAX ${a} ) ${b} ) ${d} ) ] )`
        : `${Math.min(a, Math.max(c, d))}\t[MIN ${a} [MAX ${c} ${d} ] ]`;
    }).join('\n');
  writeFileSync(join(data, 'train.tsv'), lines(0, 400));
  writeFileSync(join(data, 'valid.tsv'), lines(37, 60));
  writeFileSync(join(data, 'test.tsv'), lines(51, 60));
  const config = tinyConfig('gold', {
    data,
    embedding: 16,
    updateHidden: 32,
    batch: 32,
    steps: 250,
    evaluateEvery: 250,
    learningRate: 0.01,
  });
  const directory = join(folder, 'gold');
  const { result } = await trainRun(listops, config, { directory, cacheDirectory });
  const { validation, test: tested, bestStep } = result as RunResult;
  expect(bestStep).toBe(250);
  // The most frequent value has a quarter.
  expect(tested.accuracy).toBeGreaterThan(0.6);
  expect(validation).toMatchObject({ precision: 1, recall: 1, cleanPrecision: 1, cleanRecall: 1 });

  const code = listops.code();
  const trainer = code.trainer(config, (await code.load(config, { cacheDirectory })) as never);
  const untrained = trainer.weights();
  const path = join(data, 'valid.tsv');
  const numbers = await code.evaluateFile?.(config, untrained, path, {});
  expect(Object.keys(numbers ?? {})).toEqual([
    'examples',
    'accuracy',
    'precision',
    'recall',
    'cleanPrecision',
    'cleanRecall',
  ]);
  // Given graphs have no noise: the file's numbers are those of the set.
  const evaluation = await trainer.evaluate(untrained, 'validation', {});
  expect(numbers).toEqual({ examples: 60, ...evaluation?.metrics });
  expect(numbers?.accuracy).toBeLessThan(0.6);
}, 60_000);

test('numbers of a file depend neither on the run nor on the size of batches', async () => {
  const path = join(folder, 'file.tsv');
  writeFileSync(path, '3\t[MAX 2 3 ]\n4\t[MED 4 [MAX 1 2 ] 5 ]\n0\t[MIN 1 [MIN 3 0 9 9 ] 2 ]\n');
  const code = listops.code();
  const config = tinyConfig('arborescence-gumbel');
  const data = (await code.load(config, { cacheDirectory })) as never;
  const weights = code.trainer(config, data).weights();
  const numbers = await code.evaluateFile?.(config, weights, path, {});
  for (const changes of [{ evaluationBatch: 1 }, { seed: 77 }, { evaluationBatch: 2 }]) {
    expect(await code.evaluateFile?.({ ...config, ...changes }, weights, path, {})).toEqual(numbers);
  }
  expect(numbers?.examples).toBe(3);
  const sequence = tinyConfig('lstm');
  const own = await code.evaluateFile?.(sequence, code.trainer(sequence, data).weights(), path, {});
  expect(Object.keys(own ?? {})).toEqual(['examples', 'accuracy']);
  const stopped = new AbortController();
  stopped.abort();
  expect(await code.evaluateFile?.(config, weights, path, { signal: stopped.signal })).toBeUndefined();
  await expect(code.evaluateFile?.(config, weights, join(folder, 'none.tsv'), {})).rejects.toThrow(
    /none\.tsv/,
  );
});

test('the page draws the parses of the selected runs', () => {
  const row = { id: 'spanning-tree', label: 'Spanning Tree' };
  const examples = [
    {
      tokens: [0, 5, 6, 13],
      heads: [-1, 0, 0, 0],
      label: 3,
      answer: 2,
      arcs: [
        [0, 1],
        [1, 0],
        [1, 2],
      ],
    },
  ];
  const selected = { result: { examples } };
  const [figure] = listops.figures?.([{ row, selected } as never], presets.quick) ?? [];
  const text = String(figure.content);
  expect(text).toContain('[MAX 2 3 ]');
  expect(text.match(/<path/g)).toHaveLength(3);
  expect(
    listops.figures?.(
      [{ row: { id: 'lstm', label: 'LSTM' }, selected: { result: { examples: [] } } } as never],
      presets.quick,
    ),
  ).toEqual([]);
});
