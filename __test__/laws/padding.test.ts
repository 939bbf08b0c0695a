import {
  alignment,
  arborescence,
  binaryTree,
  correlatedTopK,
  ctc,
  gumbel,
  independentEdges,
  knapsack,
  linearChain,
  matching,
  monotoneAlignment,
  negativeExponential,
  neuralSort,
  nonCrossingPairs,
  oneHot,
  permutahedron,
  projectiveTree,
  segmentation,
  spanningTree,
  subset,
  topK,
} from '../../ts';
import { ExponentialFamilyTrick } from '../../ts/trick/exponential-family-trick';
import { TracedTrick } from '../../ts/trick/traced-trick';
import type { Trick } from '../../ts/trick/trick';
import { expectSameBits } from './inputs';

/** Every structure and relaxation as a function of the number of things that it is over. */
const families: [string, (size: number) => Trick][] = [
  ...(['categorical-entropy', 'euclidean', 'binary-entropy', 'entmax', 'sparsemap'] as const).map(
    (relaxation): [string, (n: number) => Trick] => [
      `one-hot, ${relaxation}`,
      (categories) => oneHot({ categories, relaxation }),
    ],
  ),
  ['subset', (elements) => subset({ elements })],
  ['subset, sparsemap', (elements) => subset({ elements, relaxation: 'sparsemap' })],
  ...(
    [
      'exponential-family',
      'euclidean',
      'categorical-entropy',
      'binary-entropy',
      'entmax',
      'l2x',
      'softsub',
      'sparsemap',
    ] as const
  ).map((relaxation): [string, (n: number) => Trick] => [
    `top k, ${relaxation}`,
    (elements) => topK({ elements, k: 2, relaxation }),
  ]),
  ['correlated top k', (elements) => correlatedTopK({ elements, k: 2 })],
  ['correlated top k, sparsemap', (elements) => correlatedTopK({ elements, k: 2, relaxation: 'sparsemap' })],
  ['linear chain', (length) => linearChain({ length, states: 3 })],
  ['linear chain, sparsemap', (length) => linearChain({ length, states: 2, relaxation: 'sparsemap' })],
  ['segmentation', (length) => segmentation({ length, labels: 2, maxSegment: 3 })],
  ['alignment', (rows) => alignment({ rows, columns: 4 })],
  ['alignment, banded', (rows) => alignment({ rows, columns: 4, band: 2 })],
  ['monotone alignment', (columns) => monotoneAlignment({ rows: 3, columns })],
  ['ctc', (frames) => ctc({ frames, classes: 3, labels: [1, 2] })],
  ['binary tree', (leaves) => binaryTree({ leaves, labels: 2 })],
  ['knapsack', (items) => knapsack({ weights: [2, 1, 3, 2, 0, 4].slice(0, items), capacity: 5 })],
  ['non-crossing pairs', (length) => nonCrossingPairs({ length })],
  ['matching', (size) => matching({ size })],
  ['matching, exponential family', (size) => matching({ size, relaxation: 'exponential-family' })],
  [
    'partial matching, exponential family',
    (rows) => matching({ rows, columns: 4, partial: true, relaxation: 'exponential-family' }),
  ],
  ['matching, sparsemap', (size) => matching({ size, relaxation: 'sparsemap' })],
  // Rows are counted; the shorter side may change.
  ['matching of unequal sides', (rows) => matching({ rows, columns: 4 })],
  ['partial matching', (rows) => matching({ rows, columns: 4, partial: true })],
  ['matching with capacities', (rows) => matching({ rows, columns: 3, capacities: [1, 4, 3] })],
  ['matching of unequal sides, sparsemap', (rows) => matching({ rows, columns: 4, relaxation: 'sparsemap' })],
  ['neural sort', (elements) => neuralSort({ elements })],
  ['ranks', (elements) => permutahedron({ elements })],
  [
    'ranks, categorical entropy',
    (elements) => permutahedron({ elements, relaxation: 'categorical-entropy' }),
  ],
  // Shorter rows have the first weights.
  [
    'permutahedron',
    (elements) => permutahedron({ elements, weights: [3, 3, 1, 0.5, 0, -2].slice(0, elements) }),
  ],
  ['spanning tree', (vertices) => spanningTree({ vertices })],
  ['spanning tree, sparsemap', (vertices) => spanningTree({ vertices, relaxation: 'sparsemap' })],
  ['arborescence', (vertices) => arborescence({ vertices, root: 1 })],
  ['arborescence by times', (vertices) => arborescence({ vertices, utility: negativeExponential() })],
  ['arborescence of one child', (vertices) => arborescence({ vertices, singleRootChild: true })],
  ['arborescence, sparsemap', (vertices) => arborescence({ vertices, relaxation: 'sparsemap' })],
  ['projective tree', (words) => projectiveTree({ words })],
  ['projective tree of one child', (words) => projectiveTree({ words, singleRootChild: true })],
  ['perturb and parse', (words) => projectiveTree({ words, relaxation: 'perturb-and-parse' })],
  ['projective tree, sparsemap', (words) => projectiveTree({ words, relaxation: 'sparsemap' })],
  ['independent edges', (vertices) => independentEdges({ vertices, utility: gumbel() })],
  ['independent edges, directed', (vertices) => independentEdges({ vertices, directed: true })],
];

