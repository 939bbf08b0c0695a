// One-hot vectors in plain JavaScript.
import { addGumbel } from './noise.mjs';

/** The operations on rows of this many categories. */
export function oneHotBaseline(categories) {
  const probabilities = new Float64Array(categories);
  return { perturb: addGumbel, argmax, softmax, softmaxVjp };

  function argmax(utility, out) {
    let best = 0;
    for (let i = 1; i < categories; i++) if (utility[i] > utility[best]) best = i;
    out.fill(0);
    out[best] = 1;
  }

  function softmax(utility, temperature, out) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < categories; i++) largest = Math.max(largest, utility[i]);
    let sum = 0;
    for (let i = 0; i < categories; i++) {
      out[i] = Math.exp((utility[i] - largest) / temperature);
      sum += out[i];
    }
    for (let i = 0; i < categories; i++) out[i] /= sum;
  }

  function softmaxVjp(utility, temperature, cotangent, out) {
    softmax(utility, temperature, probabilities);
    let mean = 0;
    for (let i = 0; i < categories; i++) mean += probabilities[i] * cotangent[i];
    for (let i = 0; i < categories; i++) out[i] = (probabilities[i] * (cotangent[i] - mean)) / temperature;
  }
}
