// Spanning trees of complete graphs in plain JavaScript: Kruskal's algorithm for the hard tree, the inverse of the
// Laplacian without vertex 0 for the soft one, `mu_e = w_e b_e^T G b_e`, and for its gradient
// `dL/du_e = w_e (g_e b_e^T G b_e - b_e^T G S G b_e) / t` with `S = sum_e g_e w_e b_e b_e^T`.
import { invert, multiply } from './dense.mjs';
import { addGumbel } from './noise.mjs';

/** The operations on rows of utilities, one for each pair of vertices. */
export function spanningTreeBaseline(vertices) {
  const size = vertices - 1;
  const ends = [];
  for (let i = 0; i < vertices; i++) for (let j = i + 1; j < vertices; j++) ends.push([i, j]);
  const order = ends.map((_, edge) => edge);
  const parents = new Int32Array(vertices);
  const [weights, resistances, weighted] = [0, 0, 0].map(() => new Float64Array(ends.length));
  const [inverse, middle, product] = [0, 0, 0].map(() => new Float64Array(size * size));
  return { perturb: addGumbel, argmax, softmax, softmaxVjp };

  function argmax(utility, out) {
    order.sort((a, b) => utility[b] - utility[a] || a - b);
    for (let v = 0; v < vertices; v++) parents[v] = v;
    out.fill(0);
    let missing = size;
    for (let e = 0; missing > 0; e++) {
      const [a, b] = [root(ends[order[e]][0]), root(ends[order[e]][1])];
      if (a === b) continue;
      parents[a] = b;
      out[order[e]] = 1;
      missing--;
    }
  }

  function root(vertex) {
    let v = vertex;
    while (parents[v] !== v) {
      parents[v] = parents[parents[v]];
      v = parents[v];
    }
    return v;
  }

  function softmax(utility, temperature, out) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let e = 0; e < weights.length; e++) largest = Math.max(largest, utility[e]);
    for (let e = 0; e < weights.length; e++) weights[e] = Math.exp((utility[e] - largest) / temperature);
    fillLaplacian(weights, inverse);
    invert(inverse, size);
    fillQuadraticForms(inverse, resistances);
    for (let e = 0; e < weights.length; e++) out[e] = weights[e] * resistances[e];
  }

  function softmaxVjp(utility, temperature, cotangent, out) {
    softmax(utility, temperature, out);
    for (let e = 0; e < weights.length; e++) weighted[e] = cotangent[e] * weights[e];
    fillLaplacian(weighted, middle);
    multiply(inverse, middle, product, size);
    multiply(product, inverse, middle, size);
    fillQuadraticForms(middle, out);
    for (let e = 0; e < weights.length; e++) {
      out[e] = (weights[e] * (cotangent[e] * resistances[e] - out[e])) / temperature;
    }
  }

  function fillLaplacian(edgeWeights, matrix) {
    matrix.fill(0);
    for (let i = 0; i < size; i++) matrix[i * size + i] = edgeWeights[i];
    for (let i = 0, e = size; i < size; i++) {
      for (let j = i + 1; j < size; j++, e++) {
        const w = edgeWeights[e];
        matrix[i * size + j] = matrix[j * size + i] = -w;
        matrix[i * size + i] += w;
        matrix[j * size + j] += w;
      }
    }
  }

  function fillQuadraticForms(matrix, forms) {
    for (let i = 0; i < size; i++) forms[i] = matrix[i * size + i];
    for (let i = 0, e = size; i < size; i++) {
      for (let j = i + 1; j < size; j++, e++) {
        forms[e] = matrix[i * size + i] + matrix[j * size + j] - 2 * matrix[i * size + j];
      }
    }
  }
}