type Space = 'parameter' | 'utility' | 'embedding';
type Cells = Float64Array;

const LARGE = 6;
const SIZES = [3, 6, 4];
const SAMPLES = 2;
const seed = 17;
const fillers = [Number.NaN, Infinity, -Infinity, 1e308, -7];

/** Where the coordinates of a row over `size` things stand; of a smaller trick's rows, in the same order. */
function places(trick: Trick, space: Space, size: number): number[] {
  const { dimension, utilityDimension, parameterDimension } = trick;
  const width = { parameter: parameterDimension, utility: utilityDimension, embedding: dimension }[space];
  if (width === dimension) {
    const mask = trick.masked(new Float64Array(dimension).fill(1), { lengths: [size] });
    return [...mask.keys()].filter((i) => mask[i] === 1);
  }
  // Scores of a ranking; k choices among all elements, one after the other.
  return Array.from({ length: width }, (_, i) => i).filter((i) => i % trick.size < size);
}

/** Rows as they stand in the large batch, with anything at all in the padding. */
function padded(
  large: Trick,
  make: (n: number) => Trick,
  space: Space,
  rows: Cells[][],
  salt: number,
): Cells {
  const width = {
    parameter: large.parameterDimension,
    utility: large.utilityDimension,
    embedding: large.dimension,
  }[space];
  const all = rows.flatMap((draws, row) =>
    draws.map((own) => {
      const cells = Float64Array.from(
        { length: width },
        (_, i) => fillers[(i + row + salt) % fillers.length],
      );
      const small = make(SIZES[row]);
      const from = places(small, space, SIZES[row]);
      places(large, space, SIZES[row]).forEach((place, i) => {
        cells[place] = own[from[i]];
      });
      return cells;
    }),
  );
  return Float64Array.from(all.flatMap((cells) => [...cells]));
}

/** Results of the small problems as they should stand in that of the large batch, 0 elsewhere. */
function expected(large: Trick, make: (n: number) => Trick, space: Space, rows: Cells[]): Cells {
  const width = {
    parameter: large.parameterDimension,
    utility: large.utilityDimension,
    embedding: large.dimension,
  }[space];
  return Float64Array.from(
    rows.flatMap((result, row) => {
      const small = make(SIZES[row]);
      const from = places(small, space, SIZES[row]);
      const of = {
        parameter: small.parameterDimension,
        utility: small.utilityDimension,
        embedding: small.dimension,
      }[space];
      const to = places(large, space, SIZES[row]);
      return Array.from({ length: of === 0 ? 0 : result.length / of }, (_, draw) => {
        const cells = new Float64Array(width);
        to.forEach((place, i) => {
          cells[place] = result[draw * of + from[i]];
        });
        return [...cells];
      }).flat();
    }),
  );
}

const numbers = (rows: Cells[]): Cells => Float64Array.from(rows.flatMap((row) => [...row]));

/** A number in [-1.5, 1.5] for each place of a row. */
function wave(length: number, row: number, phase: number): Cells {
  return Float64Array.from({ length }, (_, i) => 1.5 * Math.sin(3.7 * i * i + 1.3 * row + phase));
}

