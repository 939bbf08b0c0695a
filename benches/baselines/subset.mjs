// Subsets in plain JavaScript.
import { addLogistic } from './noise.mjs';

/** The operations on rows of any length. */
export const subsetBaseline = {
  perturb: addLogistic,

  argmax(utility, out) {
    for (let i = 0; i < utility.length; i++) out[i] = utility[i] > 0 ? 1 : 0;
  },

  softmax(utility, temperature, out) {
    for (let i = 0; i < utility.length; i++) out[i] = 1 / (1 + Math.exp(-utility[i] / temperature));
  },

  softmaxVjp(utility, temperature, cotangent, out) {
    for (let i = 0; i < utility.length; i++) {
      const x = 1 / (1 + Math.exp(-utility[i] / temperature));
      out[i] = (cotangent[i] * x * (1 - x)) / temperature;
    }
  },
};
