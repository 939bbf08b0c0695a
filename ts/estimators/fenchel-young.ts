import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { checkEstimate, countedTheta, readCall } from './call';
import { meanRows } from './rows';
import { Smoothing, type SmoothingOptions } from './smoothing';
import { checkTarget, dotRows, type SupervisedLoss } from './supervised-loss';

/**
 * The perturbed Fenchel-Young loss, for learning theta from examples y of the structure,
 *
 *     E[max_x (theta + sigma Z) . x] - theta . y,   gradient E[X] - y,
 *
 * up to a constant of y. Convex in theta, smallest where the mean structure is y; loss and gradient are unbiased. For
 * every structure, from the argmax alone, one a draw (Berthet et al., 2020, section 4; Blondel et al., 2020).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function fenchelYoung(trick: Trick, options: SmoothingOptions = {}): SupervisedLoss {
  checkOptions('options', options, ['sigma', 'noise']);
  const smoothing = new Smoothing(trick, options);
  const n = trick.dimension;
  return {
    name: 'fenchel-young',
    trick,
    evaluate(theta, target, estimateOptions) {
      const call = readCall(trick, theta, estimateOptions, [], n);
      const { batch, samples, ofRows } = call;
      const y = checkTarget(trick, target, call.theta, ofRows);
      const given = dotRows(countedTheta(trick, call), y, n, batch);
      const { scaled, x } = smoothing.draw(call);
      const best = meanRows(dotRows(scaled, x, n, batch * samples), batch, samples, 1);
      const mean = meanRows(x, batch, samples, n);
      return checkEstimate({
        loss: best.map((value, row) => smoothing.sigma * value - given[row]),
        gradient: mean.map((p, i) => p - y[i]),
        samples: x,
      });
    },
  };
}
