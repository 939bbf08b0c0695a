// The multilayer perceptron of benches/support/networks.mjs in jax-js.

/** The mean squared error of parameters kernel0, bias0, ... on data { x, y }. */
export function perceptronLoss({ numpy: np, nn }, layers) {
  return (w, { x, y }) => {
    let value = x;
    for (let layer = 0; layer < layers; layer++) {
      value = np.matmul(value, w[`kernel${layer}`]).add(w[`bias${layer}`]);
      if (layer < layers - 1) value = nn.relu(value);
    }
    return np.mean(np.square(value.sub(y)));
  };
}
