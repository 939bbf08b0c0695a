import { checkOptions } from '../arguments/validate';
import type { TracedTrick } from '../trick/traced-trick';
import { differentiate, estimateOf, evaluate, readCall } from './call';
import { checkTraced } from './checks';
import { ControlVariate, type ControlVariateState } from './control-variate';
import type { DifferentiableLoss, StatefulEstimator } from './estimator';

export interface RelaxOptions {
  /**
   * Of the relaxation in the control variate.
   * @defaultValue the trick's own
   */
  temperature?: number | undefined;
  /**
   * What a call keeps of the averages of those before it.
   * @defaultValue `0.9`
   */
  decay?: number | undefined;
}

/** What the estimator has learnt of its control variate. */
export type RelaxState = ControlVariateState;

/**
 * RELAX over traces: a score function with the relaxed loss as control variate, U' drawn given the trace of U,
 *
 *     (L(X) - eta L(X_t(U'))) dlog p(trace) + eta d L(X_t(U)) - eta d L(X_t(U')),   d in theta.
 *
 * Unbiased for E[L(X)] whatever eta is. Eta is the best one for the averages of earlier calls, -E[a.b] / E[b.b] for an
 * estimate a + eta b; it is 1 in the first. (The published method also learns the temperature, or a network in the place of
 * the relaxed loss, by gradient descent on the variance.) The loss is called for X, for X_t(U) and for X_t(U'), in this
 * order. One argmax, two relaxations and two vector-Jacobian products a draw (Tucker et al., 2017; Grathwohl et al., 2018;
 * Struminsky et al., 2021).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function relax(
  trick: TracedTrick,
  options: RelaxOptions = {},
): StatefulEstimator<DifferentiableLoss, RelaxState> {
  checkTraced(trick);
  checkOptions('options', options, ['temperature', 'decay']);
  const { temperature, decay } = options;
  const control = new ControlVariate(decay);
  return {
    name: 'relax',
    trick,
    needs: 'gradient',
    estimate(parameters, loss, estimateOptions) {
      const call = readCall(trick, parameters, estimateOptions);
      const { theta, seed, samples, batch, ofRows, ofDraws } = call;
      const anew = { seed, ...ofRows };
      const tempered = { temperature, ...ofDraws };
      const utility = trick.perturb(theta, { seed, samples, ...ofRows });
      const given = trick.conditionalPerturb(theta, utility, anew);
      const x = trick.argmax(utility, ofDraws);
      const rows = batch * samples;
      const hard = evaluate(loss, x, rows, ofRows);
      const free = differentiate(trick, loss, trick.softmax(utility, tempered), rows, ofDraws);
      const held = differentiate(trick, loss, trick.softmax(given, tempered), rows, ofDraws);
      const slope = (at: Float64Array, dX: Float64Array) => trick.softmaxVjp(at, dX, tempered);
      const ofFree = trick.perturbVjp(theta, utility, slope(utility, free.gradient), ofRows);
      const ofHeld = trick.conditionalPerturbVjp(theta, utility, slope(given, held.gradient), anew);
      const ofScore = trick.traceScoreVjp(theta, utility, held.value, ofRows);
      const a = trick.traceScoreVjp(theta, utility, hard, ofRows);
      const b = ofFree.map((g, i) => g - ofHeld[i] - ofScore[i]);
      return estimateOf(call, hard, control.add(a, b, call), x);
    },
    save: () => control.save(),
    restore: (state) => control.restore(state),
  };
}
