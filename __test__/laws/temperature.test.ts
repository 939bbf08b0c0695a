import {
  customStructure,
  gumbel,
  independentEdges,
  oneHot,
  SstError,
  subset,
  type Trick,
  topK,
} from '../../ts';
import { distance, expectSameBits, law, type Question, rowsOf } from './inputs';
import { wave } from './methods';

/** How the derivative is computed of this trick: exactly, if it can be. */
const ofTrick = (trick: Trick) => (trick.homogeneous ? {} : { gradient: { finiteDifference: 1e-4 } });

/** A temperature that the utilities are at most some multiples of, and no whole ones, at which `X_t` may have a kink. */
function temperatureOf({ temperature, utility }: Question): number {
  const largest = utility.reduce((most, u) => (Number.isFinite(u) ? Math.max(most, Math.abs(u)) : most), 0);
  return 1.2345 * Math.max(temperature, largest / 3, 1e-3);
}

let [compared, kinks] = [0, 0];

law('temperatureVjp is the derivative in the temperature', (question) => {
  const { trick, utility, cotangent, rows } = question;
  const t = temperatureOf(question);
  const weights = rowsOf(cotangent, trick.dimension);
  const loss = (at: number) =>
    rowsOf(trick.softmax(utility, { temperature: at }), trick.dimension).map((x, row) =>
      x.reduce((sum, xi, i) => sum + xi * weights[row]![i]!, 0),
    );
  const here = loss(t);
  /** The slope on one side, in the logarithm of the temperature, with an error of the square of the step. */
  const slopes = (step: number) => {
    const [near, far] = [loss(t * (1 + step)), loss(t * (1 + 2 * step))];
    return here.map((value, row) => (4 * near[row]! - 3 * value - far[row]!) / (2 * step));
  };
  const [above, below] = [slopes(2e-4), slopes(-2e-4)];
  const [closeAbove, closeBelow] = [slopes(1e-4), slopes(-1e-4)];
  const found = trick.temperatureVjp(utility, cotangent, { temperature: t, ...ofTrick(trick) });
  expect(found).toHaveLength(rows);
  for (let row = 0; row < rows; row++) {
    const sides = [closeAbove[row]!, closeBelow[row]!];
    const apart = Math.max(Math.abs(above[row]! - sides[0]!), Math.abs(below[row]! - sides[1]!));
    // A kink within two steps.
    if (apart > 3e-6) kinks += 1;
    else {
      compared += 1;
      // At a kink itself the derivative is of one side or of both.
      expect(found[row]! * t).toBeGreaterThan(Math.min(...sides) - 3e-6);
      expect(found[row]! * t).toBeLessThan(Math.max(...sides) + 3e-6);
    }
  }
});

test('what is compared are not kinks', () => {
  expect(compared).toBeGreaterThan(5000);
  expect(kinks).toBeLessThan(compared / 50);
});

law(
  'temperatureVjp is 0 at temperature 0, and without a cotangent',
  ({ trick, utility, cotangent, rows }) => {
    const nothing = new Float64Array(rows);
    for (const gradient of [ofTrick(trick), { gradient: { finiteDifference: 0.5 } }]) {
      expectSameBits(trick.temperatureVjp(utility, cotangent, { temperature: 0, ...gradient }), nothing);
      expectSameBits(trick.temperatureVjp(utility, new Float64Array(cotangent.length), gradient), nothing);
    }
  },
);

law(
  'a difference in the temperature agrees with temperatureVjp',
  (question) => {
    const { trick, utility, cotangent } = question;
    if (!trick.homogeneous) return;
    const temperature = temperatureOf(question);
    const exact = trick.temperatureVjp(utility, cotangent, { temperature });
    const gradient = { finiteDifference: 1e-4 };
    const difference = trick.temperatureVjp(utility, cotangent, { temperature, gradient });
    expect(distance(exact, difference) * temperature).toBeLessThan(1e-6);
  },
  { unless: 'smooth' },
);

