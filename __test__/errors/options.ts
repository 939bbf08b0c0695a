import {
  arborescence,
  correlatedTopK,
  gumbel,
  matching,
  neuralSort,
  oneHot,
  permutahedron,
  projectiveTree,
  setThreads,
  spanningTree,
  subset,
  topK,
} from '../../ts';
import { any, type Bad, six, trick } from './bad';

export const temperatures: Bad[] = [-1, -5e-324, Number.NaN, Infinity, -Infinity, '1', null, 1n, {}].flatMap(
  (value): Bad[] => {
    const says = /^temperature: expected a finite number >= 0, got /;
    const options = { temperature: any(value) };
    return [
      [`softmax at ${String(value)}`, () => trick.softmax(six, options), 'INVALID_ARGUMENT', says],
      [`softmaxVjp at ${String(value)}`, () => trick.softmaxVjp(six, six, options), 'INVALID_ARGUMENT', says],
      [
        `sample at ${String(value)}`,
        () => trick.sample(six, { seed: 1, ...options }),
        'INVALID_ARGUMENT',
        says,
      ],
      [`topK at ${String(value)}`, () => topK({ elements: 3, k: 1, ...options }), 'INVALID_ARGUMENT', says],
    ];
  },
);

export const seeds: Bad[] = [-1, 0.5, 2 ** 53, Number.NaN, Infinity, -1n, 1n << 64n, '1', null, {}].map(
  (value): Bad => [
    `${String(value)}`,
    () => trick.perturb(six, { seed: any(value) }),
    'INVALID_ARGUMENT',
    /^seed: expected a safe integer >= 0 or a bigint from 0n to 2n \*\* 64n - 1n, got /,
  ],
);

export const counts: Bad[] = [-1, 0, 0.5, 2 ** 32, Number.NaN, Infinity, '3', null].flatMap(
  (value): Bad[] => [
    [
      `samples ${value}`,
      () => trick.perturb(six, { seed: 1, samples: any(value) }),
      'INVALID_ARGUMENT',
      /^samples: /,
    ],
    [
      `categories ${value}`,
      () => oneHot({ categories: any(value) }),
      'INVALID_ARGUMENT',
      /^categories: .* from 1 to/,
    ],
    [
      `elements ${value}`,
      () => subset({ elements: any(value) }),
      'INVALID_ARGUMENT',
      /^elements: .* from 1 to/,
    ],
    [
      `vertices ${value}`,
      () => spanningTree({ vertices: any(value) }),
      'INVALID_ARGUMENT',
      /^vertices: .* to 4096/,
    ],
    [
      `elements of a chain ${value}`,
      () => correlatedTopK({ elements: any(value), k: 0 }),
      'INVALID_ARGUMENT',
      /^elements: .* from 1 to/,
    ],
    [
      `words ${value}`,
      () => projectiveTree({ words: any(value) }),
      'INVALID_ARGUMENT',
      /^words: .* from 1 to 512/,
    ],
  ],
);

export const edges: Bad[] = [
  ['a loop', [[1, 1]], /^edges\[0\]: expected two different vertices \(no loop\), got \[1, 1\]/],
  [
    'a repeated edge',
    [
      [0, 1],
      [1, 2],
      [0, 1],
    ],
    /^edges\[2\]: expected an edge other than edges\[0\], got \[0, 1\]/,
  ],
  [
    'an edge turned round',
    [
      [0, 1],
      [1, 0],
    ],
    /^edges\[1\]: expected an edge other than edges\[0\], got \[1, 0\]/,
  ],
  ['a vertex beyond the graph', [[0, 3]], /^edges\[0\]: expected two integers from 0 to 2, got \[0, 3\]/],
  ['a negative vertex', [[-1, 0]], /^edges\[0\]: /],
  ['half a vertex', [[0, 0.5]], /^edges\[0\]: /],
  ['a vertex by name', [['0', 1]], /^edges\[0\]: .* got \[the string "0", 1\]/],
  ['a triple', [[0, 1, 2]], /^edges\[0\]: expected a pair of vertices, got \[0, 1, 2\]/],
  ['a flat list', [0, 1], /^edges\[0\]: expected a pair of vertices, got 0/],
  [
    'a hole',
    Object.assign([[0, 1]], { length: 2 }),
    /^edges\[1\]: expected a pair of vertices, got undefined/,
  ],
  ['typed pairs', [new Uint32Array(2)], /^edges\[0\]: .*Uint32Array/],
  ['an object', {}, /^edges: expected an array of pairs of vertices, got an object/],
  ['null', null, /^edges: .* got null/],
].map(
  ([what, value, says]): Bad => [
    what as string,
    () => spanningTree({ vertices: 3, edges: any(value) }),
    'INVALID_ARGUMENT',
    says as RegExp,
  ],
);

