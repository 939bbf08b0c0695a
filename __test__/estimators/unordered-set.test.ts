import { oneHot, subset } from '../../ts';
import { type Estimator, familyScoreFunction, unorderedSet } from '../../ts/estimators';
import type { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { quadratic, wave } from './registry';
import { manyEstimates } from './statistics';

const ROWS = 3000;

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** All orders of some things. */
function orders(of: readonly number[]): number[][] {
  return of.length === 0
    ? [[]]
    : of.flatMap((s) => orders(of.filter((r) => r !== s)).map((rest) => [s, ...rest]));
}

/** All sets of k of the first n numbers. */
function sets(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  return Array.from({ length: n - from }, (_, i) => from + i).flatMap((s) =>
    sets(n, k - 1, s + 1).map((rest) => [s, ...rest]),
  );
}

/** The probability that categories come in this order, where some are gone. */
function inOrder(p: ArrayLike<number>, order: readonly number[], gone: readonly number[] = []): number {
  const [s, ...rest] = order;
  if (s === undefined) return 1;
  const left = sum(Array.from(p).filter((_, i) => !gone.includes(i)));
  return (p[s]! / left) * inOrder(p, rest, [...gone, s]);
}

const inAnyOrder = (p: ArrayLike<number>, set: readonly number[], gone: readonly number[] = []) =>
  sum(orders(set).map((order) => inOrder(p, order, gone)));

function softmax(theta: ArrayLike<number>, t: number): number[] {
  const weights = Array.from(theta, (u) => Math.exp(u / t));
  return weights.map((w) => w / sum(weights));
}

/** What many rows of one theta gave, by the set that the loss was shown, and how often each came up. */
function bySet(estimator: Estimator, theta: Float64Array, loss: ReturnType<typeof quadratic>) {
  const n = theta.length;
  const copies = Float64Array.from({ length: ROWS * n }, (_, i) => theta[i % n]!);
  let shown = new Float64Array(0);
  const watched = (x: Float64Array, rows: number) => {
    shown = x.slice();
    return loss(x, rows);
  };
  const { gradient, loss: losses, samples } = estimator.estimate(copies, watched, { seed: 3 });
  const k = shown.length / ROWS / n;
  const found = new Map<string, { estimate: number[]; count: number }>();
  const firsts = new Float64Array(n);
  let apart = 0;
  for (let row = 0; row < ROWS; row++) {
    const order = Array.from({ length: k }, (_, s) => shown.subarray((row * k + s) * n).indexOf(1));
    const first = samples.subarray(row * n, (row + 1) * n);
    if (first.indexOf(1) !== order[0]) throw new Error('what is given back is not the first of its set');
    firsts[order[0]!]! += 1;
    const estimate = [...gradient.subarray(row * n, (row + 1) * n), losses[row]!];
    const key = [...order].sort().join();
    const known = found.get(key) ?? { estimate, count: 0 };
    known.count++;
    apart = Math.max(apart, ...estimate.map((g, i) => Math.abs(g - known.estimate[i]!)));
    found.set(key, known);
  }
  // The order in which they came is forgotten.
  expect(apart).toBeLessThan(1e-14);
  return { found, firsts };
}

describe.each([
  [4, 2],
  [4, 3],
  [5, 3],
  [5, 4],
])('%d categories, sets of %d', (n, k) => {
  const trick = oneHot({ categories: n });
  const theta = wave(n, 3);
  const loss = quadratic(n);
  const value = Array.from({ length: n }, (_, s) => loss.one(wave(n, 0).map((__, i) => Number(i === s))));

  describe.each([0.7, 2])('temperature %d', (temperature) => {
    const p = softmax(theta, temperature);
    const all = sets(n, k);
    const estimator = unorderedSet(trick, { temperature, k }) as Estimator;
    const { found, firsts } = bySet(estimator, theta, loss);

    test('each set comes as often as it should, and each category first', () => {
      const near = (count: number, q: number) =>
        expect(Math.abs(count / ROWS - q)).toBeLessThan(5 * Math.sqrt((q * (1 - q)) / ROWS));
      for (const set of all) near(found.get(set.join())!.count, inAnyOrder(p, set));
      p.forEach((q, s) => {
        near(firsts[s]!, q);
      });
    });

    test('the mean over all sets is the truth', () => {
      const mean = sum(p.map((q, s) => q * value[s]!));
      const truth = [...p.map((q, s) => (q * (value[s]! - mean)) / temperature), mean];
      truth.forEach((wanted, i) => {
        const got = sum(all.map((set) => inAnyOrder(p, set) * found.get(set.join())!.estimate[i]!));
        expect(Math.abs(got - wanted)).toBeLessThan(1e-13);
      });
    });

    test('each is its formula, with ratios by definition', () => {
      for (const set of all) {
        const gradient = new Float64Array(n);
        let estimate = 0;
        for (const s of set) {
          const others = set.filter((r) => r !== s);
          const ratio = inAnyOrder(p, others, [s]) / inAnyOrder(p, set);
          const baseline = sum(
            set.map((r) => {
              const remaining = others.filter((q) => q !== r);
              const second = inAnyOrder(p, remaining, [...new Set([s, r])]) / inAnyOrder(p, others, [s]);
              return p[r]! * second * value[r]!;
            }),
          );
          estimate += p[s]! * ratio * value[s]!;
          for (let i = 0; i < n; i++) {
            const score = (Number(i === s) - p[i]!) / temperature;
            gradient[i]! += p[s]! * ratio * (value[s]! - baseline) * score;
          }
        }
        [...gradient, estimate].forEach((wanted, i) => {
          expect(Math.abs(found.get(set.join())!.estimate[i]! - wanted)).toBeLessThan(1e-14);
        });
      }
    });

    test('several sets have the mean of their estimates', () => {
      const shown: Float64Array[] = [];
      const watched = (x: Float64Array, rows: number) => {
        shown.push(x.slice());
        return loss(x, rows);
      };
      const { gradient, loss: mean } = estimator.estimate(theta, watched, { seed: 6, samples: 3 });
      const wanted = new Float64Array(n + 1);
      for (let set = 0; set < 3; set++) {
        const chosen = Array.from({ length: k }, (_, s) => shown[0]!.subarray((set * k + s) * n).indexOf(1));
        found.get(chosen.sort().join())!.estimate.forEach((g, i) => {
          wanted[i]! += g / 3;
        });
      }
      expect(shown).toHaveLength(1);
      [...gradient, mean[0]!].forEach((g, i) => {
        expect(Math.abs(g - wanted[i]!)).toBeLessThan(1e-14);
      });
    });
  });
});

test('sets are the largest of Gumbel variables, row by row and draw by draw, in their order', () => {
  const trick = oneHot({ categories: 5 });
  const [k, samples, temperature, n] = [3, 4, 0.6, 5];
  const theta = wave(2 * n, 2);
  let shown = new Float64Array(0);
  const loss = (x: Float64Array, rows: number) => {
    shown = x.slice();
    return new Float64Array(rows);
  };
  unorderedSet(trick, { k, temperature }).estimate(theta, loss, { seed: 5, samples });
  const noisy = trick.perturb(
    theta.map((u) => u / temperature),
    { seed: 5, samples },
  );
  for (let set = 0; set < 2 * samples; set++) {
    const own = [...noisy.subarray(set * n, (set + 1) * n)];
    const order = own.map((_, i) => i).sort((a, b) => own[b]! - own[a]!);
    const got = Array.from({ length: k }, (_, s) => shown.subarray((set * k + s) * n).indexOf(1));
    expect(got).toEqual(order.slice(0, k));
  }
});

test('of all categories that there are it is the exact gradient', () => {
  const trick = oneHot({ categories: 5 });
  const loss = quadratic(5);
  const forbidden = Float64Array.of(0.3, Number.NEGATIVE_INFINITY, -1, 0.4, Number.NEGATIVE_INFINITY);
  const single = new Float64Array(5).fill(Number.NEGATIVE_INFINITY).fill(2, 3, 4);
  const one = (s: number) => loss.one([0, 1, 2, 3, 4].map((i) => Number(i === s)));
  for (const [theta, k, lengths] of [
    [wave(5, 2), 5],
    [wave(5, 2), 12],
    [forbidden, 3],
    [forbidden, 4],
    [single, 2],
    [Float64Array.of(1, 2, Number.NaN, 0, 0), 2, [2]],
    [Float64Array.of(1, 2, -1000, 0.5, 0), 5],
  ] as const) {
    const counted = theta.map((u, i) => (i < (lengths?.[0] ?? 5) ? u : Number.NEGATIVE_INFINITY));
    const p = softmax(counted, 1);
    const mean = sum(p.map((q, s) => (q > 0 ? q * one(s) : 0)));
    const found = unorderedSet(trick, { k }).estimate(theta, loss, { seed: 1, samples: 2, lengths });
    expect(Math.abs(found.loss[0]! - mean)).toBeLessThan(1e-14);
    p.forEach((q, s) => {
      expect(Math.abs(found.gradient[s]! - q * (one(s) - mean))).toBeLessThan(1e-14);
    });
  }
});

test('what is left is not found by subtraction', () => {
  // 1 - p_0 is 0 in doubles; the second category of a set has probabilities near 3/4 and 1/4 all the same.
  const trick = oneHot({ categories: 4 });
  const theta = Float64Array.of(0, -40, -41, -90);
  const loss = quadratic(4);
  const { found } = bySet(unorderedSet(trick, { k: 2 }) as Estimator, theta, loss);
  const p = softmax(theta, 1);
  const value = [0, 1, 2, 3].map((s) => loss.one([0, 1, 2, 3].map((i) => Number(i === s))));
  const second = (s: number) => p[s]! / (p[1]! + p[2]! + p[3]!);
  for (const i of [1, 2]) {
    const got = sum([1, 2].map((s) => second(s) * found.get([0, s].join())!.estimate[i]!));
    expect(Math.abs(got / (p[i]! * (value[i]! - value[0]!)) - 1)).toBeLessThan(1e-12);
  }
});

test('it has less variance than the same number of independent draws', () => {
  const trick = oneHot({ categories: 6 });
  const theta = wave(6, 3);
  const total = (estimator: Estimator, samples: number) => {
    const counts = { batches: 64, rows: 200, samples };
    const { error } = manyEstimates(estimator, trick, theta, quadratic(6), counts);
    return error.reduce((all, e) => all + e * e, 0);
  };
  for (const k of [2, 4]) {
    const independent = total(familyScoreFunction(trick, { baseline: 'leave-one-out' }), k);
    expect(total(unorderedSet(trick, { k }) as Estimator, 1)).toBeLessThan(0.9 * independent);
  }
});

test('what it does not hold for is refused, with the reason', () => {
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
  expect(() => unorderedSet(subset({ elements: 3 }))).toThrow(
    refused(/^trick: expected a choice of one category/),
  );
  const euclidean = oneHot({ categories: 3, relaxation: 'euclidean' }) as ExponentialFamilyTrick;
  expect(() => unorderedSet(euclidean)).toThrow(refused(/^trick: expected one whose relaxation/));
  const trick = oneHot({ categories: 3 });
  for (const k of [1, 13, 2.5]) {
    expect(() => unorderedSet(trick, { k })).toThrow(refused(/^k: expected an integer from 2 to 12/));
  }
  expect(() => unorderedSet(trick, { sets: 3 } as never)).toThrow(refused(/^options: /));
});
