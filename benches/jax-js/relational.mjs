// The model of `sst train nri` in jax-js: the same sizes, parameters and formulas as in ts/experiments/nri, node-major
// as there. Functions of jax-js consume their arguments: `x.ref` is for one use more.

const encoderEpsilon = 1e-5;

/** The loss [nll + kl] of parameters, a batch and the noise of its utilities. */
export function relationalLoss({ numpy: np, nn, lax }, { vertices, rollout, variance }, sequences) {
  const sumByPair = pairPlaces(np, vertices);
  const identity = np.eye(vertices);
  const upper = np.triu(np.ones([vertices, vertices]));
  const identities = np.array(np.tile(np.eye(vertices), [sequences, 1, 1]).dataSync(), {
    shape: [sequences, vertices, vertices],
  });
  const distinct = () => np.subtract(1, identity.ref);
  /** [ordered pairs x rows, 1]: 0 at (v, v). */
  const onPairs = (x, rows) => np.broadcastTo(x.reshape([-1, 1]), [vertices ** 2, rows]).reshape([-1, 1]);

  function edgeLayer(w, name, x, activation, more) {
    const sent = np.matmul(x.ref, w[`${name}.sender`].ref);
    const received = np.matmul(x, w[`${name}.receiver`].ref).add(w[`${name}.bias1`].ref);
    const outputs = sent.shape[1];
    const sums = sent.reshape([vertices, 1, -1, outputs]).add(received.reshape([1, vertices, -1, outputs]));
    const pre = sums.reshape([-1, outputs]);
    return activation(more ? pre.add(more) : pre);
  }

  const dense = (w, layer, n, x) =>
    np.matmul(x, w[`${layer}.weight${n}`].ref).add(w[`${layer}.bias${n}`].ref);

  function block(w, name, first, mask, count) {
    const second = nn.elu(dense(w, name, 2, first));
    const masked = (x) => (mask ? x.mul(mask.ref) : x);
    const mean = np.sum(masked(second.ref), 0).div(count);
    const centred = masked(second.sub(mean));
    const spread = np.sum(np.square(centred.ref), 0).div(count).add(encoderEpsilon);
    return centred.div(np.sqrt(spread)).mul(w[`${name}.scale`].ref).add(w[`${name}.shift`].ref);
  }

  function encode(w, x) {
    const rows = vertices * sequences;
    const mask = onPairs(distinct(), sequences);
    const onEdges = vertices * (vertices - 1) * sequences;
    const vertexBlock = (name, input) => {
      const first = np.matmul(input, w[`${name}.input`].ref).add(w[`${name}.bias1`].ref);
      return block(w, name, nn.elu(first), undefined, rows);
    };
    const edgeBlock = (name, input, more) =>
      block(w, name, edgeLayer(w, name, input, nn.elu, more), mask, onEdges);

    const nodes = vertexBlock('encoder.node1', x);
    const skip = edgeBlock('encoder.edge1', nodes);
    const gathered = np.sum(skip.ref.mul(mask.ref).reshape([vertices, rows, -1]), 0).div(vertices);
    const refined = vertexBlock('encoder.node2', gathered);
    const edges = edgeBlock('encoder.edge2', refined, np.matmul(skip, w['encoder.edge2.skip'].ref));
    mask.dispose();
    const logits = np.matmul(edges, w['encoder.output.weight'].ref).add(w['encoder.output.bias'].ref);
    return logits.reshape([vertices ** 2, sequences]);
  }

  /**
   * Inverses of positive definite matrices. `jit` of jax-js 0.1.25 compiles neither `linalg.inv` nor `solve`, so:
   * U^T U = a, S = U^-T, the inverse G = S^T S. One step of Newton's, 2 G - G a G, leaves it as it is and has its
   * gradient.
   */
  function inverseOf(a) {
    const lower = np.linalg.cholesky(lax.stopGradient(a.ref));
    const factor = np.matrixTranspose(lower).mul(upper.ref);
    const s = lax.linalg.triangularSolve(factor, identities.ref, { transposeA: true });
    const g = lax.stopGradient(np.matmul(np.matrixTranspose(s.ref), s));
    return g.ref.mul(2).sub(np.matmul(np.matmul(g.ref, a), g));
  }

  /** Marginals of edges, w_ij (G_ii + G_jj - 2 G_ij) for w = exp(utility), G = (L + 11^T)^-1; [sequences, v, v]. */
  function treeMarginals(utility) {
    const shift = lax.stopGradient(np.max(utility.ref, 1, { keepdims: true }));
    const weights = np.matmul(np.exp(utility.sub(shift)), np.transpose(sumByPair.ref));
    const w = weights.reshape([sequences, vertices, vertices]);
    const degrees = np.sum(w.ref, 2).reshape([sequences, vertices, 1]).mul(identity.ref);
    const inverse = inverseOf(degrees.sub(w.ref).add(1));
    const diagonal = np.sum(inverse.ref.mul(identity.ref), 2);
    const ends = diagonal.ref
      .reshape([sequences, vertices, 1])
      .add(diagonal.reshape([sequences, 1, vertices]));
    return w.mul(ends.sub(inverse.mul(2)));
  }

  function decodeStep(w, x, present, absent) {
    const received = (name, share) => {
      const first = edgeLayer(w, name, x.ref, nn.relu);
      const messages = nn.relu(dense(w, name, 2, first));
      const hidden = messages.shape[1];
      return np.sum(messages.mul(share).reshape([vertices, vertices * sequences, hidden]), 0);
    };
    const messages = received('decoder.present', present).add(received('decoder.absent', absent));
    const first = np
      .matmul(x.ref, w['decoder.output.position'].ref)
      .add(np.matmul(messages, w['decoder.output.message'].ref))
      .add(w['decoder.output.bias1'].ref);
    const second = nn.relu(dense(w, 'decoder.output', 2, nn.relu(first)));
    return x.add(dense(w, 'decoder.output', 3, second));
  }

  return (w, { trajectories, starts, targets, noise }) => {
    const logits = encode(w, trajectories);
    const theta = np.transpose(np.matmul(np.transpose(sumByPair.ref), logits).div(2));
    const kl = np.sum(np.exp(np.negative(theta.ref)).add(theta.ref).sub(1));
    const marginals = treeMarginals(theta.add(noise));
    const edges = np.transpose(marginals.reshape([sequences, vertices ** 2]));
    const absent = distinct().reshape([-1, 1]).sub(edges.ref).reshape([-1, 1]);
    const present = edges.reshape([-1, 1]);
    let positions = starts;
    let squares = np.array(0);
    for (let ahead = 0; ahead < rollout; ahead++) {
      positions = decodeStep(w, positions, present.ref, absent.ref);
      squares = squares.add(np.sum(np.square(positions.ref.sub(targets[ahead]))));
    }
    for (const used of [positions, present, absent, ...Object.values(w)]) used.dispose();
    return squares
      .div(2 * variance)
      .add(kl)
      .div(vertices * sequences);
  };
}

/** [ordered pairs, pairs]: places a pair's value in both directions. */
function pairPlaces(np, vertices) {
  const pairs = (vertices * (vertices - 1)) / 2;
  const cells = new Float32Array(vertices ** 2 * pairs);
  let pair = 0;
  for (let i = 0; i < vertices; i++) {
    for (let j = i + 1; j < vertices; j++, pair++) {
      cells[(i * vertices + j) * pairs + pair] = 1;
      cells[(j * vertices + i) * pairs + pair] = 1;
    }
  }
  return np.array(cells, { shape: [vertices ** 2, pairs] });
}
