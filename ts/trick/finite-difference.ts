/**
 * `dL/dU` by central differences of the relaxation along the cotangent (Domke, 2010; paper, section 5):
 *
 *     dL/dU ~ [X_t(U + h g) - X_t(U - h g)] / (2 h),   h = epsilon / max|g|  (row by row).
 *
 * It is valid where the Jacobian is symmetric, and needs two solves and no derivative. The step is scaled by the
 * cotangent because the error is of order `h^2 |g|^3`.
 *
 * @param softmax the relaxation at the chosen temperature
 */
export function finiteDifferenceVjp(
  softmax: (utility: Float64Array) => Float64Array,
  utility: Float64Array,
  cotangent: Float64Array,
  dimension: number,
  epsilon: number,
  gradient: Float64Array,
): void {
  const forward = new Float64Array(utility.length);
  const backward = new Float64Array(utility.length);
  const scales = new Float64Array(dimension === 0 ? 0 : utility.length / dimension);
  for (let row = 0; row < scales.length; row++) {
    const start = row * dimension;
    let scale = 0;
    for (let i = start; i < start + dimension; i++) scale = Math.max(scale, Math.abs(cotangent[i]));
    scales[row] = scale;
    for (let i = start; i < start + dimension; i++) {
      const step = scale === 0 ? 0 : epsilon * (cotangent[i] / scale);
      forward[i] = utility[i] + step;
      backward[i] = utility[i] - step;
    }
  }
  const above = softmax(forward);
  const below = softmax(backward);
  for (let i = 0; i < gradient.length; i++) {
    gradient[i] = ((above[i] - below[i]) / (2 * epsilon)) * scales[Math.floor(i / dimension)];
  }
}
