import { invalid } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { type BaselineName, centre, MovingAverage, type MovingAverageState } from './baseline';
import { type Call, estimateOf, evaluate, ofCountedRows, readCall } from './call';
import type { Estimator, StatefulEstimator, ValueLoss } from './estimator';

/** Embeddings [batch x samples x dimension] and the scores of what was drawn. */
export interface ScoredDraw {
  x: Float64Array;
  /** `sum_s c_s d log p(draw_s; theta) / dtheta`, [batch x parameter dimension], for c [batch x samples]. */
  score(weights: Float64Array): Float64Array;
}

export type BaselineOptions =
  | { baseline?: Exclude<BaselineName, 'moving-average'> | undefined }
  | MovingAverageOptions;

export interface MovingAverageOptions {
  baseline: 'moving-average';
  /**
   * What a call keeps of the average of those before it.
   * @defaultValue `0.9`
   */
  decay?: number | undefined;
}

/** An estimator that weighs scores by losses less a baseline; `draw` is all that tells them apart. */
export function scored(
  name: string,
  trick: Trick,
  draw: (call: Call) => ScoredDraw,
  options: BaselineOptions,
): Estimator<ValueLoss> | StatefulEstimator<ValueLoss, MovingAverageState> {
  checkOptions('options', options, ['baseline', 'decay']);
  const { baseline = 'none', decay } = options as { baseline?: BaselineName; decay?: number };
  const known = ['none', 'batch-mean', 'leave-one-out', 'moving-average'];
  if (!known.includes(baseline)) throw invalid('baseline', `one of ${known.join(', ')}`, baseline);
  if (baseline !== 'moving-average') {
    if (decay !== undefined) throw invalid('decay', 'none, for this baseline', decay);
    return scoredBy(name, trick, draw, (call, value) => centre(baseline, value, call));
  }
  const average = new MovingAverage(decay);
  return {
    ...scoredBy(name, trick, draw, (call, value) => {
      const centred = value.map((loss) => loss - average.value);
      average.observe(ofCountedRows(value, call));
      return centred;
    }),
    save: () => average.save(),
    restore: (state) => average.restore(state),
  };
}

/** The loop of all score functions: draw, evaluate, centre, weigh. */
function scoredBy(
  name: string,
  trick: Trick,
  draw: (call: Call) => ScoredDraw,
  centred: (call: Call, value: Float64Array) => Float64Array,
): Estimator<ValueLoss> {
  return {
    name,
    trick,
    needs: 'value',
    estimate(theta, loss, options) {
      const call = readCall(trick, theta, options);
      const { x, score } = draw(call);
      const value = evaluate(loss, x, call.batch * call.samples, call.ofRows);
      return estimateOf(call, value, score(centred(call, value)), x);
    },
  };
}