describe('in closed form', () => {
  const t = 0.6;

  test('of a softmax', () => {
    const trick = oneHot({ categories: 5, temperature: t });
    const [u, c] = [wave(10, 0, 1), wave(10, 1, 2)];
    const x = trick.softmax(u);
    const expected = [0, 1].map((row) => {
      const at = (i: number) => row * 5 + i;
      const mean = [0, 1, 2, 3, 4].reduce((sum, i) => sum + x[at(i)]! * u[at(i)]!, 0);
      return [0, 1, 2, 3, 4].reduce(
        (sum, i) => sum - (c[at(i)]! * x[at(i)]! * (u[at(i)]! - mean)) / t ** 2,
        0,
      );
    });
    expect(distance(trick.temperatureVjp(u, c), expected)).toBeLessThan(2e-15);
  });

  test('of coins, of which one cannot fall', () => {
    const trick = subset({ elements: 3, temperature: t });
    const u = [0.5, Number.NEGATIVE_INFINITY, -1.2];
    const slope = (v: number) => {
      const x = 1 / (1 + Math.exp(-v / t));
      return (-x * (1 - x) * v) / t ** 2;
    };
    const found = trick.temperatureVjp(u, [2, 7, -1])[0]!;
    expect(Math.abs(found - (2 * slope(0.5) - slope(-1.2)))).toBeLessThan(1e-15);
  });

  test('of a projection', () => {
    // X = (1/2 + (u - v) / 2t, 1/2 - (u - v) / 2t) while neither is beyond 1.
    const trick = oneHot({ categories: 2, relaxation: 'sparsemap', temperature: t });
    const found = trick.temperatureVjp([0.3, 0.1, 5, 1], [1, 0, 1, 0]);
    expect(distance(found, [-0.2 / (2 * t * t), 0])).toBeLessThan(1e-15);
  });

  test('of SoftSub, by dual numbers', () => {
    const [n, k] = [4, 3];
    const trick = topK({ elements: n, k, relaxation: 'softsub', temperature: t });
    const [u, c] = [wave(n, 0, 1), wave(n, 1, 2)];
    // w and its derivative in t; a = softmax(w / t) and its own; w += log(1 - a).
    const [w, dw, slope] = [u.slice(), new Float64Array(n), new Float64Array(n)];
    for (let round = 0; round < k; round++) {
      const weights = w.map((wi) => Math.exp(wi / t));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const a = weights.map((weight) => weight / total);
      const inner = w.map((wi, i) => dw[i]! / t - wi / t ** 2);
      const mean = a.reduce((sum, ai, i) => sum + ai * inner[i]!, 0);
      a.forEach((ai, i) => {
        const da = ai * (inner[i]! - mean);
        slope[i]! += da;
        w[i]! += Math.log(1 - ai);
        dw[i]! -= da / (1 - ai);
      });
    }
    const expected = slope.reduce((sum, s, i) => sum + c[i]! * s, 0);
    const gradient = { finiteDifference: 1e-5 };
    expect(Math.abs(trick.temperatureVjp(u, c, { gradient })[0]! - expected)).toBeLessThan(1e-9);
    // What the formula of the others would give is far off.
    const wrong = -trick.softmaxVjp(u, c).reduce((sum, g, i) => sum + g * u[i]!, 0) / t;
    expect(Math.abs(wrong - expected)).toBeGreaterThan(1e-2);
  });
});

const refusal = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(SstError);
    return `${(error as SstError).code} ${(error as SstError).message}`;
  }
  return 'nothing';
};

