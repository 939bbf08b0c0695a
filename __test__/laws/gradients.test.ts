import { gumbel, logistic, oneHot, topK } from '../../ts';
import { distance, expectSameBits, law, type Question } from './inputs';

/** The largest magnitude among the numbers that are not forbidden. */
function largest(values: Float64Array): number {
  return values.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);
}

/**
 * The temperature that a finite difference is taken at: positive, and not so far below the utilities that the step is
 * lost in their rounding.
 */
function temperatureOf({ temperature, utility }: Question): number {
  return Math.max(temperature, 1e-2, largest(utility) * 1e-3);
}

law('the finite difference agrees with the exact gradient', (question) => {
  const { trick, utility, cotangent } = question;
  const temperature = temperatureOf(question);
  // Truncation (h/t)^2 of third derivatives, which are below 1; rounding 1e-16 u/h = 1e-16 * 1e3 / 1e-4, both over t.
  const gradient = { finiteDifference: 1e-4 * temperature };
  const exact = trick.softmaxVjp(utility, cotangent, { temperature });
  const difference = trick.softmaxVjp(utility, cotangent, { temperature, gradient });
  expect(distance(exact, difference) * temperature).toBeLessThan(1e-6);
  expectSameBits(trick.softmaxVjp(utility, cotangent, { temperature, gradient: 'exact' }), exact);
});

law('the finite difference has the cotangent of its row for its scale', (question) => {
  const { trick, utility, cotangent } = question;
  const temperature = temperatureOf(question);
  const gradient = { finiteDifference: 1e-4 * temperature };
  const tiny = cotangent.map((g) => g * 1e-30);
  const exact = trick.softmaxVjp(utility, tiny, { temperature });
  const difference = trick.softmaxVjp(utility, tiny, { temperature, gradient });
  expect(distance(exact, difference) * temperature).toBeLessThan(1e-36);
});

law('the gradient of logPartition is softmax over the temperature', (question) => {
  const { trick, utility } = question;
  const temperature = temperatureOf(question);
  const soft = trick.softmax(utility, { temperature });
  const h = 1e-3 * temperature;
  for (let i = 0; i < trick.dimension; i++) {
    if (utility[i] === Number.NEGATIVE_INFINITY) continue;
    const log = (step: number) => {
      const moved = utility.slice();
      moved[i] += step;
      return trick.logPartition(moved, { temperature })[0];
    };
    const difference = (log(h) - log(-h)) / 2e-3;
    // Truncation 1e-6, rounding 1e-16 |log Z| / 1e-3 with |log Z| below 1e4.
    expect(Math.abs(difference - soft[i])).toBeLessThan(1e-6);
  }
});

law('perturbVjp is the derivative of perturb with the noise held fixed', ({ trick, theta, rows, seed }) => {
  const samples = 2;
  const weights = Float64Array.from({ length: theta.length * samples }, (_, i) => Math.cos(i));
  const loss = (at: Float64Array) =>
    trick.perturb(at, { seed, samples }).reduce((sum, u, i) => sum + weights[i] * u, 0);
  const gradient = trick.perturbVjp(theta, trick.perturb(theta, { seed, samples }), weights);
  const h = 1e-4;
  for (let i = 0; i < Math.min(theta.length, rows * 2); i++) {
    const moved = (step: number) => loss(theta.map((x, j) => (i === j ? x + step : x)));
    expect(Math.abs(gradient[i] - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-7);
  }
});

law('klVjp is the derivative of kl', ({ trick, theta, rows }) => {
  const cotangent = Float64Array.from({ length: rows }, (_, row) => 1 - 0.3 * row);
  const loss = (at: Float64Array) => trick.kl(at).reduce((sum, x, row) => sum + cotangent[row] * x, 0);
  const gradient = trick.klVjp(theta, cotangent);
  const h = 1e-4;
  for (let i = 0; i < theta.length; i += 3) {
    const moved = (step: number) => loss(theta.map((x, j) => (i === j ? x + step : x)));
    // Truncation h^2 e^3 / 6, rounding 1e-16 * 1e3 / h.
    expect(Math.abs(gradient[i] - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-6);
  }
});

law('a forbidden coordinate has no gradient and no divergence', ({ trick, utility, theta, rows, seed }) => {
  const parameters = theta.map((x, i) => (utility[i] === Number.NEGATIVE_INFINITY ? utility[i] : x));
  const drawn = trick.perturb(parameters, { seed });
  const ones = new Float64Array(utility.length).fill(1);
  const gradients = [
    trick.softmaxVjp(utility, ones),
    trick.perturbVjp(parameters, drawn, ones),
    trick.klVjp(parameters, new Float64Array(rows).fill(1)),
  ];
  utility.forEach((u, i) => {
    if (u === Number.NEGATIVE_INFINITY) for (const gradient of gradients) expect(gradient[i]).toBe(0);
  });
  expect(
    trick.kl(new Float64Array(utility.length).fill(Number.NEGATIVE_INFINITY)).every((x) => x === 0),
  ).toBe(true);
});

test('divergences have their closed forms', () => {
  for (const theta of [-4, -1.5, 0.7, 2, 6]) {
    const row = [theta, Number.NEGATIVE_INFINITY, 0];
    const ofGumbel = oneHot({ categories: 3, utility: gumbel() }).kl(row)[0];
    const ofLogistic = topK({ elements: 3, k: 1, utility: logistic() }).kl(row)[0];
    expect(ofGumbel).toBeCloseTo(theta + Math.exp(-theta) - 1, 12);
    expect(ofLogistic).toBeCloseTo(theta / Math.tanh(theta / 2) - 2, 12);
  }
});
