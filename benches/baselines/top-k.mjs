// k-subsets in plain JavaScript: sorting for the hard one; elementary symmetric polynomials of prefixes and suffixes
// for the soft one, carried along with their derivatives for its gradient.
import { addGumbel } from './noise.mjs';

/** The operations on rows of `n` elements. */
export function topKBaseline(n, k) {
  const width = k + 1;
  const order = Array.from({ length: n }, (_, i) => i);
  const weights = new Float64Array(n);
  const slopes = new Float64Array(n);
  const prefixes = new Float64Array((n + 1) * width);
  const prefixSlopes = new Float64Array((n + 1) * width);
  const suffix = new Float64Array(width);
  const suffixSlopes = new Float64Array(width);
  return { perturb: addGumbel, argmax, softmax, softmaxVjp };

  function argmax(utility, out) {
    order.sort((a, b) => utility[b] - utility[a] || a - b);
    out.fill(0);
    for (let j = 0; j < k; j++) out[order[j]] = 1;
  }

  function fillWeights(utility, temperature) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) largest = Math.max(largest, utility[i]);
    for (let i = 0; i < n; i++) weights[i] = Math.exp((utility[i] - largest) / temperature);
  }

  function softmax(utility, temperature, out) {
    fillWeights(utility, temperature);
    prefixes.fill(0, 0, width);
    prefixes[0] = 1;
    for (let i = 0; i < n; i++) {
      const [from, to] = [i * width, (i + 1) * width];
      prefixes[to] = 1;
      for (let j = 1; j <= k; j++)
        prefixes[to + j] = prefixes[from + j] + weights[i] * prefixes[from + j - 1];
    }
    const partition = prefixes[n * width + k];
    suffix.fill(0);
    suffix[0] = 1;
    for (let i = n - 1; i >= 0; i--) {
      let others = 0;
      for (let j = 0; j < k; j++) others += prefixes[i * width + j] * suffix[k - 1 - j];
      out[i] = (weights[i] * others) / partition;
      for (let j = k; j > 0; j--) suffix[j] += weights[i] * suffix[j - 1];
    }
  }

  function softmaxVjp(utility, temperature, cotangent, out) {
    fillWeights(utility, temperature);
    for (let i = 0; i < n; i++) slopes[i] = weights[i] * cotangent[i];
    prefixes.fill(0, 0, width);
    prefixSlopes.fill(0);
    prefixes[0] = 1;
    for (let i = 0; i < n; i++) {
      const [from, to] = [i * width, (i + 1) * width];
      prefixes[to] = 1;
      for (let j = 1; j <= k; j++) {
        const before = prefixes[from + j - 1];
        prefixes[to + j] = prefixes[from + j] + weights[i] * before;
        prefixSlopes[to + j] =
          prefixSlopes[from + j] + weights[i] * prefixSlopes[from + j - 1] + slopes[i] * before;
      }
    }
    const partition = prefixes[n * width + k];
    const partitionSlope = prefixSlopes[n * width + k];
    suffix.fill(0);
    suffixSlopes.fill(0);
    suffix[0] = 1;
    for (let i = n - 1; i >= 0; i--) {
      let others = 0;
      let othersSlope = 0;
      for (let j = 0; j < k; j++) {
        const [prefix, after] = [prefixes[i * width + j], suffix[k - 1 - j]];
        others += prefix * after;
        othersSlope += prefixSlopes[i * width + j] * after + prefix * suffixSlopes[k - 1 - j];
      }
      const probability = (weights[i] * others) / partition;
      const numeratorSlope = slopes[i] * others + weights[i] * othersSlope;
      out[i] = (numeratorSlope - probability * partitionSlope) / (partition * temperature);
      for (let j = k; j > 0; j--) {
        suffixSlopes[j] += weights[i] * suffixSlopes[j - 1] + slopes[i] * suffix[j - 1];
        suffix[j] += weights[i] * suffix[j - 1];
      }
    }
  }
}
