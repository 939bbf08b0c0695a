import { gumbel, oneHot, topK } from '../ts';

const theta = [0.3, -1, 2, 0.5];
const trick = topK({ elements: 4, k: 3, relaxation: 'l2x' });

test('a utility has k rows for one row of parameters', () => {
  expect([trick.dimension, trick.utilityDimension, trick.parameterDimension]).toEqual([4, 12, 4]);
});

test('X is the union of the choices, X_t the maximum of their softmaxes', () => {
  const { utility, hard, soft } = trick.sample(theta, { seed: 5, samples: 50 });
  const choices = oneHot({ categories: 4 });
  const merged = (rows: Float64Array) =>
    Float64Array.from({ length: 200 }, (_, cell) => {
      const [row, i] = [Math.floor(cell / 4), cell % 4];
      return Math.max(...[0, 1, 2].map((copy) => rows[row * 12 + copy * 4 + i]));
    });
  expect(hard).toEqual(merged(choices.argmax(utility)));
  expect(soft).toEqual(merged(choices.softmax(utility)));
});

test('the divergence counts every row', () => {
  const once = oneHot({ categories: 4, utility: gumbel() }).kl(theta)[0];
  expect(trick.kl(theta)[0]).toBeCloseTo(3 * once, 13);
});

test('gradients of the parameters add those of the rows', () => {
  const utility = trick.perturb(theta, { seed: 5 });
  const gradient = trick.softmaxVjp(utility, [1, -0.5, 0.2, 2]);
  const sums = [0, 1, 2, 3].map((i) => gradient[i] + gradient[4 + i] + gradient[8 + i]);
  trick.perturbVjp(theta, utility, gradient).forEach((g, i) => {
    expect(g).toBeCloseTo(sums[i], 14);
  });
});

test('of equal softmaxes the first has the gradient', () => {
  const utility = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
  const gradient = trick.softmaxVjp(utility, [1, -0.5, 0.2, 2]);
  expect(gradient.slice(0, 4).every((g) => g !== 0)).toBe(true);
  expect(gradient.slice(4).every((g) => g === 0)).toBe(true);
});
