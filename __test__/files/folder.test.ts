import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../ts/files/folder';

const root = mkdtempSync(join(tmpdir(), 'sst-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

test('makes folders with those around them, and leaves what is there', () => {
  const folder = join(root, 'a', 'b', 'c');
  makeFolder(folder);
  writeFileSync(join(folder, 'file'), 'kept');
  makeFolder(folder);
  makeFolder(join(root, 'a', 'd'));
  expect(existsSync(join(folder, 'file'))).toBe(true);
  expect(existsSync(join(root, 'a', 'd'))).toBe(true);
});

test('a file in the way is an error that names what cannot be made', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolder(join(root, 'file', 'x'))).toThrow(join(root, 'file'));
});

const linux = process.platform === 'linux' ? test : test.skip;

// Node's own recursive mkdir does not return from there.
linux('a system that makes no folder is an error, not an endless loop', () => {
  expect(() => makeFolder('/proc/none/of/these')).toThrow(/proc/);
});
