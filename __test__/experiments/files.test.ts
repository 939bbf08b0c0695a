import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLines } from '../../ts/experiments/json-lines';
import { MetricsFile, type MetricsLine } from '../../ts/experiments/metrics-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sst-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('metrics files', () => {
  test('keep the lines asked for, and no torn one', () => {
    const path = join(folder, 'metrics.jsonl');
    const first = new MetricsFile(path, () => true);
    for (const step of [1, 2, 3]) first.write({ kind: 'train', step, elbo: -step });
    appendFileSync(path, '{"kind":"tr');
    expect(readLines<MetricsLine>(path).map(({ step }) => step)).toEqual([1, 2, 3]);
    const second = new MetricsFile(path, ({ step }) => step <= 2);
    second.write({ kind: 'validation', step: 2 });
    expect(readLines<MetricsLine>(path)).toEqual([
      { kind: 'train', step: 1, elbo: -1 },
      { kind: 'train', step: 2, elbo: -2 },
      { kind: 'validation', step: 2 },
    ]);
  });

  test('have no lines where there is no file', () => {
    expect(readLines<MetricsLine>(join(folder, 'none.jsonl'))).toEqual([]);
  });
});
