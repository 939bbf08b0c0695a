// One picture a structure: the hard choice, and what the temperature makes of it.
import {
  alignment,
  arborescence,
  correlatedTopK,
  independentEdges,
  matching,
  neuralSort,
  oneHot,
  permutahedron,
  projectiveTree,
  spanningTree,
  subset,
  topK,
} from '../../dist/index.js';
import { arcs } from './arcs.mjs';
import { cooling, drawn, onCircle, scaledRanks, words } from './cooling.mjs';
import { gallery } from './gallery.mjs';
import { graphs } from './graphs.mjs';
import { matrices } from './matrices.mjs';
import { strips } from './strips.mjs';

/** The pictures by name: the file in docs/pictures/. */
export const pictures = {
  'one-hot': () =>
    strips({
      title: 'One of eight categories',
      description: 'Softmax and sparsemax of the same utilities, from warm to cold.',
      groups: ['categorical-entropy', 'euclidean'].map((relaxation) => ({
        name: relaxation,
        rows: cooling(oneHot({ categories: 8, relaxation }), words),
      })),
    }),

  subset: () =>
    strips({
      title: 'Any subset of eight elements',
      description: 'Each element is in or out by the sign of its utility; warmer, it is in by a part.',
      groups: [{ name: 'binary-entropy', rows: cooling(subset({ elements: 8 }), words) }],
    }),

  'independent-edges': () => {
    const trick = independentEdges({ vertices: 8 });
    return graphs({
      title: 'Independent edges between eight vertices',
      description:
        'The probability of each edge as its strength, from warm to cold; last, those of positive utility.',
      positions: onCircle(8),
      edges: trick.edges,
      panels: cooling(trick, drawn(trick, 5, new Float64Array(trick.parameterDimension).fill(-1))),
    });
  },

  'top-k': () =>
    strips({
      title: 'Three of eight elements, by relaxation',
      description: 'All relaxations of the same utilities at temperature 0.5, and the hard choice.',
      groups: [
        {
          name: 't = 0.5',
          rows: [
            ...['exponential-family', 'binary-entropy', 'categorical-entropy', 'euclidean', 'softsub'].map(
              (relaxation) => ({
                label: relaxation,
                values: Array.from(topK({ elements: 8, k: 3, relaxation, temperature: 0.5 }).softmax(words)),
              }),
            ),
            { label: 'hard', values: Array.from(topK({ elements: 8, k: 3 }).argmax(words)) },
          ],
        },
      ],
    }),

  'correlated-top-k': () => {
    const trick = correlatedTopK({ elements: 8, k: 3 });
    const pairs = [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5];
    const rows = cooling(trick, [...words, ...pairs]);
    const part = (from, to) => rows.map(({ label, values }) => ({ label, values: values.slice(from, to) }));
    return strips({
      title: 'Three of eight elements, neighbours preferred',
      description: 'Every pair of neighbours is worth 1.5 more: the choice becomes a run. Below, the pairs.',
      groups: [
        { name: 'elements', rows: part(0, 8) },
        { name: 'neighbouring pairs', rows: part(8, 15) },
      ],
    });
  },

  'spanning-tree': () => {
    const trick = spanningTree({ vertices: 8 });
    const utility = drawn(trick, 5);
    return graphs({
      title: 'A spanning tree of eight vertices',
      description: 'The probability of each edge as its strength, from warm to cold; last, the maximum tree.',
      positions: onCircle(8),
      edges: trick.edges,
      panels: cooling(trick, utility),
    });
  },

  arborescence: () => {
    const trick = arborescence({ vertices: 7 });
    const utility = drawn(trick, 3);
    const places = trick.edges.map(([head, modifier]) => head * 7 + modifier);
    return graphs({
      title: 'An arborescence of seven vertices',
      description:
        'Every vertex but the root (the ring) has one head; an edge is drawn from its head, thin, to its modifier, thick.',
      positions: onCircle(7),
      root: 0,
      edges: trick.edges,
      panels: cooling(trick, utility).map(({ label, values }) => ({
        label,
        values: places.map((place) => values[place]),
      })),
    });
  },

  derivations: () => {
    const trick = alignment({ rows: 9, columns: 9 });
    const wave = (i) => Math.sin(0.8 * i);
    const cost = (i, j) => 3 * (wave(i) - wave(Math.max(0, j - 2))) ** 2 + 0.3;
    return matrices({
      title: 'Alignments of a wave with the same wave later',
      description: 'The cells that alignments visit, from warm to cold; last, dynamic time warping.',
      size: 9,
      panels: cooling(
        trick,
        Float64Array.from({ length: 81 }, (_, cell) => -cost(Math.floor(cell / 9), cell % 9)),
      ),
    });
  },

  matching: () => {
    const trick = matching({ size: 7 });
    return matrices({
      title: 'A matching of seven rows with seven columns',
      description: 'Doubly stochastic matrices, from warm to cold, that become the best permutation.',
      size: 7,
      panels: cooling(trick, drawn(trick, 2)),
    });
  },

  'partial-matching': () => {
    const trick = matching({ rows: 6, columns: 9, partial: true });
    return matrices({
      title: 'A partial matching of six rows with nine columns',
      description: 'From warm to cold; columns, and rows, of little worth stay alone.',
      size: 6,
      columns: 9,
      panels: cooling(trick, drawn(trick, 5)),
    });
  },

  permutahedron: () =>
    strips({
      title: 'The ranks of eight elements, scaled from 0 to 1',
      description: 'Projections of the same utilities onto the permutahedron, from warm to cold.',
      groups: ['euclidean', 'categorical-entropy'].map((relaxation) => ({
        name: relaxation,
        rows: cooling(permutahedron({ elements: 8, weights: scaledRanks, relaxation }), words),
      })),
    }),

  'neural-sort': () => {
    const trick = neuralSort({ elements: 7 });
    return matrices({
      title: 'A ranking of seven scores',
      description: 'Row i says which score is the i-th largest.',
      size: 7,
      panels: cooling(trick, [0.9, -0.4, 1.6, 0.2, -1.1, 0.4, 2.2]),
    });
  },

  'projective-tree': () => {
    const trick = projectiveTree({ words: 6 });
    return arcs({
      title: 'A projective parse of six words',
      description:
        'Arcs from heads to modifiers, as strong as they are probable; the vertical line leads from the root.',
      size: 7,
      panels: cooling(trick, drawn(trick, 8)),
    });
  },

  sparsemap: () => {
    const utility = [1.1, 0.9, 0.8, 0.1, -0.5, 0.3];
    const rows = (relaxation) => cooling(spanningTree({ vertices: 4, relaxation }), utility);
    return strips({
      title: 'The edges of a spanning tree of four vertices, by relaxation',
      description: 'The exponential family spreads over all 16 trees, SparseMAP over a few: zeros are exact.',
      groups: ['exponential-family', 'sparsemap'].map((name) => ({ name, rows: rows(name) })),
      columns: spanningTree({ vertices: 4 }).edges.map((edge) => edge.join('')),
    });
  },
  ...gallery,
};
