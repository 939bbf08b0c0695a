/**
 * A compiled training step of jax-js: the loss, its gradient and Adam (Kingma and Ba, 2015) as one function of
 * parameters, moments, the number of the step and data.
 */
export function trainingStep({ numpy: np, jit, valueAndGrad, tree }, loss, { learningRate, epsilon }) {
  return jit((parameters, means, squares, step, data) => {
    const kept = tree.ref(parameters);
    const [value, gradient] = valueAndGrad(loss)(kept, data);
    const correction = (beta) => np.subtract(1, np.exp(step.ref.mul(Math.log(beta))));
    const [byMean, bySquare] = [correction(0.9), correction(0.999)];
    const moved = {};
    const newMeans = {};
    const newSquares = {};
    for (const [name, g] of Object.entries(gradient)) {
      newMeans[name] = means[name].mul(0.9).add(g.ref.mul(0.1));
      newSquares[name] = squares[name].mul(0.999).add(np.square(g).mul(0.001));
      const deviation = np.sqrt(newSquares[name].ref.div(bySquare.ref)).add(epsilon);
      const change = newMeans[name].ref.div(byMean.ref).mul(learningRate).div(deviation);
      moved[name] = parameters[name].sub(change);
    }
    for (const used of [byMean, bySquare, step]) used.dispose();
    return [value, moved, newMeans, newSquares];
  });
}
