/**
 * One step of the force-directed layout of Fruchterman and Reingold (1991), with the constants of NetworkX's
 * `spring_layout(iterations=1)`, in place.
 *
 * With k = 1 / sqrt(n), delta_ij = p_i - p_j and d_ij = max(|delta_ij|, 0.01), vertex i is pushed by
 * sum_j delta_ij (k^2 / d_ij^2 - A_ij d_ij / k), normalised (a push shorter than 0.01 counts as 0.1) and moved by a
 * tenth of the larger extent. The result is centred and scaled to largest absolute coordinate 1. Only exactly
 * rounded operations, in a fixed order: the same bits on every platform.
 *
 * @param positions x, y of each vertex
 * @param adjacency row-major, vertices x vertices, 1 for an edge
 */
export function layoutStep(positions: Float64Array, adjacency: Uint8Array): void {
  const vertices = positions.length / 2;
  const spacing = Math.sqrt(1 / vertices);
  const reach = Math.max(extent(positions, 0), extent(positions, 1)) * 0.1;
  const moved = Float64Array.from(positions);
  for (let i = 0; i < vertices; i++) {
    let pushX = 0;
    let pushY = 0;
    for (let j = 0; j < vertices; j++) {
      const x = positions[2 * i] - positions[2 * j];
      const y = positions[2 * i + 1] - positions[2 * j + 1];
      const distance = Math.max(Math.sqrt(x * x + y * y), 0.01);
      const pull = adjacency[i * vertices + j] === 1 ? distance / spacing : 0;
      const force = (spacing * spacing) / (distance * distance) - pull;
      pushX += x * force;
      pushY += y * force;
    }
    const length = Math.sqrt(pushX * pushX + pushY * pushY);
    const scale = reach / (length < 0.01 ? 0.1 : length);
    moved[2 * i] += pushX * scale;
    moved[2 * i + 1] += pushY * scale;
  }
  centre(moved, 0);
  centre(moved, 1);
  let largest = 0;
  for (const coordinate of moved) largest = Math.max(largest, Math.abs(coordinate));
  for (let i = 0; i < moved.length; i++) positions[i] = largest > 0 ? moved[i] / largest : 0;
}

function extent(positions: Float64Array, axis: number): number {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = axis; i < positions.length; i += 2) {
    least = Math.min(least, positions[i]);
    greatest = Math.max(greatest, positions[i]);
  }
  return greatest - least;
}

function centre(positions: Float64Array, axis: number): void {
  let sum = 0;
  for (let i = axis; i < positions.length; i += 2) sum += positions[i];
  const mean = sum / (positions.length / 2);
  for (let i = axis; i < positions.length; i += 2) positions[i] -= mean;
}
