import { SstError, type SstErrorCode } from '../ts';
import { arrays } from './errors/arrays';
import { six, trick } from './errors/bad';
import { counts, edges, options, seeds, temperatures } from './errors/options';
import { outputs } from './errors/outputs';

/** Expects a call to throw just the error that is due. */
function refuses(call: () => unknown, code: SstErrorCode, says: RegExp): void {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SstError);
  expect(thrown).toBeInstanceOf(Error);
  const error = thrown as SstError;
  expect({ name: error.name, code: error.code }).toEqual({ name: 'SstError', code });
  expect(error.message).toMatch(says);
  expect(error.message.length).toBeLessThan(400);
}

describe.each([
  ['an array', arrays],
  ['out', outputs],
  ['a temperature', temperatures],
  ['a seed', seeds],
  ['a count', counts],
  ['edges', edges],
  ['options', options],
])('%s:', (_, table) => {
  test.each(table)('%s', (_what, call, code, says) => refuses(call, code, says));
});

test('a batch with one bad row leaves out as it was', () => {
  const out = new Float64Array(12).fill(7);
  expect(() => trick.softmax([...six, 1, 2, Number.NaN, 4, 5, 6], { out })).toThrow(SstError);
  expect(out.every((x) => x === 7)).toBe(true);
});

test('what a getter of the caller throws comes back as it is', () => {
  const own = new Error('mine');
  const bad = {
    get seed(): number {
      throw own;
    },
  };
  expect(() => trick.perturb(six, bad)).toThrow(own);
});

test('a missing seed is asked for in words that can be pasted', () => {
  const missing = 'seed is required: sample(theta, { seed: 1 })';
  for (const options of [undefined, {}, { samples: 2 }, { seed: undefined }]) {
    expect(() => trick.sample(six, options as never)).toThrow(missing);
    expect(() => trick.perturb(six, options as never)).toThrow(missing);
  }
});

test.each([
  [{ seeds: 1 }, 'seed'],
  [{ sede: 1 }, 'seed'],
  [{ temprature: 1 }, 'temperature'],
  [{ Temperature: 1 }, 'temperature'],
  [{ length: [1] }, 'lengths'],
  [{ tau: 1 }, undefined],
  [{ [`temperature${'e'.repeat(1000)}`]: 1 }, undefined],
])('an unknown option %j: did you mean %s?', (options, meant) => {
  const call = () => trick.sample(six, { seed: 1, ...options } as never);
  if (meant === undefined) expect(call).not.toThrow(/did you mean/);
  else expect(call).toThrow(new RegExp(`; did you mean ${meant}\\?$`));
});
