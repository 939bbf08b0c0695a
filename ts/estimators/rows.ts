/** Means over the rows of each group of `samples` rows of `width` numbers, [batch x width]. */
export function meanRows(values: Float64Array, batch: number, samples: number, width: number): Float64Array {
  const means = sumRows(values, batch, samples, width);
  return means.map((sum) => sum / samples);
}

/** Sums over the rows of each group of `samples` rows of `width` numbers, [batch x width]. */
export function sumRows(values: Float64Array, batch: number, samples: number, width: number): Float64Array {
  const sums = new Float64Array(batch * width);
  for (let row = 0; row < batch * samples; row++) {
    const group = Math.floor(row / samples) * width;
    for (let i = 0; i < width; i++) sums[group + i] += values[row * width + i];
  }
  return sums;
}

/** Every row of `width` numbers so many times, one after the other. */
export function repeatRows(values: Float64Array, samples: number, width: number): Float64Array {
  if (samples === 1) return values;
  const repeated = new Float64Array(values.length * samples);
  for (let row = 0; row * width < repeated.length; row++) {
    const from = Math.floor(row / samples) * width;
    repeated.set(values.subarray(from, from + width), row * width);
  }
  return repeated;
}

/** `g . (x - mean)` of every draw, for x and g [batch x samples x width] and means [batch x width]. */
export function dotDeviations(
  x: Float64Array,
  mean: Float64Array,
  g: Float64Array,
  { batch, samples, width }: { batch: number; samples: number; width: number },
): Float64Array {
  const dots = new Float64Array(batch * samples);
  for (let draw = 0; draw < dots.length; draw++) {
    const row = Math.floor(draw / samples);
    for (let i = 0; i < width; i++) {
      dots[draw] += g[draw * width + i] * (x[draw * width + i] - mean[row * width + i]);
    }
  }
  return dots;
}

/** The inner products of the rows of two arrays. */
export function dots(a: Float64Array, b: Float64Array, rows: number): Float64Array {
  const sums = new Float64Array(rows);
  const width = a.length / rows;
  for (let i = 0; i < a.length; i++) sums[Math.floor(i / width)] += a[i] * b[i];
  return sums;
}
