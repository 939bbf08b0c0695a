import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../../ts/experiments/harness/experiment';
import { plannedRuns, settingsOf } from '../../../ts/experiments/harness/plan';
import { trainRun } from '../../../ts/experiments/harness/run';
import { type ListopsData, loadListops } from '../../../ts/experiments/listops/corpus/data';
import { tokensOf } from '../../../ts/experiments/listops/corpus/expression-set';
import { tokens as vocabulary } from '../../../ts/experiments/listops/corpus/tokens';
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
  const generated = { ...tinyConfig('gold'), trainSize: 2000, validationSize: 100, testSize: 100 };
  const sets = (await loadListops(generated, { cacheDirectory })) as ListopsData;
  for (const [name, set] of Object.entries(sets)) {
    const lines = Array.from(set.labels, (label, index) => {
      const words = Array.from(tokensOf(set, index), (token) => vocabulary[token]);
      return `${label}\t${words.join(' ')}`;
    });
    writeFileSync(join(data, `${name === 'validation' ? 'valid' : name}.tsv`), lines.join('\n'));
  }
  const config = tinyConfig('gold', {
    data,
    embedding: 32,
    updateHidden: 64,
    batch: 64,
    steps: 150,
    evaluateEvery: 75,
    checkpointEvery: 150,
    logEvery: 50,
    learningRate: 0.01,
  });
  const directory = join(folder, 'gold');
  const { result } = await trainRun(listops, config, { directory, cacheDirectory });
  const { validation, test: tested, bestStep } = result as RunResult;
  expect(bestStep).toBe(150);
  // More than who always says the most frequent value.
  const counts = Array.from(
    { length: 10 },
    (_, value) => sets.test.labels.filter((label) => label === value).length,
  );
  expect(tested.accuracy).toBeGreaterThan(Math.max(...counts) / 100 + 0.2);
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
  expect(numbers).toEqual({ examples: 100, ...evaluation?.metrics });
  expect(numbers?.accuracy).toBeLessThan(validation.accuracy);
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
