import { inspect } from 'node:util';
import { customStructure, gaussian, oneHot, topK } from '../../ts';
import { gridPaths, gridTrick } from './grid';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

/** Numbers like those that are drawn, for utilities and cotangents. */
const drawn = (seed: number, length: number) =>
  oneHot({ categories: 1, utility: gaussian() }).perturb(new Float64Array(length), { seed });

describe('paths through a grid', () => {
  const [height, width] = [4, 5];
  const n = height * width;
  const paths = gridPaths(height, width);

  test('are as many as there are choices of the steps downwards', () => expect(paths.length).toBe(35));

  test('the hard path is the best one', () => {
    const { trick } = gridTrick(height, width);
    const utility = drawn(1, 30 * n);
    const hard = trick.argmax(utility);
    for (let row = 0; row < 30; row++) {
      const u = utility.subarray(row * n, (row + 1) * n);
      const most = Math.max(...paths.map((path) => dot(path, u)));
      const x = Array.from(hard.subarray(row * n, (row + 1) * n));
      expect(paths).toContainEqual(x);
      expect(dot(x, u)).toBeCloseTo(most, 12);
    }
  });

  test.each([10, 1, 0.1, 1e-3, 1e-200])('the soft path is optimal at temperature %p', (t) => {
    const { trick } = gridTrick(height, width);
    const utility = drawn(2, 20 * n);
    const { soft, gap, atoms } = trick.sparseMap(utility, { temperature: t });
    expect(trick.softmax(utility, { temperature: t })).toEqual(soft);
    for (let row = 0; row < 20; row++) {
      const x = soft.subarray(row * n, (row + 1) * n);
      const slope = Array.from(x, (x, i) => utility[row * n + i]! - t * x);
      // No path is better in the direction of the objective's gradient.
      for (const path of paths) expect(dot(slope, path) - dot(slope, x)).toBeLessThanOrEqual(1e-13);
      expect(gap[row]).toBeGreaterThanOrEqual(0);
      expect(gap[row]).toBeLessThanOrEqual(1e-13 * t);
      const mean = x.map((_, i) =>
        atoms[row]!.reduce((sum, { vertex, weight }) => sum + weight * vertex[i]!, 0),
      );
      expect(distance(mean, x)).toBeLessThanOrEqual(1e-14);
      for (const { vertex } of atoms[row]!) expect(paths).toContainEqual(Array.from(vertex));
      const weights = atoms[row]!.map(({ weight }) => weight);
      expect(weights).toEqual([...weights].sort((a, b) => b - a));
    }
  });

  test('the gradient is that of central differences, away from kinks', () => {
    const { trick } = gridTrick(3, 3);
    const t = 2;
    let compared = 0;
    for (let seed = 0; seed < 20; seed++) {
      const [utility, cotangent] = [drawn(seed, 9), drawn(seed + 100, 9)];
      const gradient = trick.softmaxVjp(utility, cotangent, { temperature: t });
      for (let i = 0; i < 9; i++) {
        const value = (step: number) =>
          dot(
            trick.softmax(
              utility.map((u, j) => (i === j ? u + step : u)),
              { temperature: t },
            ),
            cotangent,
          );
        const [whole, half] = [2 ** -10, 2 ** -11].map((h) => (value(h) - value(-h)) / (2 * h));
        // X_t is linear piecewise: without a kink between, differences of any step agree.
        if (Math.abs(whole! - half!) > 1e-9) continue;
        compared++;
        expect(Math.abs(gradient[i]! - whole!)).toBeLessThanOrEqual(1e-10);
      }
    }
    expect(compared).toBeGreaterThan(150);
  });

  test('finite differences along the cotangent agree with the exact gradient', () => {
    const { trick } = gridTrick(3, 3, 2);
    const [utility, cotangent] = [drawn(3, 9), drawn(4, 9)];
    const exact = trick.softmaxVjp(utility, cotangent);
    const differences = trick.softmaxVjp(utility, cotangent, { gradient: { finiteDifference: 1e-6 } });
    expect(distance(exact, differences)).toBeLessThanOrEqual(1e-8);
  });

  test('a batch is its rows, and asks for all of them at once', () => {
    const { trick, calls } = gridTrick(height, width);
    const [utility, cotangent] = [drawn(5, 16 * n), drawn(6, 16 * n)];
    const soft = trick.softmax(utility);
    expect(calls[0]).toBe(16);
    expect(calls.length).toBeLessThan(30);
    const gradient = trick.softmaxVjp(utility, cotangent);
    let most = 0;
    for (let row = 0; row < 16; row++) {
      const cells = [row * n, (row + 1) * n] as const;
      calls.length = 0;
      expect(trick.softmax(utility.slice(...cells))).toEqual(soft.slice(...cells));
      most = Math.max(most, calls.length);
      expect(trick.softmaxVjp(utility.slice(...cells), cotangent.slice(...cells))).toEqual(
        gradient.slice(...cells),
      );
    }
    calls.length = 0;
    trick.softmax(utility);
    expect(calls.length).toBe(most);
  });

  test('forbidden cells are in no path, soft or hard; where none is left, the row is infeasible', () => {
    const { trick } = gridTrick(3, 3, 5);
    const utility = drawn(7, 9);
    utility[4] = Number.NEGATIVE_INFINITY;
    expect(trick.argmax(utility)[4]).toBe(0);
    expect(trick.softmax(utility)[4]).toBe(0);
    expect(trick.softmaxVjp(utility, drawn(8, 9))[4]).toBe(0);
    utility[8] = Number.NEGATIVE_INFINITY;
    const both = Float64Array.from([...drawn(9, 9), ...utility]);
    expect(() => trick.softmax(both)).toThrow(
      expect.objectContaining({
        code: 'INFEASIBLE',
        message: expect.stringMatching(/coordinate 8 \(batch row 1\)/),
      }),
    );
  });
});

