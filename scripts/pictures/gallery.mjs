// Every structure by each of its relaxations, of the same utilities as far as these fit.
import {
  alignment,
  arborescence,
  binaryTree,
  correlatedTopK,
  ctc,
  independentEdges,
  knapsack,
  linearChain,
  matching,
  monotoneAlignment,
  neuralSort,
  nonCrossingPairs,
  oneHot,
  path,
  permutahedron,
  projectiveTree,
  segmentation,
  spanningTree,
  subset,
  topK,
} from '../../dist/index.js';
import { arcs } from './arcs.mjs';
import { cooling, drawn, onCircle, scaledRanks, words } from './cooling.mjs';
import { graphs } from './graphs.mjs';
import { matrices } from './matrices.mjs';
import { strips } from './strips.mjs';

const temperatures = [1, 0.2, 0];

/** All pairs i < j. */
const pairsOf = (n) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n - i - 1 }, (_, d) => [i, i + d + 1])).flat();

/** How rows of numbers are drawn, for a trick and its panels. */
const drawing = {
  strips: (_trick, panels) => strips({ groups: [{ name: '', rows: panels }] }),
  matrices: ({ shape: [size, columns = size] }, panels) => matrices({ size, columns, panels }),
  arcs: (trick, panels) => arcs({ size: Math.sqrt(trick.dimension), panels }),
  graphs: (trick, panels) => graphs({ positions: onCircle(6), edges: trick.edges, panels }),
  pairs: (_trick, panels) => graphs({ positions: onCircle(6), edges: pairsOf(6), panels }),
  arrows: (trick, panels) =>
    graphs({
      positions: onCircle(5),
      root: 0,
      edges: trick.edges,
      panels: panels.map(({ label, values }) => ({
        label,
        values: trick.edges.map(([head, modifier]) => values[head * 5 + modifier]),
      })),
    }),
};

/** `utility`: of a trick; `seed` of a drawn one where there is none. */
const structures = [
  {
    factory: oneHot,
    options: { categories: 8 },
    relaxations: ['categorical-entropy', 'euclidean', 'entmax', 'binary-entropy', 'sparsemap'],
    draw: 'strips',
    utility: () => words,
  },
  {
    factory: subset,
    options: { elements: 8 },
    relaxations: ['binary-entropy', 'sparsemap'],
    draw: 'strips',
    utility: () => words,
  },
  {
    factory: independentEdges,
    options: { vertices: 6 },
    relaxations: ['binary-entropy', 'sparsemap'],
    draw: 'graphs',
    utility: (trick) => drawn(trick, 5),
  },
  {
    factory: topK,
    options: { elements: 8, k: 3 },
    relaxations: [
      'exponential-family',
      'euclidean',
      'categorical-entropy',
      'entmax',
      'binary-entropy',
      'l2x',
      'softsub',
      'sparsemap',
    ],
    draw: 'strips',
    // L2X chooses thrice, from three rows of utilities.
    utility: (trick) => (trick.utilityDimension === 8 ? words : drawn(trick, 4, words)),
  },
  {
    factory: correlatedTopK,
    options: { elements: 8, k: 3 },
    relaxations: ['exponential-family', 'sparsemap'],
    draw: 'strips',
    utility: () => [...words, ...Array(7).fill(1.5)],
  },
  {
    factory: matching,
    options: { size: 5 },
    relaxations: ['sinkhorn', 'exponential-family', 'sparsemap'],
    draw: 'matrices',
    utility: (trick) => drawn(trick, 2),
  },
  {
    factory: permutahedron,
    options: { elements: 8, weights: scaledRanks },
    relaxations: ['euclidean', 'categorical-entropy'],
    draw: 'strips',
    utility: () => words,
  },
  {
    factory: neuralSort,
    options: { elements: 5 },
    relaxations: [undefined],
    draw: 'matrices',
    utility: () => [0.9, -0.4, 1.6, 0.2, -1.1],
  },
  {
    factory: spanningTree,
    options: { vertices: 6 },
    relaxations: ['exponential-family', 'sparsemap'],
    draw: 'graphs',
    utility: (trick) => drawn(trick, 5),
  },
  {
    factory: arborescence,
    options: { vertices: 5 },
    relaxations: ['exponential-family', 'sparsemap'],
    draw: 'arrows',
    utility: (trick) => drawn(trick, 3),
  },
  {
    factory: projectiveTree,
    options: { words: 5 },
    relaxations: ['exponential-family', 'perturb-and-parse', 'sparsemap'],
    draw: 'arcs',
    utility: (trick) => drawn(trick, 8),
  },
  ...[
    [
      path,
      {
        vertices: 5,
        source: 0,
        target: 4,
        edges: [0, 1, 2, 3].flatMap((i) => [1, 2].filter((d) => i + d < 5).map((d) => [i, i + d])),
      },
      'strips',
    ],
    [linearChain, { length: 3, states: 2 }, 'strips'],
    [segmentation, { length: 6, maxSegment: 3 }, 'matrices'],
    [alignment, { rows: 5, columns: 7 }, 'matrices'],
    [monotoneAlignment, { rows: 4, columns: 9 }, 'matrices'],
    [ctc, { frames: 8, classes: 3, labels: [1, 2] }, 'matrices'],
    [binaryTree, { leaves: 5 }, 'matrices'],
    [knapsack, { weights: [1, 2, 3, 1, 2, 3, 1, 2], capacity: 6 }, 'strips'],
    [nonCrossingPairs, { length: 6 }, 'pairs'],
  ].map(([factory, options, draw]) => ({
    factory,
    options,
    relaxations: ['exponential-family', 'sparsemap'],
    draw,
    utility: (trick) => drawn(trick, 6),
  })),
];

/** The pictures by name, `gallery/<factory>-<relaxation>`. */
export const gallery = Object.fromEntries(
  structures.flatMap(({ factory, options, relaxations, draw, utility }) =>
    relaxations.map((relaxation) => [
      `gallery/${[factory.name, relaxation].filter(Boolean).join('-')}`,
      () => {
        const trick = factory({ ...options, ...(relaxation && { relaxation }) });
        return {
          ...drawing[draw](trick, cooling(trick, utility(trick), temperatures)),
          title: [factory.name, relaxation].filter(Boolean).join(', '),
          description: 'Soft at temperatures 1 and 0.2, then hard.',
        };
      },
    ]),
  ),
);
