import '@tensorflow/tfjs';
import { cosineSchedule, geometricSchedule, linearSchedule, warmUp } from '../../ts/training';

const steps = [0, 1, 2, 3, 4, 5, 100];

test.each([
  ['linear', linearSchedule({ from: 8, to: 2, steps: 4 }), [8, 6.5, 5, 3.5, 2, 2, 2]],
  [
    'cosine',
    cosineSchedule({ from: 8, to: 2, steps: 4 }),
    [8, 5 + 3 * Math.SQRT1_2, 5, 5 - 3 * Math.SQRT1_2, 2, 2, 2],
  ],
  ['geometric', geometricSchedule({ from: 8, to: 0.5, steps: 4 }), [8, 4, 2, 1, 0.5, 0.5, 0.5]],
  ['warm-up to a number', warmUp(3, 8), [2, 4, 6, 8, 8, 8, 8]],
  ['warm-up, then decay', warmUp(1, linearSchedule({ from: 8, to: 0, steps: 4 })), [4, 8, 6, 4, 2, 0, 0]],
  ['no warm-up', warmUp(0, linearSchedule({ from: 8, to: 0, steps: 4 })), [8, 6, 4, 2, 0, 0, 0]],
])('%s', (_, schedule, expected) => {
  const got = steps.map(schedule);
  for (const [i, value] of expected.entries()) expect(Math.abs(got[i] - value)).toBeLessThan(1e-14);
  // The ends are exact.
  expect(got.at(-1)).toBe(expected.at(-1));
});

test('what cannot be is refused', () => {
  expect(() => linearSchedule({ from: 1, to: 0, steps: 0 })).toThrow('steps: expected an integer from 1');
  expect(() => cosineSchedule({ from: Number.NaN, to: 0, steps: 1 })).toThrow('from: expected a number');
  expect(() => geometricSchedule({ from: 1, to: 0, steps: 1 })).toThrow('to: expected a number from 5e-324');
  expect(() => warmUp(-1, 1)).toThrow('steps');
  expect(() => warmUp(1, '1' as never)).toThrow('then');
  expect(() => linearSchedule({ from: 1, to: 0, step: 1 } as never)).toThrow('options');
});