test('given the argmax of a structure of the library, it is the very sparsemap of the library', () => {
  const k = topK({ elements: 12, k: 4, relaxation: 'sparsemap', temperature: 0.7 });
  const same = customStructure({ dimension: 12, temperature: 0.7, argmax: (utility) => k.argmax(utility) });
  const [utility, cotangent] = [drawn(10, 50 * 12), drawn(11, 50 * 12)];
  expect(same.softmax(utility)).toEqual(k.softmax(utility));
  expect(same.softmaxVjp(utility, cotangent)).toEqual(k.softmaxVjp(utility, cotangent));
  expect(same.sparseMap(utility)).toEqual(k.sparseMap(utility));
  expect(same.sample(new Float64Array(12), { seed: 3 })).toEqual(k.sample(new Float64Array(12), { seed: 3 }));
});

test('vertices need not be of 0 and 1', () => {
  // The corners of a square, turned and moved: the projection onto it is known.
  const corners = [
    [3, 0],
    [5, 2],
    [3, 4],
    [1, 2],
  ];
  const square = customStructure({
    dimension: 2,
    argmax: (u) => corners.reduce((best, corner) => (dot(corner, u) > dot(best, u) ? corner : best)),
  });
  const soft = (u: number[]) => Array.from(square.softmax(u));
  expect(soft([3, 1.5])).toEqual([3, 1.5]);
  expect(distance(soft([5, 4]), [4, 3])).toBeLessThanOrEqual(1e-15);
  expect(soft([9, 2])).toEqual([5, 2]);
  expect(distance(square.softmaxVjp([5, 4], [1, 0]), [0.5, -0.5])).toBeLessThanOrEqual(1e-15);
  expect(distance(square.softmaxVjp([3, 1.5], [1, 7]), [1, 7])).toBeLessThanOrEqual(1e-15);
});

test('promises are of the same results, computed on this thread', async () => {
  const { trick } = gridTrick(3, 3, 2);
  const [utility, cotangent] = [drawn(12, 18), drawn(13, 18)];
  expect(await trick.argmaxAsync(utility)).toEqual(trick.argmax(utility));
  expect(await trick.softmaxAsync(utility)).toEqual(trick.softmax(utility));
  expect(await trick.softmaxVjpAsync(utility, cotangent)).toEqual(trick.softmaxVjp(utility, cotangent));
  await expect(trick.softmaxAsync([Number.NaN, ...utility.subarray(1)])).rejects.toThrow(/^utility: .*NaN/);
  const thrown = new Error('mine');
  const broken = customStructure({
    dimension: 1,
    argmax: () => {
      throw thrown;
    },
  });
  await expect(broken.softmaxAsync([1])).rejects.toBe(thrown);
});

test('a callback may use the trick that it belongs to', () => {
  let inner: Float64Array | undefined;
  const trick = customStructure({
    dimension: 3,
    argmax(utility, rows) {
      if (inner === undefined) {
        inner = new Float64Array(0);
        inner = trick.softmax([1, 2, 2.5]);
      }
      return oneHot({ categories: 3 }).argmax(utility.slice(0, 3 * rows));
    },
  });
  const expected = oneHot({ categories: 3, relaxation: 'sparsemap' });
  expect(trick.softmax([0.5, 0.25, 0])).toEqual(expected.softmax([0.5, 0.25, 0]));
  expect(inner).toEqual(expected.softmax([1, 2, 2.5]));
});

test('it prints as what it is, and draws as it is told', () => {
  const options = { dimension: 2, argmax: () => [1, 0] } as const;
  expect(inspect(customStructure(options))).toBe(
    [
      'custom {',
      '  dimension: 2,',
      "  relaxation: 'sparsemap',",
      '  temperature: 1,',
      "  utility: 'gumbel'",
      '}',
      'theta: 2 numbers, one for each coordinate',
    ].join('\n'),
  );
  const drawn = customStructure({
    ...options,
    name: 'mine',
    draw: (row) => `<${Array.from(row).join(' ')}>`,
  });
  expect(drawn.draw([1, 0])).toBe('<1 0>');
  expect(inspect(drawn.sample([0, 0], { seed: 1, temperature: 0 }))).toBe(
    'Sample of mine, 1 row, temperature 0\nrow 0: soft, then hard\n<1 0>   <1 0>',
  );
});
