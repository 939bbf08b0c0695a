import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArrays, writeArrays, writeFileAtomically } from '../../ts/experiments/array-file';
import { readLines } from '../../ts/experiments/json-lines';
import { MetricsFile, type MetricsLine } from '../../ts/experiments/metrics-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sst-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('array files', () => {
  const arrays = { weights: Float32Array.of(1.5, -2, Number.NaN), trees: Uint8Array.of(0, 1, 255) };

  test('give back what was stored', () => {
    const path = join(folder, 'deeper', 'state.bin');
    writeArrays(path, { step: 3 }, arrays);
    expect(readArrays(path)).toEqual({ description: { step: 3 }, arrays });
    expect(readdirSync(join(folder, 'deeper'))).toEqual(['state.bin']);
  });

  test('refuse damage: cut short anywhere, or one bit flipped', () => {
    const path = join(folder, 'state.bin');
    writeArrays(path, {}, arrays);
    const whole = readFileSync(path);
    for (const length of [0, 3, 20, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      expect(() => readArrays(path)).toThrow();
    }
    whole[whole.length - 2] ^= 1;
    writeFileSync(path, whole);
    expect(() => readArrays(path)).toThrow('checksum');
  });

  test('leave the old file when writing the new one fails', () => {
    const path = join(folder, 'state.json');
    writeFileAtomically(path, 'old');
    expect(() => writeFileAtomically(path, 'new', null as unknown as string)).toThrow();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['state.json']);
  });
});

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
