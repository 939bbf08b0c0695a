import {
  arborescence,
  gaussian,
  gumbel,
  negativeExponential,
  oneHot,
  spanningTree,
  subset,
  type Trick,
  topK,
} from '../../ts';
import { completeDirectedEdges } from '../../ts/arguments/edges';
import {
  type Estimator,
  nvil,
  perturbedOptimizer,
  raoBlackwellised,
  relax,
  scoreFunction,
  simple,
  straightThrough,
  traceScoreFunction,
} from '../../ts/estimators';
import {
  coins,
  expectation,
  familyLaw,
  greedyTree,
  type Law,
  largest,
  memorylessArborescence,
} from '../../ts/experiments/lab/laws';
import { TracedTrick } from '../../ts/trick/traced-trick';
import { quadratic, wave } from './registry';
import { largestDeviation, manyEstimates } from './statistics';

/**
 * Standard errors that an unbiased estimator may be off. A t variable of 63 degrees of freedom exceeds 6.5 with a
 * probability below 2e-8: over all coordinates and cases here a false alarm has a rate below 1e-5, had the seeds not been
 * fixed.
 */
const surprise = 6.5;

const trees = spanningTree({ vertices: 4 });
const directed = completeDirectedEdges(4, 0);

const structures: { name: string; trick: Trick; law: (theta: Float64Array) => Law }[] = [
  { name: 'one-hot', trick: oneHot({ categories: 4 }), law: (theta) => largest(theta, 1) },
  { name: 'top-k', trick: topK({ elements: 5, k: 2 }), law: (theta) => largest(theta, 2) },
  {
    // The order of -E / rate is the order of the Gumbel variables log(rate) - log(E).
    name: 'top-k, negative exponential',
    trick: topK({ elements: 5, k: 2, utility: negativeExponential() }),
    law: (theta) => largest(theta, 2),
  },
  { name: 'subset', trick: subset({ elements: 3 }), law: coins },
  { name: 'spanning-tree', trick: trees, law: (theta) => greedyTree(theta, 4, trees.edges) },
  {
    name: 'arborescence',
    trick: arborescence({ vertices: 4, edges: directed, utility: negativeExponential() }),
    law: (theta) => memorylessArborescence(theta, 0, directed),
  },
];

/** Estimators of the gradient of E[L(X)] that are unbiased, with how they are called. */
const unbiased: { name: string; make: (trick: Trick) => Estimator; rows: number; samples: number }[] = [
  { name: 'score function', make: (trick) => scoreFunction(trick), rows: 400, samples: 2 },
  {
    name: 'score function, moving average',
    // A short memory, so that a baseline that knew its own draw would be seen.
    make: (trick) => scoreFunction(trick, { baseline: 'moving-average', decay: 0.1 }),
    rows: 1,
    samples: 1,
  },
  {
    name: 'score function, batch mean of two',
    make: (trick) => scoreFunction(trick, { baseline: 'batch-mean' }),
    rows: 1,
    samples: 2,
  },
  {
    name: 'score function, batch mean',
    make: (trick) => scoreFunction(trick, { baseline: 'batch-mean' }),
    rows: 200,
    samples: 1,
  },
  {
    name: 'score function, leave one out',
    make: (trick) => scoreFunction(trick, { baseline: 'leave-one-out' }),
    rows: 400,
    samples: 2,
  },
  { name: 'nvil', make: (trick) => nvil(trick, { learningRate: 0.1, decay: 0.1 }), rows: 1, samples: 1 },
];

/** The same, for structures that are found by races. */
const unbiasedOverTraces: {
  name: string;
  make: (trick: TracedTrick) => Estimator;
  rows: number;
  samples: number;
}[] = [
  { name: 'trace score function', make: (trick) => traceScoreFunction(trick), rows: 400, samples: 1 },
  {
    name: 'trace score function, leave one out',
    make: (trick) => traceScoreFunction(trick, { baseline: 'leave-one-out' }),
    rows: 400,
    samples: 2,
  },
  { name: 'relax', make: (trick) => relax(trick, { temperature: 0.5 }), rows: 400, samples: 2 },
];

const cases = structures.flatMap((structure) =>
  [...unbiased, ...(structure.trick instanceof TracedTrick ? unbiasedOverTraces : [])].map((method) => ({
    structure,
    method: method as (typeof unbiased)[number],
    title: `${method.name}: ${structure.name}`,
  })),
);

test.each(cases)('$title is unbiased', ({ structure: { trick, law }, method }) => {
  const theta = wave(trick.parameterDimension, 3);
  const loss = quadratic(trick.dimension);
  const truth = expectation(law(theta), loss.one).gradient;
  // Where rows are few there are more batches of them.
  const batches = method.rows === 1 ? 8000 : 64;
  const found = manyEstimates(method.make(trick), trick, theta, loss, { ...method, batches });
  expect(largestDeviation(found, truth)).toBeLessThan(surprise);
  // The test sees an error of scale, as of a baseline that counts its own draw among two.
  const halved = { mean: found.mean.map((m) => m / 2), error: found.error.map((e) => e / 2) };
  expect(largestDeviation(halved, truth)).toBeGreaterThan(surprise);
});

