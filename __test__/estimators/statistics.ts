import type { Trick } from '../../ts';
import type { Estimator } from '../../ts/estimators';
import { deriveSeed } from '../../ts/training/random';

/** The mean of many estimates at one theta, with the standard error of each coordinate. */
export interface Mean {
  mean: Float64Array;
  error: Float64Array;
}

/**
 * Estimates at one theta, of `rows` copies in a batch and so many batches. What couples the rows of a batch is seen only
 * between batches, so that the error is that of the means of batches.
 */
export function manyEstimates(
  estimator: Estimator,
  trick: Trick,
  theta: Float64Array,
  loss: Parameters<Estimator['estimate']>[1],
  { batches, rows, samples }: { batches: number; rows: number; samples: number },
): Mean {
  const n = trick.parameterDimension;
  const copies = Float64Array.from({ length: rows * n }, (_, i) => theta[i % n]!);
  const sum = new Float64Array(n);
  const squares = new Float64Array(n);
  for (let b = 0; b < batches; b++) {
    const { gradient } = estimator.estimate(copies, loss, { seed: deriveSeed(5, 'batch', b), samples });
    for (let i = 0; i < n; i++) {
      let mean = 0;
      for (let row = 0; row < rows; row++) mean += gradient[row * n + i]! / rows;
      sum[i]! += mean;
      squares[i]! += mean * mean;
    }
  }
  const mean = sum.map((s) => s / batches);
  const error = squares.map((s, i) => Math.sqrt(Math.max(0, s / batches - mean[i]! ** 2) / (batches - 1)));
  return { mean, error };
}

/** The largest deviation from the truth in standard errors; a coordinate without spread must be exact. */
export function largestDeviation({ mean, error }: Mean, truth: Float64Array): number {
  return Math.max(
    ...truth.map((t, i) => {
      const gap = Math.abs(mean[i]! - t);
      return gap < 1e-12 ? 0 : gap / error[i]!;
    }),
  );
}
