// Random utilities in plain JavaScript, one row at a time.

/** `out = theta + Gumbel(0)`. */
export function addGumbel(theta, out) {
  for (let i = 0; i < theta.length; i++) out[i] = theta[i] - Math.log(-Math.log(Math.random()));
}

/** `out = theta + Logistic(0)`. */
export function addLogistic(theta, out) {
  for (let i = 0; i < theta.length; i++) {
    const uniform = Math.random();
    out[i] = theta[i] + Math.log(uniform / (1 - uniform));
  }
}
