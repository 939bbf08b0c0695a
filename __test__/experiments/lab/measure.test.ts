import { measure } from '../../../ts/experiments/lab/measure';
import { RandomStream } from '../../../ts/training/random';

const exact = (gradient: number[]) => ({
  gradient: Float64Array.from(gradient),
  error: new Float64Array(gradient.length),
});

/** Normal estimates of two coordinates with means 1 and -1/2, deviations 2 and 1. */
function estimates(repeats: number, ...path: (string | number)[]): Float64Array {
  const random = new RandomStream(3, ...path);
  return Float64Array.from({ length: 2 * repeats }, (_, i) =>
    i % 2 === 0 ? 1 + 2 * random.normal() : -0.5 + random.normal(),
  );
}

test('numbers of four estimates by hand', () => {
  // Mean (2, 0), truth (1, 0); squared distances from the mean 1, 1, 4, 4, from the truth 1 + ..., see below.
  const found = measure(Float64Array.of(1, 0, 3, 0, 2, 2, 2, -2), exact([1, 0]));
  expect(found.variance.value).toBeCloseTo((1 + 1 + 4 + 4) / 3, 14);
  expect(found.error.value).toBeCloseTo((0 + 4 + 5 + 5) / 4, 14);
  expect(found.bias.value).toBeCloseTo(Math.sqrt(1 - 10 / 3 / 4), 14);
  expect(found.cosine.value).toBeCloseTo((1 + 1 + Math.SQRT1_2 + Math.SQRT1_2) / 4, 14);
});

test('intervals hold the truth as often as they say', () => {
  // A biased and an unbiased case, 200 times 100 estimates. Of 200 intervals of 95 % more than 165 hold: fewer have a
  // probability below 1e-9 at exactly 95 %, which leaves room for the normal approximation.
  for (const truth of [
    [0.4, -0.5],
    [1, -0.5],
  ]) {
    const held = { bias: 0, variance: 0, error: 0 };
    let alarms = 0;
    const gap = Math.abs(truth[0]! - 1);
    for (let trial = 0; trial < 200; trial++) {
      const found = measure(estimates(100, 'trial', trial, gap), exact(truth));
      const holds = ({ low, high }: { low: number; high: number }, x: number) =>
        low <= x && x <= high ? 1 : 0;
      held.bias += holds(found.bias, gap);
      held.variance += holds(found.variance, 5);
      held.error += holds(found.error, 5 + gap * gap);
      if (found.chance < 1e-5) alarms += 1;
    }
    expect(Math.min(...Object.values(held))).toBeGreaterThan(165);
    if (gap === 0) expect(alarms).toBe(0);
  }
});

test('a bias of four standard errors is no chance, a coordinate without spread must be exact', () => {
  const found = measure(estimates(10_000, 'many'), exact([0.9, -0.5]));
  expect(found.chance).toBeLessThan(1e-5);
  expect(found.bias.low).toBeGreaterThan(0);
  const constant = Float64Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 0));
  expect(measure(constant, exact([1, 0])).chance).toBe(1);
  expect(measure(constant, exact([1.1, 0])).chance).toBe(0);
});

test('a truth that is uncertain itself makes less of a deviation', () => {
  const sharp = measure(estimates(10_000, 'many'), exact([0.9, -0.5]));
  const blunt = measure(estimates(10_000, 'many'), {
    ...exact([0.9, -0.5]),
    error: Float64Array.of(0.1, 0.1),
  });
  expect(blunt.chance).toBeGreaterThan(sharp.chance);
  expect(blunt.bias.value).toBeLessThan(sharp.bias.value);
});