export const options: Bad[] = [
  [
    'a root beyond the graph',
    () => arborescence({ vertices: 3, root: 3 }),
    'INVALID_ARGUMENT',
    /^root: expected an integer from 0 to 2, got 3/,
  ],
  ['no root', () => arborescence({ vertices: 3, root: any(null) }), 'INVALID_ARGUMENT', /^root: .* got null/],
  [
    'a number for a choice',
    () => arborescence({ vertices: 3, singleRootChild: any(1) }),
    'INVALID_ARGUMENT',
    /^singleRootChild: expected true or false, got 1/,
  ],
  [
    'a directed edge twice',
    () =>
      arborescence({
        vertices: 3,
        edges: [
          [0, 1],
          [1, 2],
          [2, 1],
          [1, 2],
        ],
      }),
    'INVALID_ARGUMENT',
    /^edges\[3\]: expected an edge other than edges\[1\], got \[1, 2\]/,
  ],
  [
    'a directed loop',
    () => arborescence({ vertices: 3, edges: [[2, 2]] }),
    'INVALID_ARGUMENT',
    /^edges\[0\]: expected two different vertices \(no loop\)/,
  ],
  [
    'too many vertices of a matrix',
    () => arborescence({ vertices: 4097 }),
    'INVALID_ARGUMENT',
    /^vertices: /,
  ],
  [
    'k above n',
    () => topK({ elements: 3, k: 4 }),
    'INVALID_ARGUMENT',
    /^k: expected an integer from 0 to 3, got 4/,
  ],
  ['negative k', () => topK({ elements: 3, k: -1 }), 'INVALID_ARGUMENT', /^k: .* got -1/],
  [
    'no size',
    () => matching(any({})),
    'INVALID_ARGUMENT',
    /^size: expected an integer from 1 to 2048, got undefined/,
  ],
  ...(
    [
      [
        'a size beside rows',
        { size: 2, rows: 2, columns: 3 },
        /^size: expected nothing beside rows and columns/,
      ],
      ['rows alone', { rows: 2 }, /^columns: expected an integer from 1 to 32768, got undefined/],
      ['columns alone', { columns: 2 }, /^rows: expected an integer from 1 to 32768, got undefined/],
      [
        'a partial square',
        { size: 2, partial: true },
        /^partial: expected rows and columns beside it, not size/,
      ],
      ['partial as a number', { rows: 2, columns: 3, partial: 1 }, /^partial: expected true or false, got 1/],
      ['too many cells', { rows: 30000, columns: 30000 }, /^columns: expected at most 4194304 cells/],
      [
        'too few capacities',
        { rows: 2, columns: 3, capacities: [1, 2] },
        /^capacities: expected one for each of 3 columns/,
      ],
      [
        'no capacity',
        { rows: 2, columns: 2, capacities: [0, 2] },
        /^capacities\[0\]: expected an integer from 1/,
      ],
      [
        'capacities that are none',
        { rows: 2, columns: 2, capacities: 'ab' },
        /^capacities: expected an array of integers/,
      ],
      [
        'too few places',
        { rows: 4, columns: 2, capacities: [1, 2] },
        /^capacities: expected places for all 4 rows, got 3/,
      ],
      [
        'more subsets than can be summed over',
        { size: 21, relaxation: 'exponential-family' },
        /^size: expected at most 20 of relaxation 'exponential-family' \(relaxation 'sinkhorn' has more\), got 21/,
      ],
      [
        'more subsets of its columns',
        { rows: 30, columns: 21, relaxation: 'exponential-family' },
        /^columns: expected at most 20 of the shorter side .*'sinkhorn'.*, got 21/,
      ],
      [
        'subsets for too many rows',
        { rows: 32, columns: 20, relaxation: 'exponential-family' },
        /^rows: expected at most 33554432 sums, .*'sinkhorn'.*, got 32/,
      ],
      [
        'capacities in the exponential family',
        { rows: 2, columns: 2, capacities: [1, 2], relaxation: 'exponential-family' },
        /^capacities: expected none beside relaxation 'exponential-family'/,
      ],
      [
        'too many places',
        { rows: 2048, columns: 2, capacities: [2048, 2048] },
        /^capacities: expected at most 4194304 cells/,
      ],
    ] as const
  ).map(
    ([name, options, message]): Bad => [
      `a matching with ${name}`,
      () => matching(any(options)),
      'INVALID_ARGUMENT',
      message,
    ],
  ),
  ['too large a matching', () => matching({ size: 2049 }), 'INVALID_ARGUMENT', /^size: .* got 2049/],
  [
    'a tolerance below rounding errors',
    () => matching({ size: 3, tolerance: 1e-16 }),
    'INVALID_ARGUMENT',
    /^tolerance: expected a number from 1e-15 to 1, got 1e-16/,
  ],
  [
    'a tolerance that is none',
    () => matching({ size: 3, tolerance: Number.NaN }),
    'INVALID_ARGUMENT',
    /^tolerance: .* got NaN/,
  ],
  [
    'no iterations',
    () => matching({ size: 3, maxIterations: 0 }),
    'INVALID_ARGUMENT',
    /^maxIterations: expected an integer from 1 to/,
  ],
  [
    'a matching of unequal sums',
    () => matching({ size: 3, maxIterations: 1 }).softmax([0.3, 1, -0.5, 0.8, 0.2, 0.4, -0.2, 0.9, 0.6]),
    'DID_NOT_CONVERGE',
    /^temperature: expected one at which .* 1 iterations, got 1e0, where sums are off by .* \(batch row 0\)$/,
  ],
  [
    'rows that want one column',
    () => matching({ size: 2 }).argmax([0, -Infinity, 1, -Infinity]),
    'INFEASIBLE',
    /^utility: .* rows 0, 1 together have no more than 1 column of such cells \(batch row 0\)$/,
  ],
  [
    'a forbidden score',
    () => neuralSort({ elements: 2 }).softmax([0, -Infinity]),
    'INFEASIBLE',
    /^utility: expected finite scores/,
  ],
  [
    'an alpha of another relaxation',
    () => oneHot({ categories: 3, alpha: 1.5 }),
    'INVALID_ARGUMENT',
    /^alpha: expected none for categorical-entropy: it is of 'entmax', got 1.5$/,
  ],
  [
    'an alpha beyond entmax',
    () => topK({ elements: 3, k: 1, relaxation: 'entmax', alpha: 2.5 }),
    'INVALID_ARGUMENT',
    /^alpha: expected a number above 1, and at most 2, got 2.5$/,
  ],
  [
    'a forbidden element of all that get a rank',
    () => permutahedron({ elements: 2 }).softmax([0, -Infinity]),
    'INFEASIBLE',
    /^utility: expected finite utilities, .* got -Infinity \(batch row 0\)$/,
  ],
  [
    'too few weights',
    () => permutahedron({ elements: 3, weights: [1, 0] }),
    'INVALID_ARGUMENT',
    /^weights: expected one for each of the 3 elements, got 2$/,
  ],
  [
    'weights that increase',
    () => permutahedron({ elements: 3, weights: [2, 0, 1] }),
    'INVALID_ARGUMENT',
    /^weights\[2\]: expected at most the one before it, 0, got 1$/,
  ],
  [
    'a weight that is too small',
    () => permutahedron({ elements: 2, weights: [1, 1e-101] }),
    'INVALID_ARGUMENT',
    /^weights\[1\]: expected 0, or a number from 1e-100 to 1e\+?100 in magnitude, got 1e-101$/,
  ],
  [
    'a weight that is no number',
    () => permutahedron({ elements: 2, weights: [Number.NaN, 1] }),
    'INVALID_ARGUMENT',
    /^weights\[0\]: expected 0, or a number/,
  ],
  [
    'a negative weight with an entropy',
    () => permutahedron({ elements: 2, weights: [1, -1], relaxation: 'categorical-entropy' }),
    'INVALID_ARGUMENT',
    /^weights\[1\]: expected at least 0 for categorical-entropy, got -1$/,
  ],
  [
    'differences of a ranking',
    () =>
      neuralSort({ elements: 2 }).softmaxVjp([0, 1], [1, 0, 0, 0], { gradient: { finiteDifference: 1e-3 } }),
    'INVALID_ARGUMENT',
    /^gradient: expected 'exact' for this relaxation/,
  ],
  [
    'a matrix with a hole',
    () => matching({ size: 1 }).marginalErrors([1, Number.NaN]),
    'NOT_FINITE',
    /^soft: expected finite numbers, got NaN at coordinate 0 \(batch row 1\)$/,
  ],
  ['half a matrix', () => matching({ size: 2 }).marginalErrors([1, 0]), 'INVALID_SHAPE', /^soft: /],
  ['no k', () => topK(any({ elements: 3 })), 'INVALID_ARGUMENT', /^k: .* got undefined/],
  [
    'k above n of a chain',
    () => correlatedTopK({ elements: 3, k: 4 }),
    'INVALID_ARGUMENT',
    /^k: expected an integer from 0 to 3, got 4/,
  ],
  [
    'a huge table of a chain',
    () => correlatedTopK({ elements: 2 ** 26, k: 2 ** 25 }),
    'INVALID_ARGUMENT',
    /^k: .* 67108864, got/,
  ],
  [
    'a relaxation that trees lack',
    () => projectiveTree({ words: 2, relaxation: any('euclidean') }),
    'INVALID_ARGUMENT',
    /^relaxation: .*projectiveTree has \(exponential-family, perturb-and-parse, sparsemap\), got/,
  ],
  [
    'a finite difference where the Jacobian is not symmetric',
    () =>
      projectiveTree({ words: 1, relaxation: 'perturb-and-parse' }).softmaxVjp([0, 1, 0, 0], [0, 1, 0, 0], {
        gradient: { finiteDifference: 1e-3 },
      }),
    'INVALID_ARGUMENT',
    /^gradient: expected 'exact' /,
  ],
  ['huge tables', () => topK({ elements: 2 ** 26, k: 2 ** 25 }), 'INVALID_ARGUMENT', /^k: .* 67108864, got/],
  [
    'a huge table',
    () => topK({ elements: 2 ** 20, k: 2 ** 10, relaxation: 'softsub' }),
    'INVALID_ARGUMENT',
    /^k: .* 67108864, got 1024/,
  ],
  ['too many vertices', () => spanningTree({ vertices: 4097 }), 'INVALID_ARGUMENT', /^vertices: .* got 4097/],
  ['too many categories', () => oneHot({ categories: 2 ** 27 }), 'INVALID_ARGUMENT', /^categories: /],
  [
    'more than memory',
    () => trick.perturb(six, { seed: 1, samples: 2 ** 31 }),
    'INVALID_ARGUMENT',
    /^samples: /,
  ],
  ['a row below 0', () => trick.perturb(six, { seed: 1, firstRow: -1 }), 'INVALID_ARGUMENT', /^firstRow: /],
  ['no options', () => oneHot(any(undefined)), 'INVALID_ARGUMENT', /^options: .* got undefined/],
  ['null for options', () => trick.softmax(six, any(null)), 'INVALID_ARGUMENT', /^options: .* got null/],
  ['a list of options', () => trick.softmax(six, any([1])), 'INVALID_ARGUMENT', /^options: /],
  [
    'an unknown option',
    () => trick.softmax(six, any({ temprature: 1 })),
    'INVALID_ARGUMENT',
    /^options: .*"temprature"/,
  ],
  [
    'an unknown option of a factory',
    () => subset(any({ elements: 3, k: 1 })),
    'INVALID_ARGUMENT',
    /^options: .*"k"/,
  ],
  [
    'an unknown relaxation',
    () => topK({ elements: 3, k: 1, relaxation: any('gumbel') }),
    'INVALID_ARGUMENT',
    /^relaxation: expected one of those that topK has \(exponential-family, euclidean, .*\), got the string "gumbel"/,
  ],
  [
    'a relaxation of k-subsets for one-hot vectors',
    () => oneHot({ categories: 3, relaxation: any('softsub') }),
    'INVALID_ARGUMENT',
    /^relaxation: expected one of those that oneHot has \(categorical-entropy, euclidean, binary-entropy, entmax, sparsemap\), got/,
  ],
  [
    'no choice with replacement',
    () => topK({ elements: 3, k: 0, relaxation: 'l2x' }),
    'INVALID_ARGUMENT',
    /^k: expected an integer from 1 to 3, got 0/,
  ],
  ...(['l2x', 'softsub'] as const).map(
    (relaxation): Bad => [
      `a difference for ${relaxation}, whose Jacobian is not symmetric`,
      () => {
        const trick = topK({ elements: 2, k: 1, relaxation });
        trick.softmaxVjp([0, 1], [1, 0], { gradient: { finiteDifference: 1e-3 } });
      },
      'INVALID_ARGUMENT',
      /^gradient: expected 'exact' for this relaxation/,
    ],
  ),
  [
    'a huge table of softmaxes',
    () => topK({ elements: 2 ** 20, k: 2 ** 10, relaxation: 'softsub' }),
    'INVALID_ARGUMENT',
    /^k: .* 67108864, got/,
  ],
  [
    'a relaxation of another',
    () => subset({ elements: 3, relaxation: any('l2x') }),
    'INVALID_ARGUMENT',
    /^relaxation/,
  ],
  [
    'an unknown relaxation of trees',
    () => spanningTree({ vertices: 3, relaxation: any('kirchhoff') }),
    'INVALID_ARGUMENT',
    /^relaxation: expected one of those that spanningTree has \(exponential-family, sparsemap\)/,
  ],
  [
    'a utility by name',
    () => oneHot({ categories: 3, utility: any('gumbel') }),
    'INVALID_ARGUMENT',
    /^utility: /,
  ],
  [
    'a utility factory',
    () => oneHot({ categories: 3, utility: any(gumbel) }),
    'INVALID_ARGUMENT',
    /^utility: .*function/,
  ],
  [
    'a forged utility',
    () => oneHot({ categories: 3, utility: { name: 'gumbel' } }),
    'INVALID_ARGUMENT',
    /^utility: /,
  ],
  [
    'an unknown gradient',
    () => trick.softmaxVjp(six, six, { gradient: any('fast') }),
    'INVALID_ARGUMENT',
    /^gradient: /,
  ],
  [
    'no step',
    () => trick.softmaxVjp(six, six, { gradient: { finiteDifference: 0 } }),
    'INVALID_ARGUMENT',
    /^gradient: expected 'exact' or \{ finiteDifference: epsilon \}/,
  ],
  [
    'temperature 0 of log Z',
    () => trick.logPartition(six, { temperature: 0 }),
    'INVALID_ARGUMENT',
    /^temperature: /,
  ],
  ['a negative number of threads', () => setThreads(-1), 'INVALID_ARGUMENT', /^count: .* got -1/],
  ['a row of the wrong length to draw', () => trick.draw([1]), 'INVALID_SHAPE', /^row: expected 6/],
];
