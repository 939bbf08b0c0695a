import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flatArray, readArrays, writeArrays } from '../../ts/files/array-file';
import { writeFileAtomically } from '../../ts/files/atomic-file';
import type { FileError, FileErrorReason } from '../../ts/files/file-error';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sst-files-'));
  path = join(folder, 'state.bin');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const arrays = {
  trees: flatArray(Uint8Array.of(0, 1, 255)),
  weights: { shape: [3, 1], values: Float32Array.of(1.5, -2, Number.NaN) },
  sums: { shape: [], values: Float64Array.of(1 / 3) },
  counts: { shape: [2, 2], values: Int32Array.of(-1, 2, 3, 4) },
  none: { shape: [0, 5], values: new Float32Array(0) },
  ['__proto__']: flatArray(Uint8Array.of(7)),
  1: flatArray(Uint8Array.of(8)),
};

function reasonOf(work: () => unknown): FileErrorReason {
  let found: unknown;
  try {
    work();
  } catch (error) {
    found = error;
  }
  expect((found as Error).message).toContain(path);
  expect(found).toMatchObject({ name: 'SstError', path });
  return (found as FileError).reason;
}

describe('array files', () => {
  test('give back what was stored, whatever the names', () => {
    const deeper = join(folder, 'deeper', 'state.bin');
    writeArrays(deeper, { step: 3 }, arrays);
    expect(readArrays(deeper)).toEqual({ description: { step: 3 }, arrays });
    expect(Object.keys(readArrays(deeper).arrays)).toContain('__proto__');
    expect(readdirSync(join(folder, 'deeper'))).toEqual(['state.bin']);
    writeArrays(deeper, undefined, {});
    expect(readArrays(deeper)).toEqual({ description: null, arrays: {} });
  });

  test('are safetensors: the published layout, read by hand', () => {
    writeArrays(path, 'a', {
      bytes: flatArray(Uint8Array.of(9)),
      w: { shape: [1, 2], values: Float32Array.of(1, -2) },
    });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    expect(entries).toEqual({
      bytes: { dtype: 'U8', shape: [1], data_offsets: [8, 9] },
      w: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
    });
    for (const value of Object.values(metadata)) expect(typeof value).toBe('string');
    expect(bytes.subarray(8 + length)).toEqual(Buffer.from([0, 0, 128, 63, 0, 0, 0, 192, 9]));
  });

  test('refuse what is cut short anywhere', () => {
    writeArrays(path, {}, arrays);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(reasonOf(() => readArrays(path))).toBe('truncated');
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.of(0)]));
    expect(reasonOf(() => readArrays(path))).toBe('damaged');
  });

  test('refuse one flipped bit anywhere, in the header too', () => {
    writeArrays(path, { step: 3 }, arrays);
    const whole = readFileSync(path);
    const space = ' '.charCodeAt(0);
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(whole);
        flipped[at] ^= 1 << bit;
        writeFileSync(path, flipped);
        try {
          // Blanks before the arrays may be other blanks.
          expect(readArrays(path)).toEqual({ description: { step: 3 }, arrays });
          expect(whole[at]).toBe(space);
        } catch (error) {
          if (!Object.hasOwn(error as object, 'reason')) throw error;
        }
      }
    }
  });

  test('refuse what others have written, or another version', () => {
    expect(reasonOf(() => readArrays(path))).toBe('missing');
    writeFileSync(path, '{"step": 3, "more": [1, 2, 3]}');
    expect(reasonOf(() => readArrays(path))).toBe('foreign');
    const safetensors = (header: object) => {
      const json = Buffer.from(JSON.stringify(header));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(json.length));
      writeFileSync(path, Buffer.concat([size, json, Buffer.alloc(4)]));
    };
    const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
    safetensors({ w: entry });
    expect(reasonOf(() => readArrays(path))).toBe('foreign');
    safetensors({ __metadata__: { library: 'stochastic-softmax-tricks', version: '9' }, w: entry });
    expect(reasonOf(() => readArrays(path))).toBe('version');
    rmSync(path);
    fs.mkdirSync(path);
    expect(reasonOf(() => readArrays(path))).toBe('unreadable');
    expect(reasonOf(() => writeArrays(path, {}, arrays))).toBe('unwritable');
  });

  test('a full disk leaves the old file, and nothing else', () => {
    writeArrays(path, 'old', arrays);
    const write = fs.writeSync;
    let left = 100;
    jest.spyOn(fs, 'writeSync').mockImplementation(((file: number, bytes: Uint8Array, offset: number) => {
      const length = Math.min(bytes.length - offset, left);
      if (length === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      left -= length;
      return write(file, bytes, offset, length);
    }) as typeof fs.writeSync);
    expect(reasonOf(() => writeArrays(path, 'new', arrays))).toBe('unwritable');
    expect(left).toBe(0);
    expect(readArrays(path).description).toBe('old');
    expect(readdirSync(folder)).toEqual(['state.bin']);
  });
});

test('the old file stays when writing the new one fails', () => {
  writeFileAtomically(path, 'old');
  expect(() => writeFileAtomically(path, 'new', null as unknown as string)).toThrow();
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['state.bin']);
});
