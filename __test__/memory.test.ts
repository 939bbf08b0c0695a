import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MEBIBYTE = 2 ** 20;
const PARTS = 7;
const CALLS = 200_000;

/**
 * A leak of one small object a call, 32 bytes at the least, adds 6 MiB in every part. What else makes the resident set
 * grow comes and goes: the engine's heap and compiled code settle in the first parts, and on a busy machine its
 * collector falls behind in one or another. So the median of the growths tells them apart, whatever two of the six are.
 */
const BOUND = 3 * MEBIBYTE;

test('a million small calls leave the resident set flat', () => {
  const child = (name: string) => join(__dirname, 'children', name);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--require', child('register.cjs'), child('memory.ts'), `${PARTS}`, `${CALLS}`],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const residentSets = JSON.parse(stdout) as number[];
  const growths = residentSets.slice(1).map((size, part) => size - residentSets[part]);
  const median = growths.toSorted((a, b) => a - b)[growths.length / 2];
  expect({ residentSets, flat: median < BOUND }).toEqual({ residentSets, flat: true });
});
