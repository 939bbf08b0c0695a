import {
  arborescence,
  correlatedTopK,
  independentEdges,
  matching,
  negativeExponential,
  oneHot,
  projectiveTree,
  spanningTree,
  subset,
  type Trick,
  topK,
} from '../../ts';
import { fenchelYoung, maximumLikelihood, nvil } from '../../ts/estimators';
import { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { expectSameBits } from '../laws/inputs';
import { estimators, quadratic, wave } from './registry';

/** With so many zeros at the end. */
const withZeros = (cells: Float64Array, zeros: number) => {
  const all = new Float64Array(cells.length + zeros);
  all.set(cells);
  return all;
};

const families: [string, (size: number) => Trick][] = [
  ['one-hot', (categories) => oneHot({ categories })],
  ['subset', (elements) => subset({ elements })],
  ['top k', (elements) => topK({ elements, k: 2 })],
  ['correlated top k', (elements) => correlatedTopK({ elements, k: 2 })],
  ['matching', (size) => matching({ size })],
  ['spanning tree', (vertices) => spanningTree({ vertices })],
  ['arborescence', (vertices) => arborescence({ vertices, utility: negativeExponential() })],
  ['projective tree', (words) => projectiveTree({ words })],
  ['independent edges', (vertices) => independentEdges({ vertices, directed: true })],
];

const [LARGE, SMALL, BATCH, SAMPLES] = [5, 3, 3, 4];
const lengths = [SMALL, SMALL, SMALL];
const options = { seed: 23, samples: SAMPLES };

describe.each(families)('%s', (_, make) => {
  const [large, small] = [make(LARGE), make(SMALL)];
  const counted = (trick: Trick) => {
    const mask = trick.masked(new Float64Array(trick.dimension).fill(1), { lengths: [SMALL] });
    return [...mask.keys()].filter((i) => mask[i] === 1);
  };
  const [to, from] = [counted(large), counted(small)];
  /** Rows of the small trick in those of the large one, with `fill` in between. */
  const padded = (cells: Float64Array, fill: number) => {
    const rows = cells.length / small.dimension;
    const all = new Float64Array(rows * large.dimension).fill(fill);
    for (let row = 0; row < rows; row++) {
      to.forEach((place, i) => {
        all[row * large.dimension + place] = cells[row * small.dimension + from[i]!]!;
      });
    }
    return all;
  };
  const shortened = (cells: Float64Array) => {
    const rows = cells.length / large.dimension;
    const all = new Float64Array(rows * small.dimension);
    for (let row = 0; row < rows; row++) {
      to.forEach((place, i) => {
        all[row * small.dimension + from[i]!] = cells[row * large.dimension + place]!;
      });
    }
    return all;
  };
  const ofLarge = quadratic(large.dimension);
  /** A loss that has anything at all for a gradient where nothing counts. */
  const noisy = (x: Float64Array, rows: number) => {
    const { value, gradient } = ofLarge(x, rows);
    const counts = large.masked(new Float64Array(x.length).fill(1), {
      lengths: new Array<number>(rows).fill(SMALL),
    });
    return { value, gradient: gradient.map((g, i) => (counts[i] === 1 ? g : Number.NaN)) };
  };
  const ofSmall = (x: Float64Array, rows: number) => {
    const { value, gradient } = ofLarge(padded(x, 0), rows);
    return { value, gradient: shortened(gradient) };
  };
  const theta = wave(BATCH * small.dimension, 2);

  const all = estimators.filter(({ admits }) => admits?.(large) ?? true);
  const admitted = all.filter(({ name }) => name !== 'nvil');
  test.each(admitted)('$name: a padded batch is the smaller problem', (estimator) => {
    const expected = estimator.make(small).estimate(theta, ofSmall, options);
    const got = estimator.make(large).estimate(padded(theta, Number.NaN), noisy, { ...options, lengths });
    expectSameBits(got.loss, expected.loss);
    expectSameBits(got.samples, padded(expected.samples, 0));
    expectSameBits(got.gradient, padded(expected.gradient, 0));
  });

  test.each(all)('$name: a row of length 0 is padding, and leaves no trace', (estimator) => {
    const [alone, beside] = [estimator.make(large), estimator.make(large)];
    const lengths = [...new Array<number>(BATCH).fill(large.size), 0];
    // What earlier calls have left in averages and baselines shows in the second.
    for (const phase of [3, 4]) {
      const theta = wave(BATCH * large.dimension, phase);
      const longer = new Float64Array(theta.length + large.dimension).fill(Number.NaN);
      longer.set(theta);
      const expected = alone.estimate(theta, ofLarge, options);
      const got = beside.estimate(longer, ofLarge, { ...options, lengths });
      expectSameBits(got.loss, withZeros(expected.loss, 1));
      expectSameBits(got.samples, withZeros(expected.samples, SAMPLES * large.dimension));
      expectSameBits(got.gradient, withZeros(expected.gradient, large.dimension));
    }
  });

  test('losses of parameters against targets', () => {
    const target = small.argmax(wave(theta.length, 4));
    const [largeTheta, largeTarget] = [padded(theta, Number.NaN), padded(target, Number.NaN)];
    const pairs = [
      [
        fenchelYoung(large).evaluate(largeTheta, largeTarget, { ...options, lengths }),
        fenchelYoung(small).evaluate(theta, target, options),
      ],
      ...(large instanceof ExponentialFamilyTrick
        ? [
            [
              maximumLikelihood(large).evaluate(largeTheta, largeTarget, { lengths }),
              maximumLikelihood(small as ExponentialFamilyTrick).evaluate(theta, target),
            ],
          ]
        : []),
    ] as const;
    for (const [got, expected] of pairs) {
      expectSameBits(got!.loss, expected!.loss);
      expectSameBits(got!.gradient, padded(expected!.gradient, 0));
    }
  });
});

test('a learnt baseline sees nothing of the padding', () => {
  const trick = topK({ elements: 4, k: 1 });
  const loss = quadratic(4);
  const of = (filler: number) =>
    nvil(trick).estimate([1, 2, filler, filler], loss, { seed: 1, samples: 3, lengths: [2] });
  expectSameBits(of(Number.NaN).gradient, of(7).gradient);
});
