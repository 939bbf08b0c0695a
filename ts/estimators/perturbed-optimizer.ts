import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { centre } from './baseline';
import { checkEstimate, differentiate, readCall } from './call';
import type { DifferentiableLoss, Estimator } from './estimator';
import { meanRows } from './rows';
import { Smoothing, type SmoothingOptions } from './smoothing';

/**
 * A perturbed optimizer: the loss at the mean of the structures of noisy utilities, `y = E[X(theta + sigma Z)]`, with the
 * Jacobian that integration by parts gives, which needs the argmax alone,
 *
 *     dL/dtheta = E[(dL/dy . X) dlog p(theta + sigma Z) / dtheta]   (for a Gaussian, Z / sigma).
 *
 * With several draws the mean of the others is subtracted from each `dL/dy . X`. For a linear loss it is unbiased for
 * E[L(X)] under its own noise; for others it estimates L(E[X]), the better the more draws. One argmax a draw (Berthet et
 * al., 2020).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function perturbedOptimizer(
  trick: Trick,
  options: SmoothingOptions = {},
): Estimator<DifferentiableLoss> {
  checkOptions('options', options, ['sigma', 'noise']);
  const smoothing = new Smoothing(trick, options);
  const n = trick.dimension;
  return {
    name: 'perturbed-optimizer',
    trick,
    needs: 'gradient',
    estimate(theta, loss, estimateOptions) {
      const call = readCall(trick, theta, estimateOptions, [], n);
      const { batch, samples } = call;
      const { scaled, x } = smoothing.draw(call);
      const { value, gradient } = differentiate(trick, loss, meanRows(x, batch, samples, n), batch, {
        ...call.ofRows,
        samples: 1,
      });
      const along = Float64Array.from({ length: batch * samples }, (_, draw) => {
        const row = Math.floor(draw / samples);
        let dot = 0;
        for (let i = 0; i < n; i++) dot += gradient[row * n + i] * x[draw * n + i];
        return dot;
      });
      const centred = centre(samples === 1 ? 'none' : 'leave-one-out', along, call);
      const sum = smoothing.score(call, scaled, centred);
      return checkEstimate({ loss: value, gradient: sum.map((g) => g / samples), samples: x });
    },
  };
}
