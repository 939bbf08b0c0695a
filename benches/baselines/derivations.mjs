// Dynamic programs in plain JavaScript, as one writes them: sums of exponentials in the log domain, forwards and backwards,
// and a second pass of derivatives for the gradient.
import { addGumbel } from './noise.mjs';

/**
 * Linear chains of `n` positions and `states` states: Viterbi, and forward-backward on logarithms; the gradient of g.X_t is a
 * forward and a backward pass of (value, derivative).
 */
export function linearChainBaseline(n, states) {
  const unary = n * states;
  const pair = (i, s, next) => unary + (i * states + s) * states + next;
  const alpha = new Float64Array(n * states);
  const beta = new Float64Array(n * states);
  const alphaSlope = new Float64Array(n * states);
  const betaSlope = new Float64Array(n * states);
  const terms = new Float64Array(states);
  const slopes = new Float64Array(states);
  const marginal = new Float64Array(unary + (n - 1) * states * states);
  const from = new Int32Array(n * states);
  return { perturb: addGumbel, argmax, softmax, softmaxVjp };

  function argmax(u, out) {
    out.fill(0);
    const best = alpha;
    for (let s = 0; s < states; s++) best[(n - 1) * states + s] = u[(n - 1) * states + s];
    for (let i = n - 2; i >= 0; i--) {
      for (let s = 0; s < states; s++) {
        let [most, at] = [Number.NEGATIVE_INFINITY, 0];
        for (let next = 0; next < states; next++) {
          const value = u[pair(i, s, next)] + best[(i + 1) * states + next];
          if (value > most) [most, at] = [value, next];
        }
        best[i * states + s] = u[i * states + s] + most;
        from[i * states + s] = at;
      }
    }
    let s = 0;
    for (let other = 1; other < states; other++) if (best[other] > best[s]) s = other;
    for (let i = 0; i < n; i++) {
      out[i * states + s] = 1;
      if (i + 1 < n) {
        const next = from[i * states + s];
        out[pair(i, s, next)] = 1;
        s = next;
      }
    }
  }

  /** log sum exp of the terms, and its derivative by theirs. */
  function logSum() {
    let largest = Number.NEGATIVE_INFINITY;
    for (let s = 0; s < states; s++) largest = Math.max(largest, terms[s]);
    let [sum, slope] = [0, 0];
    for (let s = 0; s < states; s++) {
      const weight = Math.exp(terms[s] - largest);
      sum += weight;
      slope += weight * slopes[s];
    }
    return [largest + Math.log(sum), slope / sum];
  }

  /** Fills alpha and beta, and with a direction g their derivatives along it; returns those of log Z. */
  function pass(u, t, g) {
    const along = (i) => (g === undefined ? 0 : g[i] / t);
    for (let s = 0; s < states; s++) {
      alpha[s] = u[s] / t;
      alphaSlope[s] = along(s);
      beta[(n - 1) * states + s] = betaSlope[(n - 1) * states + s] = 0;
    }
    for (let i = 1; i < n; i++) {
      for (let s = 0; s < states; s++) {
        for (let last = 0; last < states; last++) {
          terms[last] = alpha[(i - 1) * states + last] + u[pair(i - 1, last, s)] / t;
          slopes[last] = alphaSlope[(i - 1) * states + last] + along(pair(i - 1, last, s));
        }
        const [value, slope] = logSum();
        alpha[i * states + s] = value + u[i * states + s] / t;
        alphaSlope[i * states + s] = slope + along(i * states + s);
      }
    }
    for (let i = n - 2; i >= 0; i--) {
      for (let s = 0; s < states; s++) {
        for (let next = 0; next < states; next++) {
          const at = (i + 1) * states + next;
          terms[next] = beta[at] + (u[pair(i, s, next)] + u[at]) / t;
          slopes[next] = betaSlope[at] + along(pair(i, s, next)) + along(at);
        }
        [beta[i * states + s], betaSlope[i * states + s]] = logSum();
      }
    }
    for (let s = 0; s < states; s++) {
      terms[s] = alpha[(n - 1) * states + s];
      slopes[s] = alphaSlope[(n - 1) * states + s];
    }
    return logSum();
  }

  function softmax(u, t, out) {
    const [log] = pass(u, t);
    fill(u, t, out, log);
  }

  function fill(u, t, out, log) {
    for (let at = 0; at < unary; at++) out[at] = Math.exp(alpha[at] + beta[at] - log);
    for (let i = 0; i + 1 < n; i++) {
      for (let s = 0; s < states; s++) {
        for (let next = 0; next < states; next++) {
          const [a, b] = [i * states + s, (i + 1) * states + next];
          out[pair(i, s, next)] = Math.exp(alpha[a] + beta[b] + (u[pair(i, s, next)] + u[b]) / t - log);
        }
      }
    }
  }

  function softmaxVjp(u, t, g, out) {
    const [log, slope] = pass(u, t, g);
    fill(u, t, marginal, log);
    for (let at = 0; at < unary; at++) out[at] = marginal[at] * (alphaSlope[at] + betaSlope[at] - slope);
    for (let i = 0; i + 1 < n; i++) {
      for (let s = 0; s < states; s++) {
        for (let next = 0; next < states; next++) {
          const [a, b, c] = [i * states + s, (i + 1) * states + next, pair(i, s, next)];
          out[c] = marginal[c] * (alphaSlope[a] + betaSlope[b] + (g[c] + g[b]) / t - slope);
        }
      }
    }
  }
}