describe('what is no function of U / t', () => {
  const softsub = topK({ elements: 3, k: 2, relaxation: 'softsub', utility: gumbel() });
  const own = (homogeneous?: boolean) =>
    customStructure({
      dimension: 2,
      argmax: (u) => u.map((x) => (x > 0 ? 1 : 0)),
      relaxation: {
        softmax: (u, _, t) => u.map((x) => 1 / (1 + Math.exp(-x / t))),
        softmaxVjp: (u, _, t, g) =>
          u.map((x, i) => (g[i]! * Math.exp(-x / t)) / (1 + Math.exp(-x / t)) ** 2 / t),
        homogeneous,
      },
    });

  test('is refused with the reason, and has differences', async () => {
    const why =
      /^INVALID_ARGUMENT gradient: expected \{ finiteDifference: epsilon \}, since .* function of U \/ t alone: /;
    expect(refusal(() => softsub.temperatureVjp([1, 2, 3], [1, 0, 0]))).toMatch(
      new RegExp(`${why.source}what SoftSub takes .* not divided by t`),
    );
    expect(refusal(() => own().temperatureVjp([1, 2], [1, 0]))).toMatch(
      new RegExp(`${why.source}it does not say homogeneous: true`),
    );
    await expect(softsub.temperatureVjpAsync([1, 2, 3], [1, 0, 0])).rejects.toThrow(/U \/ t alone/);
    expect([softsub.homogeneous, own().homogeneous, own(true).homogeneous]).toEqual([false, false, true]);
    expect(customStructure({ dimension: 1, argmax: () => [0] }).homogeneous).toBe(true);
  });

  test('of one’s own is exact if it says that it is one', async () => {
    const [u, c] = [
      [0.4, -1.1, 2, 0.1],
      [1, 2, -1, 0.5],
    ];
    const coins = independentEdges({ vertices: 2 });
    const expected = [0, 1].map((row) =>
      [0, 1].reduce((sum, i) => sum + coins.temperatureVjp([u[2 * row + i]!], [c[2 * row + i]!])[0]!, 0),
    );
    expect(distance(own(true).temperatureVjp(u, c), expected)).toBeLessThan(1e-15);
    expect(distance(await own(true).temperatureVjpAsync(u, c), expected)).toBeLessThan(1e-15);
    const gradient = { finiteDifference: 1e-5 };
    expect(distance(own(false).temperatureVjp(u, c, { gradient }), expected)).toBeLessThan(1e-9);
  });

  test.each([[-1], [0], [1], [2], [1e-20], [Number.NaN]])(
    'a part %p of the temperature is no step',
    (epsilon) => {
      const gradient = { finiteDifference: epsilon };
      expect(refusal(() => softsub.temperatureVjp([1, 2, 3], [1, 0, 0], { gradient }))).toMatch(
        /^INVALID_ARGUMENT gradient: expected /,
      );
    },
  );
});

test('a callback that writes to the arguments changes nothing', () => {
  const [u, c] = [Float64Array.of(0.3, 0.1), Float64Array.of(1, 0)];
  const argmax = (queries: Float64Array) => oneHot({ categories: 2 }).argmax(queries);
  const options = { dimension: 2, temperature: 0.6 };
  const expected = customStructure({ ...options, argmax }).temperatureVjp(u, c);
  const treacherous = customStructure({
    ...options,
    argmax: (queries) => {
      u.fill(Number.NaN);
      c.fill(Number.NaN);
      return argmax(queries);
    },
  });
  expectSameBits(treacherous.temperatureVjp(u, c), expected);
  u.set([0.3, 0.1]);
  c.set([1, 0]);
  const gradient = { finiteDifference: 1e-4 };
  expect(distance(treacherous.temperatureVjp(u, c, { gradient }), expected)).toBeLessThan(1e-8);
});

test('arguments may change while the work runs', async () => {
  const trick = topK({ elements: 9, k: 3 });
  const [u, c] = [wave(9 * 500, 0, 1), wave(9 * 500, 0, 2)];
  const expected = trick.temperatureVjp(u, c);
  const promise = trick.temperatureVjpAsync(u, c);
  u.fill(Number.NaN);
  c.fill(Number.NaN);
  expectSameBits(await promise, expected);
});

test('results that no double holds are refused, with their row', () => {
  const trick = oneHot({ categories: 2 });
  const u = [0, 0, 1e-10, 0];
  expect(refusal(() => trick.temperatureVjp(u, [1, 0, 1.7e308, 0], { temperature: 1e-10 }))).toMatch(
    /^NOT_FINITE cotangent: .*row 1\)$/,
  );
  // Products and quotients on the way may be beyond it.
  expect(Number.isFinite(trick.temperatureVjp([1e308, 0], [1e10, 0], { temperature: 1e308 })[0])).toBe(true);
  expect(trick.temperatureVjp([1e308, 0], [1, 0], { temperature: 1e-300 })).toEqual(new Float64Array(1));
});
