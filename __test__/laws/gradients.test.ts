import { gumbel, logistic, oneHot, type Trick, topK } from '../../ts';
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

const differenceAgrees = (question: Question) => {
  const { trick, utility, cotangent } = question;
  if (!isSymmetric(trick)) return;
  const temperature = temperatureOf(question);
  // Truncation (h/t)^2 of third derivatives, which are below 1; rounding 1e-16 u/h = 1e-16 * 1e3 / 1e-4, both over t.
  const gradient = { finiteDifference: 1e-4 * temperature };
  const exact = trick.softmaxVjp(utility, cotangent, { temperature });
  const difference = trick.softmaxVjp(utility, cotangent, { temperature, gradient });
  expect(distance(exact, difference) * temperature).toBeLessThan(1e-6);
  expectSameBits(trick.softmaxVjp(utility, cotangent, { temperature, gradient: 'exact' }), exact);
};

law('the finite difference agrees with the exact gradient', differenceAgrees, { unless: 'smooth' });

law(
  'a finite difference along the cotangent is refused where it is no gradient',
  ({ trick, utility, cotangent }) => {
    if (isSymmetric(trick)) return;
    const gradient = { finiteDifference: 1e-4 };
    expect(() => trick.softmaxVjp(utility, cotangent, { gradient })).toThrow(
      /^gradient: expected 'exact' .*symmetric/,
    );
  },
);

/** Whether the trick's relaxation is the gradient of a convex function. */
function isSymmetric(trick: Trick): boolean {
  return trick.symmetric;
}

const differenceScales = (question: Question) => {
  const { trick, utility, cotangent } = question;
  if (!isSymmetric(trick)) return;
  const temperature = temperatureOf(question);
  const gradient = { finiteDifference: 1e-4 * temperature };
  const tiny = cotangent.map((g) => g * 1e-30);
  const exact = trick.softmaxVjp(utility, tiny, { temperature });
  const difference = trick.softmaxVjp(utility, tiny, { temperature, gradient });
  expect(distance(exact, difference) * temperature).toBeLessThan(1e-36);
};

law('the finite difference has the cotangent of its row for its scale', differenceScales, {
  unless: 'smooth',
});

law('the gradient of logPartition is softmax over the temperature', (question) => {
  const { trick, family, utility } = question;
  if (family === undefined) return;
  const temperature = temperatureOf(question);
  const soft = trick.softmax(utility, { temperature });
  const h = 1e-3 * temperature;
  for (let i = 0; i < trick.dimension; i++) {
    if (utility[i] === Number.NEGATIVE_INFINITY) continue;
    const log = (step: number) => {
      const moved = utility.slice();
      moved[i] += step;
      return family.logPartition(moved, { temperature })[0];
    };
    const difference = (log(h) - log(-h)) / 2e-3;
    // Truncation 1e-6, rounding 1e-16 |log Z| / 1e-3 with |log Z| below 1e4.
    expect(Math.abs(difference - soft[i])).toBeLessThan(1e-6);
  }
});

law('perturbVjp is the derivative of perturb with the noise held fixed', ({ trick, theta, rows, seed }) => {
  const samples = 2;
  const length = rows * samples * trick.utilityDimension;
  const weights = Float64Array.from({ length }, (_, i) => Math.cos(i));
  const loss = (at: Float64Array) =>
    trick.perturb(at, { seed, samples }).reduce((sum, u, i) => sum + weights[i] * u, 0);
  const gradient = trick.perturbVjp(theta, trick.perturb(theta, { seed, samples }), weights);
  const h = 1e-4;
  for (let i = 0; i < Math.min(theta.length, rows * 2); i++) {
    const moved = (step: number) => loss(theta.map((x, j) => (i === j ? x + step : x)));
    expect(Math.abs(gradient[i] - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-7);
  }
});

const klDerivative = ({ trick, theta, rows }: Question) => {
  const cotangent = Float64Array.from({ length: rows }, (_, row) => 1 - 0.3 * row);
  const loss = (at: Float64Array) => trick.kl(at).reduce((sum, x, row) => sum + cotangent[row] * x, 0);
  const gradient = trick.klVjp(theta, cotangent);
  const h = 1e-4;
  for (let i = 0; i < theta.length; i += 3) {
    const moved = (step: number) => loss(theta.map((x, j) => (i === j ? x + step : x)));
    // Truncation h^2 e^3 / 6, rounding 1e-16 * 1e3 / h.
    expect(Math.abs(gradient[i] - (moved(h) - moved(-h)) / (2 * h))).toBeLessThan(1e-6);
  }
};

law('klVjp is the derivative of kl', klDerivative, { unless: 'divergence' });

law('a forbidden utility has no gradient', ({ trick, utility, cotangent }) => {
  const gradient = trick.softmaxVjp(utility, cotangent);
  utility.forEach((u, i) => {
    if (u === Number.NEGATIVE_INFINITY) expect(Math.abs(gradient[i])).toBe(0);
  });
});

law(
  'a forbidden parameter has no gradient and no divergence',
  ({ trick, theta, rows, seed }) => {
    const parameters = theta.map((x, i) => (i % 3 === 1 ? Number.NEGATIVE_INFINITY : x));
    const drawn = trick.perturb(parameters, { seed });
    const gradients = [
      trick.perturbVjp(parameters, drawn, new Float64Array(drawn.length).fill(1)),
      trick.scoreVjp(parameters, drawn, new Float64Array(rows).fill(1)),
      trick.klVjp(parameters, new Float64Array(rows).fill(1)),
    ];
    for (const gradient of gradients) {
      expect(gradient.every((x, i) => x === 0 || parameters[i] !== Number.NEGATIVE_INFINITY)).toBe(true);
    }
    expect(trick.kl(theta.map(() => Number.NEGATIVE_INFINITY)).every((x) => x === 0)).toBe(true);
  },
  { unless: 'divergence' },
);

test('divergences have their closed forms', () => {
  for (const theta of [-4, -1.5, 0.7, 2, 6]) {
    const row = [theta, Number.NEGATIVE_INFINITY, 0];
    const ofGumbel = oneHot({ categories: 3, utility: gumbel() }).kl(row)[0];
    const ofLogistic = topK({ elements: 3, k: 1, utility: logistic() }).kl(row)[0];
    expect(ofGumbel).toBeCloseTo(theta + Math.exp(-theta) - 1, 12);
    expect(ofLogistic).toBeCloseTo(theta / Math.tanh(theta / 2) - 2, 12);
  }
});
