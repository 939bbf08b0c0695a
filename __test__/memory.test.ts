import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MEBIBYTE = 2 ** 20;
const PARTS = 5;
const CALLS = 250_000;

/**
 * A leak of one small object a call, 32 bytes at the least, would add 30 MiB. What the engine itself takes while its
 * heap and its compiled code settle is a few MiB; the first part leaves it time for most of that. The growth is from the
 * lowest of the early measurements to the lowest of the late ones, since one measurement may find pages in use that are
 * free a moment later.
 */
const BOUND = 12 * MEBIBYTE;

test('a million small calls leave the resident set flat', () => {
  const child = (name: string) => join(__dirname, 'children', name);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--require', child('register.cjs'), child('memory.ts'), `${PARTS}`, `${CALLS}`],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const residentSets = JSON.parse(stdout) as number[];
  const growth = Math.min(...residentSets.slice(-2)) - Math.min(...residentSets.slice(0, 2));
  expect({ residentSets, flat: growth < BOUND }).toEqual({ residentSets, flat: true });
}, 120_000);
