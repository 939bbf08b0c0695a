// What can be played with: small structures, the parameters that can be dragged, and how results are drawn.
import {
  arborescence,
  correlatedTopK,
  matching,
  neuralSort,
  oneHot,
  permutahedron,
  projectiveTree,
  spanningTree,
  subset,
  topK,
} from '../../dist/index.js';

const numbered = (n, word) => Array.from({ length: n }, (_, i) => ({ place: i, label: `${word} ${i}` }));
const cells = (size, row, column) =>
  Array.from({ length: size * size }, (_, place) => ({
    place,
    label: `${row} ${Math.floor(place / size)}, ${column} ${place % size}`,
  }));
/** Edges of matrices [head, modifier]: no vertex is its own head, and vertex 0, the root, has none. */
const heads = (size) =>
  cells(size, 'head', 'modifier').filter(
    ({ place }) => place % size !== 0 && place % size !== Math.floor(place / size),
  );

/**
 * By name: the factory with its options, its relaxations (the first is the default), the parameters that can be set,
 * and the picture: cells in so many columns, or a graph on a circle with the edge of each place.
 */
export const structures = {
  oneHot: {
    title: 'One of six categories',
    factory: oneHot,
    options: { categories: 6 },
    relaxations: ['categorical-entropy', 'euclidean', 'entmax', 'binary-entropy', 'sparsemap'],
    parameters: numbered(6, 'category'),
    picture: { columns: 6 },
  },
  subset: {
    title: 'Any subset of six elements',
    factory: subset,
    options: { elements: 6 },
    relaxations: ['binary-entropy', 'sparsemap'],
    parameters: numbered(6, 'element'),
    picture: { columns: 6 },
  },
  topK: {
    title: 'Two of six elements',
    factory: topK,
    options: { elements: 6, k: 2 },
    relaxations: [
      'exponential-family',
      'euclidean',
      'categorical-entropy',
      'entmax',
      'binary-entropy',
      'softsub',
      'sparsemap',
    ],
    parameters: numbered(6, 'element'),
    picture: { columns: 6 },
  },
  correlatedTopK: {
    title: 'Two of five elements in a row, then their neighbouring pairs',
    factory: correlatedTopK,
    options: { elements: 5, k: 2 },
    relaxations: ['exponential-family', 'sparsemap'],
    parameters: [
      ...numbered(5, 'element'),
      ...Array.from({ length: 4 }, (_, i) => ({ place: 5 + i, label: `pair ${i}, ${i + 1}` })),
    ],
    picture: { columns: 9 },
  },
  matching: {
    title: 'A matching of four rows with four columns',
    factory: matching,
    options: { size: 4 },
    relaxations: ['sinkhorn', 'exponential-family', 'sparsemap'],
    parameters: cells(4, 'row', 'column'),
    picture: { columns: 4 },
  },
  permutahedron: {
    title: 'The ranks of five elements',
    factory: permutahedron,
    options: { elements: 5, weights: [1, 0.75, 0.5, 0.25, 0] },
    relaxations: ['euclidean', 'categorical-entropy'],
    parameters: numbered(5, 'element'),
    picture: { columns: 5 },
  },
  neuralSort: {
    title: 'A ranking of five scores',
    factory: neuralSort,
    options: { elements: 5 },
    relaxations: [],
    parameters: numbered(5, 'score'),
    picture: { columns: 5 },
  },
  spanningTree: {
    title: 'A spanning tree of five vertices',
    factory: spanningTree,
    options: { vertices: 5 },
    relaxations: ['exponential-family', 'sparsemap'],
    parameters: spanningTree({ vertices: 5 }).edges.map(([i, j], place) => ({
      place,
      label: `edge ${i}-${j}`,
    })),
    picture: {
      vertices: 5,
      edges: spanningTree({ vertices: 5 }).edges.map(([i, j], place) => [i, j, place]),
    },
  },
  arborescence: {
    title: 'An arborescence of four vertices, vertex 0 its root',
    factory: arborescence,
    options: { vertices: 4 },
    relaxations: ['exponential-family', 'sparsemap'],
    parameters: heads(4),
    picture: {
      vertices: 4,
      directed: true,
      edges: heads(4).map(({ place }) => [Math.floor(place / 4), place % 4, place]),
    },
  },
  projectiveTree: {
    title: 'A projective parse of four words, rows their heads',
    factory: projectiveTree,
    options: { words: 4 },
    relaxations: ['exponential-family', 'perturb-and-parse', 'sparsemap'],
    parameters: heads(5),
    picture: { columns: 5 },
  },
};
