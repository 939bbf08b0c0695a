import { gumbel, spanningTree, topK } from '../../ts';
import { fenchelYoung, maximumLikelihood } from '../../ts/estimators';
import { familyLaw, greedyTree, largest } from '../../ts/experiments/lab/laws';
import { distance } from '../laws/inputs';
import { wave } from './registry';

const trees = spanningTree({ vertices: 4 });
const theta = wave(12, 3);
const target = trees.argmax(wave(12, 9));

describe('the loss of the exponential family', () => {
  test('is -t log p(y), with its derivative', () => {
    const { loss, gradient } = maximumLikelihood(trees, { temperature: 0.7 }).evaluate(theta, target);
    for (const row of [0, 1]) {
      const [own, y] = [theta.slice(6 * row, 6 * row + 6), target.slice(6 * row, 6 * row + 6)];
      const law = familyLaw(own, 0.7, greedyTree(own, 4, trees.edges));
      const found = law.find(({ x }) => x.join() === y.join())!;
      expect(Math.abs(loss[row]! + 0.7 * Math.log(found.probability))).toBeLessThan(1e-13);
      const slope = found.gradient.map((g) => (-0.7 * g) / found.probability);
      expect(distance(gradient.slice(6 * row, 6 * row + 6), slope)).toBeLessThan(1e-13);
    }
  });
});

describe('the perturbed loss', () => {
  const options = { seed: 5, samples: 7 };

  test.each([undefined, gumbel()])(
    'its gradient is the derivative of its value, with the same noise',
    (noise) => {
      const loss = fenchelYoung(trees, { sigma: 0.5, noise });
      const { gradient } = loss.evaluate(theta, target, options);
      // Piecewise linear: away from kinks a difference is exact but for rounding.
      const h = 1e-7;
      for (const i of theta.keys()) {
        const at = (step: number) =>
          loss.evaluate(
            theta.map((x, j) => (j === i ? x + step : x)),
            target,
            options,
          ).loss[Math.floor(i / 6)]!;
        expect(Math.abs(gradient[i]! - (at(h) - at(-h)) / (2 * h))).toBeLessThan(1e-6);
      }
    },
  );

  test('with Gumbel noise its mean gradient is P(x) - y', () => {
    const sigma = 2;
    const four = topK({ elements: 4, k: 2 });
    const one = theta.slice(0, 4);
    const y = Float64Array.of(1, 1, 0, 0);
    const samples = 100_000;
    const { gradient } = fenchelYoung(four, { sigma, noise: gumbel() }).evaluate(one, y, {
      seed: 1,
      samples,
    });
    const law = largest(
      one.map((x) => x / sigma),
      2,
    );
    const truth = y.map((yi, i) => law.reduce((sum, { x, probability }) => sum + probability * x[i]!, -yi));
    // Hoeffding: a mean of so many numbers in [0, 1] is off by 1 % with a probability below 2 exp(-20) = 4e-9.
    expect(distance(gradient, truth)).toBeLessThan(0.01);
    // Half of sigma would be seen.
    const wrong = largest(one, 2);
    const other = y.map((yi, i) => wrong.reduce((sum, { x, probability }) => sum + probability * x[i]!, -yi));
    expect(distance(gradient, other)).toBeGreaterThan(0.01);
  });

  test('refuses a target at a forbidden coordinate, and forgives 0 there', () => {
    const masked = theta.map((x, i) => (i === 7 ? Number.NEGATIVE_INFINITY : x));
    const asked = target.slice();
    asked[7] = 1;
    const loss = fenchelYoung(trees);
    expect(() => loss.evaluate(masked, asked, options)).toThrow(
      expect.objectContaining({
        code: 'INFEASIBLE',
        message: 'target: row 1: expected 0 at a forbidden coordinate, got 1 at 1',
      }),
    );
    asked[7] = 0;
    const { loss: losses, gradient } = loss.evaluate(masked, asked, options);
    expect([...losses, ...gradient].every(Number.isFinite)).toBe(true);
    expect(gradient[7]).toBe(0);
    expect(maximumLikelihood(trees).evaluate(masked, asked).loss.every(Number.isFinite)).toBe(true);
  });
});
