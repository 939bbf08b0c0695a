// Arborescences of complete graphs in plain JavaScript, rows being matrices [head][modifier] and vertex 0 the root: the
// textbook's recursive contraction of cycles for the hard one, the inverse of the Laplacian `L = sum_e w_e b_e c_e^T`
// (b_e = c_e less the head's unit vector, c_e the modifier's) for the soft one, `mu_e = w_e c_e^T G b_e`, and for its
// gradient `dL/du_e = w_e (g_e c_e^T G b_e - c_e^T G S G b_e) / t` with `S = sum_e g_e w_e b_e c_e^T`.
import { invert, multiply } from './dense.mjs';
import { addGumbel } from './noise.mjs';

/** The operations on rows of utilities. */
export function arborescenceBaseline(vertices) {
  const size = vertices - 1;
  const [weights, forms, weighted] = [0, 0, 0].map(() => new Float64Array(vertices * vertices));
  const [inverse, middle, product] = [0, 0, 0].map(() => new Float64Array(size * size));
  return { perturb: addGumbel, argmax, softmax, softmaxVjp };

  function argmax(utility, out) {
    const edges = [];
    forEdges((e, head, modifier) => edges.push({ e, head, modifier, u: utility[e] }));
    out.fill(0);
    for (const { e } of best(vertices, edges)) out[e] = 1;
  }

  function softmax(utility, temperature, out) {
    let largest = Number.NEGATIVE_INFINITY;
    forEdges((e) => {
      largest = Math.max(largest, utility[e]);
    });
    forEdges((e) => {
      weights[e] = Math.exp((utility[e] - largest) / temperature);
    });
    fillLaplacian(weights, inverse);
    invert(inverse, size);
    fillForms(inverse, forms);
    for (let e = 0; e < weights.length; e++) out[e] = weights[e] * forms[e];
  }

  function softmaxVjp(utility, temperature, cotangent, out) {
    softmax(utility, temperature, out);
    for (let e = 0; e < weights.length; e++) weighted[e] = cotangent[e] * weights[e];
    fillLaplacian(weighted, middle);
    multiply(inverse, middle, product, size);
    multiply(product, inverse, middle, size);
    fillForms(middle, out);
    for (let e = 0; e < weights.length; e++) {
      out[e] = (weights[e] * (cotangent[e] * forms[e] - out[e])) / temperature;
    }
  }

  function forEdges(call) {
    for (let head = 0; head < vertices; head++) {
      for (let modifier = 1; modifier < vertices; modifier++) {
        if (head !== modifier) call(head * vertices + modifier, head, modifier);
      }
    }
  }

  function fillLaplacian(edgeWeights, matrix) {
    matrix.fill(0);
    forEdges((e, head, modifier) => {
      matrix[(modifier - 1) * size + modifier - 1] += edgeWeights[e];
      if (head > 0) matrix[(head - 1) * size + modifier - 1] -= edgeWeights[e];
    });
  }

  function fillForms(matrix, values) {
    forEdges((e, head, modifier) => {
      const row = (modifier - 1) * size;
      values[e] = matrix[row + modifier - 1] - (head > 0 ? matrix[row + head - 1] : 0);
    });
  }
}

/** The edges of the maximum arborescence of edges { e, head, modifier, u }, rooted at 0 (Chu and Liu; Edmonds). */
function best(vertices, edges) {
  const into = new Array(vertices).fill(undefined);
  for (const edge of edges) {
    if (into[edge.modifier] === undefined || edge.u > into[edge.modifier].u) into[edge.modifier] = edge;
  }
  const cycle = findCycle(vertices, into);
  if (cycle === undefined) return into.slice(1);
  // The vertices outside keep their order, the cycle becomes the last.
  const names = new Array(vertices).fill(-1);
  let count = 0;
  for (let v = 0; v < vertices; v++) if (!cycle.has(v)) names[v] = count++;
  for (const v of cycle) names[v] = count;
  const contracted = [];
  for (const inner of edges) {
    const [head, modifier] = [names[inner.head], names[inner.modifier]];
    if (head === modifier) continue;
    const u = modifier === count ? inner.u - into[inner.modifier].u : inner.u;
    contracted.push({ e: inner.e, head, modifier, u, inner });
  }
  const chosen = best(count + 1, contracted).map(({ inner }) => inner);
  const entered = chosen.find(({ modifier }) => cycle.has(modifier)).modifier;
  for (const v of cycle) if (v !== entered) chosen.push(into[v]);
  return chosen;
}

function findCycle(vertices, into) {
  const seenFrom = new Array(vertices).fill(0);
  for (let start = 1; start < vertices; start++) {
    let v = start;
    while (v !== 0 && seenFrom[v] === 0) {
      seenFrom[v] = start;
      v = into[v].head;
    }
    if (v === 0 || seenFrom[v] !== start) continue;
    const cycle = new Set();
    for (; !cycle.has(v); v = into[v].head) cycle.add(v);
    return cycle;
  }
  return undefined;
}
