import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const CALLS = 100_000;

interface Report {
  /** How many functions are called. */
  functions: number;
  /** How often each function returned, and was refused by which code. */
  outcomes: Record<string, Record<string, number>>;
  holes: string[];
}

/**
 * In a process of its own, since what it looks for is a crash. A call may return, refuse with an `SstError` that names
 * its argument (but is no broken invariant), or pass on what a getter of the caller threw. It may not return NaN.
 */
test(`${CALLS} random calls, most of them nonsense, end in a result or in an SstError`, () => {
  const child = (name: string) => join(__dirname, 'children', name);
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', child('register.cjs'), child('garbage.ts'), `${CALLS}`, '20240611'],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  const { functions, outcomes, holes } = JSON.parse(stdout) as Report;
  expect(holes).toEqual([]);

  // The calls are worth making: every function got through often, and was refused often.
  expect(functions).toBeGreaterThanOrEqual(16);
  expect(Object.keys(outcomes)).toHaveLength(functions);
  let total = 0;
  for (const [name, counts] of Object.entries(outcomes)) {
    const sum = Object.values(counts).reduce((a, b) => a + b, 0);
    total += sum;
    expect({ name, returned: counts.returned > 0.05 * sum }).toEqual({ name, returned: true });
    expect({ name, refused: counts.INVALID_ARGUMENT > 0.05 * sum }).toEqual({ name, refused: true });
  }
  expect(total).toBe(CALLS);
});