describe.each(families)('%s', (_, make) => {
  const large = make(LARGE);
  const smalls = SIZES.map((size) => make(size));
  const perRow = smalls.map((small, row) => {
    // What is no coordinate of the structure is 0 in the small problem, too.
    const theta = wave(small.parameterDimension, row, 0.1);
    const utility = small.perturb(theta, { seed, firstRow: row, samples: SAMPLES });
    const draws = Array.from({ length: SAMPLES }, (_, s) =>
      utility.subarray(s * small.utilityDimension, (s + 1) * small.utilityDimension),
    );
    return {
      small,
      row,
      theta,
      utility,
      draws,
      first: draws[0],
      cotangent: wave(small.dimension, row, 2),
      cotangents: Array.from({ length: SAMPLES }, (_, s) => wave(small.utilityDimension, row, 3 + s)),
      weights: wave(SAMPLES, row, 5),
    };
  });
  type Row = (typeof perRow)[number];
  const each = (of: (row: Row) => Cells) => perRow.map(of);
  const lengths = SIZES;
  const shared = { lengths, samples: SAMPLES };
  const rows = (space: Space, of: (row: Row) => Cells, salt = 0) =>
    padded(
      large,
      make,
      space,
      perRow.map((row) => [of(row)]),
      salt,
    );
  const draws = (space: Space, of: (row: Row) => Cells[], salt = 0) =>
    padded(large, make, space, perRow.map(of), salt);
  const placed = (space: Space, of: (row: Row) => Cells) => expected(large, make, space, each(of));

  const theta = rows('parameter', (r) => r.theta, 1);
  const utility = rows('utility', (r) => r.first, 2);
  const utilities = draws('utility', (r) => r.draws, 3);
  const cotangent = rows('embedding', (r) => r.cotangent, 4);
  const cotangents = draws('utility', (r) => r.cotangents, 1);
  const weights = numbers(each((r) => r.weights));

  test('noise is keyed by what a coordinate is', () => {
    const options = { seed, samples: SAMPLES };
    expectSameBits(
      large.perturb(theta, { ...options, lengths }),
      placed('utility', (r) => r.utility),
    );
  });

  test('argmax, softmax and gradients', () => {
    expectSameBits(
      large.argmax(utility, { lengths }),
      placed('embedding', (r) => r.small.argmax(r.first)),
    );
    expectSameBits(
      large.softmax(utilities, shared),
      placed('embedding', (r) => r.small.softmax(r.utility)),
    );
    expectSameBits(
      large.softmaxVjp(utility, cotangent, { lengths }),
      placed('utility', (r) => r.small.softmaxVjp(r.first, r.cotangent)),
    );
    const ofTemperature = large.homogeneous ? {} : { gradient: { finiteDifference: 1e-3 } };
    expectSameBits(
      large.temperatureVjp(utility, cotangent, { lengths, ...ofTemperature }),
      numbers(each((r) => r.small.temperatureVjp(r.first, r.cotangent, ofTemperature))),
    );
  });

  test('a sample', () => {
    const drawn = large.sample(theta, { seed, samples: SAMPLES, lengths });
    expectSameBits(
      drawn.hard,
      placed('embedding', (r) => r.small.argmax(r.utility)),
    );
    expectSameBits(
      drawn.soft,
      placed('embedding', (r) => r.small.softmax(r.utility)),
    );
  });

  test('gradients in the parameters', () => {
    expectSameBits(
      large.perturbVjp(theta, utilities, cotangents, { lengths }),
      placed('parameter', (r) => r.small.perturbVjp(r.theta, r.utility, numbers(r.cotangents))),
    );
    if (large.name === 'correlated-top-k') return; // Pairs are deterministic: neither score nor divergence.
    expectSameBits(
      large.scoreVjp(theta, utilities, weights, { lengths }),
      placed('parameter', (r) => r.small.scoreVjp(r.theta, r.utility, r.weights)),
    );
    expectSameBits(large.kl(theta, { lengths }), numbers(each((r) => r.small.kl(r.theta))));
    expectSameBits(
      large.klVjp(theta, [1, -2, 3], { lengths }),
      placed('parameter', (r) => r.small.klVjp(r.theta, [[1, -2, 3][r.row]])),
    );
  });

  if (large instanceof ExponentialFamilyTrick) {
    const family = large;
    const of = (r: Row) => r.small as ExponentialFamilyTrick;
    const embeddings = (r: Row) => of(r).familySample(r.first, { seed, firstRow: r.row, samples: SAMPLES });
    const separate = (r: Row) => {
      const all = embeddings(r);
      const n = r.small.dimension;
      return Array.from({ length: SAMPLES }, (_, s) => all.subarray(s * n, (s + 1) * n));
    };
    const x = draws('embedding', separate, 2);
    const other = rows('utility', (r) => r.draws[1], 4);

    test('the exponential family', () => {
      const options = { lengths };
      expectSameBits(
        family.familySample(utility, { seed, samples: SAMPLES, lengths }),
        placed('embedding', embeddings),
      );
      expectSameBits(
        family.logPartition(utility, options),
        numbers(each((r) => of(r).logPartition(r.first))),
      );
      expectSameBits(family.entropy(utility, options), numbers(each((r) => of(r).entropy(r.first))));
      expectSameBits(
        family.entropyVjp(utility, [1, -2, 3], options),
        placed('utility', (r) => of(r).entropyVjp(r.first, [[1, -2, 3][r.row]])),
      );
      expectSameBits(
        family.logProbability(utility, x, options),
        numbers(each((r) => of(r).logProbability(r.first, embeddings(r)))),
      );
      expectSameBits(
        family.logProbabilityVjp(utility, x, weights, options),
        placed('utility', (r) => of(r).logProbabilityVjp(r.first, embeddings(r), r.weights)),
      );
      expectSameBits(
        family.divergence(utility, other, options),
        numbers(each((r) => of(r).divergence(r.first, r.draws[1]))),
      );
      const gradients = family.divergenceVjp(utility, other, [1, -2, 3], options);
      for (const key of ['utility', 'other'] as const) {
        expectSameBits(
          gradients[key],
          placed('utility', (r) => of(r).divergenceVjp(r.first, r.draws[1], [[1, -2, 3][r.row]])[key]),
        );
      }
    });
  }

  const races =
    large instanceof TracedTrick && !(large.name === 'arborescence' && large.utility === gumbel());
  if (races) {
    const traced = large as TracedTrick;
    const of = (r: Row) => r.small as TracedTrick;
    test('traces', () => {
      expectSameBits(
        traced.traceLogProbability(theta, utilities, { lengths }),
        numbers(each((r) => of(r).traceLogProbability(r.theta, r.utility))),
      );
      expectSameBits(
        traced.traceScoreVjp(theta, utilities, weights, { lengths }),
        placed('parameter', (r) => of(r).traceScoreVjp(r.theta, r.utility, r.weights)),
      );
      expectSameBits(
        traced.conditionalPerturb(theta, utility, { seed, samples: SAMPLES, lengths }),
        placed('utility', (r) =>
          of(r).conditionalPerturb(r.theta, r.first, { seed, samples: SAMPLES, firstRow: r.row }),
        ),
      );
      expectSameBits(
        traced.conditionalPerturbVjp(theta, utility, cotangents, { seed, samples: SAMPLES, lengths }),
        placed('parameter', (r) =>
          of(r).conditionalPerturbVjp(r.theta, r.first, numbers(r.cotangents), {
            seed,
            samples: SAMPLES,
            firstRow: r.row,
          }),
        ),
      );
    });
  }
});

test('an edge has its noise, whatever else is in the graph', () => {
  const all = spanningTree({ vertices: 5 });
  const edges: [number, number][] = [
    [3, 4],
    [0, 1],
    [2, 0],
    [1, 3],
  ];
  const some = spanningTree({ vertices: 5, edges });
  const of = (trick: Trick) => trick.perturb(new Float64Array(trick.dimension), { seed: 5, firstRow: 9 });
  const [whole, part] = [of(all), of(some)];
  edges.forEach(([i, j], index) => {
    const place = all.edges.findIndex(([a, b]) => a === Math.min(i, j) && b === Math.max(i, j));
    expect(part[index]).toBe(whole[place]);
  });
});
