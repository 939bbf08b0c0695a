import { spanningTree, topK } from '../../ts';
import {
  coins,
  familyLaw,
  greedyTree,
  type Law,
  largest,
  memorylessArborescence,
} from '../../ts/experiments/lab/laws';

const trees = spanningTree({ vertices: 4 });
const directed: [number, number][] = [0, 1, 2, 3].flatMap((i) =>
  [1, 2, 3].flatMap((j): [number, number][] => (i === j ? [] : [[i, j]])),
);
const wave = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(2.3 * i * i + 1));

const laws: [string, number, (theta: Float64Array) => Law, number][] = [
  ['top 3 of 6', 6, (theta) => largest(theta, 3), 20],
  ['spanning trees of 4 vertices', 6, (theta) => greedyTree(theta, 4, trees.edges), 16],
  ['5 coins', 5, coins, 32],
  ['arborescences of 4 vertices', 9, (theta) => memorylessArborescence(theta, 0, directed), 16],
  ['an exponential family', 6, (theta) => familyLaw(theta, 0.7, largest(theta, 3)), 20],
];

test.each(laws)('%s: probabilities sum to 1, their derivatives are differences', (_, n, law, count) => {
  const theta = wave(n);
  const outcomes = law(theta);
  expect(outcomes).toHaveLength(count);
  const total = outcomes.reduce((sum, { probability }) => sum + probability, 0);
  expect(Math.abs(total - 1)).toBeLessThan(1e-14);
  const h = 1e-5;
  for (let i = 0; i < n; i++) {
    const at = (step: number) => {
      const moved = theta.map((x, j) => (j === i ? x + step : x));
      return new Map(law(moved).map(({ x, probability }) => [x.join(''), probability]));
    };
    const [above, below] = [at(h), at(-h)];
    for (const { x, gradient } of outcomes) {
      const key = x.join('');
      const difference = ((above.get(key) ?? 0) - (below.get(key) ?? 0)) / (2 * h);
      // The difference errs by h^2/6 of a third derivative, and by rounding, 1e-16 / h.
      expect(Math.abs(gradient[i] - difference)).toBeLessThan(2e-10);
    }
  }
});

test('arborescences of three vertices with rates 1, 2, 3, 3/2', () => {
  const edges: [number, number][] = [[0, 1], [0, 2], [1, 2], [2, 1]]; // biome-ignore format: pairs
  const law = memorylessArborescence(Float64Array.from([1, 2, 3, 1.5], Math.log), 0, edges);
  const found = Object.fromEntries(law.map(({ x, probability }) => [x.join(''), probability]));
  expect(Object.keys(found).sort()).toEqual(['0101', '1010', '1100']);
  expect(found['1100']).toBeCloseTo(0.16, 14);
  expect(found['1010']).toBeCloseTo(0.36, 14);
  expect(found['0101']).toBeCloseTo(0.48, 14);
});

test("the exponential family's mean is the relaxation", () => {
  const theta = wave(6);
  const law = familyLaw(theta, 0.7, largest(theta, 3));
  const mean = theta.map((_, i) => law.reduce((sum, { x, probability }) => sum + probability * x[i], 0));
  const soft = topK({ elements: 6, k: 3 }).softmax(theta, { temperature: 0.7 });
  for (const [i, m] of mean.entries()) expect(Math.abs(m - soft[i])).toBeLessThan(1e-14);
});
