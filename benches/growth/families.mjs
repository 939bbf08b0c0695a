// The structures whose growth is measured, one entry each: the sizes n, the trick of a size, and the exponents that the
// algorithms have in theory. Theory counts operations; caches and registers bend what is measured.
import {
  alignment,
  arborescence,
  binaryTree,
  correlatedTopK,
  independentEdges,
  linearChain,
  matching,
  neuralSort,
  oneHot,
  permutahedron,
  projectiveTree,
  spanningTree,
  subset,
  topK,
} from '../../dist/index.js';

const linear = { argmax: '1', softmax: '1', softmaxVjp: '1' };
const quadratic = { argmax: '1', softmax: '2', softmaxVjp: '2' };
const cubic = { argmax: '3', softmax: '3', softmaxVjp: '3' };

export const families = [
  {
    name: 'oneHot',
    sizes: [64, 128, 256, 512, 1024],
    trick: (categories) => oneHot({ categories }),
    theory: linear,
  },
  {
    name: 'subset',
    sizes: [64, 128, 256, 512, 1024],
    trick: (elements) => subset({ elements }),
    theory: linear,
  },
  {
    name: 'topK, k = 10',
    sizes: [64, 128, 256, 512],
    trick: (elements) => topK({ elements, k: 10 }),
    theory: linear,
  },
  {
    name: 'topK, k = n/2',
    sizes: [32, 64, 128, 256],
    trick: (elements) => topK({ elements, k: elements / 2 }),
    theory: quadratic,
  },
  ...['euclidean', 'categorical-entropy', 'entmax', 'binary-entropy', 'softsub', 'l2x'].map((relaxation) => ({
    name: `topK, k = 10, ${relaxation}`,
    sizes: [64, 128, 256, 512],
    trick: (elements) => topK({ elements, k: 10, relaxation }),
    theory: linear,
  })),
  {
    name: 'correlatedTopK, k = 10',
    sizes: [64, 128, 256, 512],
    trick: (elements) => correlatedTopK({ elements, k: 10 }),
    theory: linear,
  },
  {
    name: 'linearChain, 5 states',
    sizes: [16, 32, 64, 128],
    trick: (length) => linearChain({ length, states: 5 }),
    theory: linear,
  },
  {
    name: 'alignment, n x n',
    sizes: [8, 16, 32, 64],
    trick: (n) => alignment({ rows: n, columns: n }),
    theory: { argmax: '2', softmax: '2', softmaxVjp: '2' },
  },
  {
    name: 'binaryTree',
    sizes: [8, 16, 32, 64],
    trick: (leaves) => binaryTree({ leaves }),
    theory: cubic,
  },
  { name: 'matching', sizes: [16, 32, 64, 128], trick: (size) => matching({ size }), theory: cubic },
  {
    name: 'matching, exponential-family',
    sizes: [6, 8, 10, 12],
    trick: (size) => matching({ size, relaxation: 'exponential-family' }),
    theory: { argmax: '3', softmax: '2^n n', softmaxVjp: '2^n n' },
  },
  ...['euclidean', 'categorical-entropy'].map((relaxation) => ({
    name: `permutahedron, ${relaxation}`,
    sizes: [128, 256, 512, 1024],
    trick: (elements) => permutahedron({ elements, relaxation }),
    theory: { argmax: 'n log n', softmax: 'n log n', softmaxVjp: 'n log n' },
  })),
  {
    name: 'neuralSort',
    sizes: [32, 64, 128, 256],
    trick: (elements) => neuralSort({ elements }),
    theory: { argmax: '2 (n² results)', softmax: '2', softmaxVjp: '2' },
  },
  ...[false, true].map((directed) => ({
    name: `independentEdges, ${directed ? 'directed' : 'undirected'}`,
    sizes: [16, 32, 64, 128],
    trick: (vertices) => independentEdges({ vertices, directed }),
    theory: { argmax: '2', softmax: '2', softmaxVjp: '2' },
  })),
  {
    name: 'spanningTree, complete',
    sizes: [16, 32, 64, 128],
    trick: (vertices) => spanningTree({ vertices }),
    theory: { argmax: '2', softmax: '3', softmaxVjp: '3' },
  },
  {
    name: 'arborescence, complete',
    sizes: [16, 32, 64, 128],
    trick: (vertices) => arborescence({ vertices }),
    theory: { argmax: '2', softmax: '3', softmaxVjp: '3' },
  },
  ...['exponential-family', 'perturb-and-parse'].map((relaxation) => ({
    name: `projectiveTree, ${relaxation}`,
    sizes: [8, 16, 32, 64],
    trick: (words) => projectiveTree({ words, relaxation }),
    theory: cubic,
  })),
  {
    name: 'spanningTree, grid of n vertices',
    sizes: [16, 64, 144, 256],
    trick: (vertices) => spanningTree({ vertices, edges: grid(Math.sqrt(vertices)) }),
    theory: { argmax: '1 (n log n)', softmax: '3', softmaxVjp: '3' },
  },
];

/** The edges of a square grid. */
function grid(side) {
  const at = (row, column) => row * side + column;
  const edges = [];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (column + 1 < side) edges.push([at(row, column), at(row, column + 1)]);
      if (row + 1 < side) edges.push([at(row, column), at(row + 1, column)]);
    }
  }
  return edges;
}
