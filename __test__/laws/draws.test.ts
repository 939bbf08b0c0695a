import type { Trick } from '../../ts';
import { gumbel, logistic, oneHot, subset } from '../../ts';
import { expectSameBits, joined, law, rowsOf } from './inputs';

law('the seed is a number or the same bigint', ({ trick, theta, seed }) => {
  const drawn = trick.perturb(theta, { seed });
  expectSameBits(trick.perturb(theta, { seed: BigInt(seed) }), drawn);
  expectSameBits(trick.perturb(theta, { seed }), drawn);
  if (counted(trick).includes(true)) {
    expect(trick.perturb(theta, { seed: BigInt(seed) + 1n })).not.toEqual(drawn);
    expect(trick.perturb(theta, { seed: BigInt(seed) + (1n << 63n) })).not.toEqual(drawn);
  }
});

law('a batch drawn in parts is the batch, whatever the split', ({ trick, theta, rows, seed }) => {
  const n = trick.parameterDimension;
  for (const samples of [1, 3]) {
    const whole = trick.perturb(theta, { seed, samples, firstRow: 10 });
    for (let cut = 0; cut <= rows; cut++) {
      const start = trick.perturb(theta.subarray(0, cut * n), { seed, samples, firstRow: 10 });
      const end = trick.perturb(theta.subarray(cut * n), { seed, samples, firstRow: 10 + cut });
      if (n > 0) expectSameBits(joined([start, end]), whole);
    }
  }
});

law('samples of a row lie next to one another, and more of them change no others', (question) => {
  const { trick, theta, rows, seed } = question;
  const n = trick.utilityDimension;
  const many = trick.perturb(theta, { seed, samples: 4 });
  const one = trick.perturb(theta, { seed });
  for (let row = 0; row < rows; row++) {
    const first = many.subarray(row * 4 * n, row * 4 * n + n);
    expectSameBits(first, one.subarray(row * n, (row + 1) * n));
  }
  if (counted(trick).includes(true)) expect(many.subarray(n, 2 * n)).not.toEqual(many.subarray(0, n));
});

/** Of each utility coordinate its parameter; 0 where nothing counts. */
const spread = (trick: Trick, theta: Float64Array) => {
  const counts = counted(trick);
  return joined(
    rowsOf(theta, trick.parameterDimension).map((row) =>
      Float64Array.from({ length: trick.utilityDimension }, (_, i) =>
        counts[i] ? row[i % trick.parameterDimension] : 0,
      ),
    ),
  );
};

/** Which coordinates count: all, but in matrices whose diagonal, and perhaps a column, are no edges. */
function counted(trick: Trick): boolean[] {
  // Utilities that do not stand for one coordinate of the structure each.
  if (trick.utilityDimension !== trick.dimension) {
    return new Array<boolean>(trick.utilityDimension).fill(true);
  }
  const ones = new Float64Array(trick.dimension).fill(1);
  const out = trick.masked(ones);
  return Array.from(out, (x) => x === 1);
}

law(
  'the parameter shifts the draw',
  ({ trick, theta, seed }) => {
    const noise = trick.perturb(new Float64Array(theta.length), { seed });
    const drawn = trick.perturb(theta, { seed });
    // theta + noise, rounded once.
    expectSameBits(
      drawn,
      spread(trick, theta).map((x, i) => x + noise[i]),
    );
  },
  { unless: 'location' },
);

law('a forbidden parameter gives a forbidden utility', ({ trick, theta, seed }) => {
  const parameters = theta.map((x, i) => (i % 3 === 1 ? Number.NEGATIVE_INFINITY : x));
  const drawn = trick.perturb(parameters, { seed });
  expect(drawn.map((u) => Number(u === Number.NEGATIVE_INFINITY))).toEqual(
    spread(trick, parameters).map((u) => Number(u === Number.NEGATIVE_INFINITY)),
  );
});

law('sample is perturb, argmax and softmax of the same utilities', ({ trick, theta, temperature, seed }) => {
  for (const samples of [1, 2]) {
    const drawn = trick.sample(theta, { seed, samples, temperature, firstRow: 3 });
    const utility = trick.perturb(theta, { seed, samples, firstRow: 3 });
    expectSameBits(drawn.utility, utility);
    expectSameBits(drawn.hard, trick.argmax(utility));
    expectSameBits(drawn.soft, trick.softmax(utility, { temperature }));
  }
});

law('sample of single precision, and into arrays of the caller', ({ trick, theta, temperature, seed }) => {
  const single = trick.sample(Float32Array.from(theta), { seed, temperature });
  for (const array of [single.utility, single.hard, single.soft]) expect(array).toBeInstanceOf(Float32Array);
  // Of the very utilities that are returned, rounded as they are.
  expectSameBits(single.hard, trick.argmax(single.utility));
  expectSameBits(single.soft, trick.softmax(single.utility, { temperature }));

  const fresh = trick.sample(theta, { seed, temperature });
  const out = {
    utility: new Float64Array(fresh.utility.length),
    hard: new Float32Array(fresh.hard.length),
    soft: new Float64Array(fresh.soft.length),
  };
  const drawn = trick.sample(theta, { seed, temperature, out });
  expect(drawn.utility).toBe(out.utility);
  expect(drawn.hard).toBe(out.hard);
  expect(drawn.soft).toBe(out.soft);
  expectSameBits(drawn.utility, fresh.utility);
  expect(Array.from(drawn.hard)).toEqual(Array.from(fresh.hard));
  expectSameBits(drawn.soft, fresh.soft);
});

test('the utility of a trick is the one that was asked for', () => {
  const theta = [0, 0, 0];
  const draw = (utility: ReturnType<typeof gumbel> | undefined) =>
    oneHot({ categories: 3, utility }).perturb(theta, { seed: 1 });
  expect(draw(logistic())).not.toEqual(draw(gumbel()));
  expect(draw(undefined)).toEqual(draw(gumbel()));
  expect(subset({ elements: 3 }).perturb(theta, { seed: 1 })).toEqual(draw(logistic()));
});

test('draws have the frequencies of their structure', () => {
  // One-hot with Gumbel utilities is a softmax choice; 100,000 samples, five standard errors.
  const theta = [0.2, -0.5, 1];
  const trick = oneHot({ categories: 3 });
  const samples = 100_000;
  const hard = trick.argmax(trick.perturb(theta, { seed: 3, samples }));
  const total = theta.reduce((sum, x) => sum + Math.exp(x), 0);
  theta.forEach((x, i) => {
    let count = 0;
    for (let sample = 0; sample < samples; sample++) count += hard[sample * 3 + i];
    const p = Math.exp(x) / total;
    expect(Math.abs(count / samples - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / samples));
  });
});