describe('a perturbed optimizer', () => {
  const trick = topK({ elements: 4, k: 2 });
  const theta = wave(4, 3);
  const weights = wave(4, 7);
  const linear = (x: Float64Array, rows: number) => ({
    value: Float64Array.from({ length: rows }, (_, r) =>
      weights.reduce((sum, w, i) => sum + w * x[4 * r + i]!, 0),
    ),
    gradient: Float64Array.from(x, (_, i) => weights[i % 4]!),
  });

  test.each([0.5, 2])(
    'is unbiased for its own smoothed linear objective, Gumbel noise of scale %d',
    (sigma) => {
      // The law at theta / sigma, whose derivative in theta has a factor 1 / sigma.
      const law = largest(
        theta.map((x) => x / sigma),
        2,
      );
      const truth = expectation(law, (x) => x.reduce((sum, xi, i) => sum + xi * weights[i]!, 0)).gradient.map(
        (g) => g / sigma,
      );
      const estimator = perturbedOptimizer(trick, { sigma, noise: gumbel() });
      const found = manyEstimates(estimator, trick, theta, linear, { batches: 64, rows: 400, samples: 4 });
      expect(largestDeviation(found, truth)).toBeLessThan(surprise);
      const unscaled = { mean: found.mean.map((m) => m * sigma), error: found.error.map((e) => e * sigma) };
      expect(largestDeviation(unscaled, truth)).toBeGreaterThan(surprise);
    },
  );

  test('has the derivative of the normal distribution function on one of two', () => {
    const one = oneHot({ categories: 2 });
    // P(X = e_0) = Phi((a - b) / (sigma sqrt 2)), and its derivative in a.
    const [a, b, sigma] = [0.4, -0.3, 0.8];
    const z = (a - b) / (sigma * Math.SQRT2);
    const slope = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (sigma * Math.SQRT2);
    const first = (x: Float64Array, rows: number) => ({
      value: Float64Array.from({ length: rows }, (_, r) => x[2 * r]!),
      gradient: Float64Array.from(x, (_, i) => (i % 2 === 0 ? 1 : 0)),
    });
    for (const estimator of [
      perturbedOptimizer(one, { sigma }),
      perturbedOptimizer(one, { sigma, noise: gaussian() }),
      scoreFunction(oneHot({ categories: 2, utility: gaussian({ scale: sigma }) })),
    ]) {
      const found = manyEstimates(estimator, one, Float64Array.of(a, b), first, {
        batches: 64,
        rows: 400,
        samples: 2,
      });
      expect(largestDeviation(found, Float64Array.of(slope, -slope))).toBeLessThan(surprise);
    }
  });
});

describe('over the same loss', () => {
  const trick = topK({ elements: 5, k: 2 });
  const theta = wave(5, 3);
  const loss = quadratic(5);
  const counts = { batches: 64, rows: 400, samples: 1 };

  test('the Rao-Blackwellised estimator has the mean of straight-through, and less variance', () => {
    const through = manyEstimates(straightThrough(trick, { temperature: 0.5 }), trick, theta, loss, counts);
    const rao = manyEstimates(
      raoBlackwellised(trick, { temperature: 0.5, resamples: 5 }),
      trick,
      theta,
      loss,
      { ...counts, batches: 65 },
    );
    const error = through.error.map((e, i) => Math.hypot(e, rao.error[i]!));
    expect(largestDeviation({ mean: rao.mean, error }, through.mean)).toBeLessThan(surprise);
    const half = rao.mean.map((m) => m / 2);
    expect(largestDeviation({ mean: half, error }, through.mean)).toBeGreaterThan(surprise);
    const total = (errors: Float64Array) => errors.reduce((sum, e) => sum + e * e, 0);
    expect(total(rao.error)).toBeLessThan(0.8 * total(through.error));
  });

  test('scores of traces have less variance than scores of utilities, RELAX less than both', () => {
    const total = (estimator: Estimator) =>
      manyEstimates(estimator, trick, theta, loss, counts).error.reduce((sum, e) => sum + e * e, 0);
    const [utilities, traces] = [total(scoreFunction(trick)), total(traceScoreFunction(trick))];
    expect(traces).toBeLessThan(0.8 * utilities);
    expect(total(relax(trick, { temperature: 0.5 }))).toBeLessThan(0.8 * traces);
  });

  test('SIMPLE is exact for a linear loss under its family, and scales with the temperature', () => {
    const weights = wave(5, 7);
    const linear = (x: Float64Array, rows: number) => ({
      value: new Float64Array(rows),
      gradient: Float64Array.from(x, (_, i) => weights[i % 5]!),
    });
    const value = (x: Float64Array) => x.reduce((sum, xi, i) => sum + xi * weights[i]!, 0);
    for (const temperature of [0.5, 2]) {
      const truth = expectation(familyLaw(theta, temperature, largest(theta, 2)), value).gradient;
      const { gradient } = simple(trick, { temperature }).estimate(theta, linear, { seed: 1, samples: 3 });
      for (const [i, g] of gradient.entries()) expect(Math.abs(g - truth[i]!)).toBeLessThan(1e-14);
    }
  });

  test('SIMPLE draws from its family', () => {
    const temperature = 0.7;
    const { loss: losses } = simple(trick, { temperature }).estimate(theta, loss, {
      seed: 1,
      samples: 100_000,
    });
    const law = familyLaw(theta, temperature, largest(theta, 2));
    const truth = expectation(law, loss.one).value;
    const spread = Math.sqrt(expectation(law, (x) => (loss.one(x) - truth) ** 2).value / 100_000);
    expect(Math.abs(losses[0]! - truth)).toBeLessThan(surprise * spread);
    // The law of perturbed utilities would be seen.
    expect(Math.abs(expectation(largest(theta, 2), loss.one).value - truth)).toBeGreaterThan(
      surprise * spread,
    );
  });
});
