import { checkLength, type NumberArray, numbersOf } from '../arguments/arrays';
import { invalid, SstError } from '../arguments/errors';
import { checkInteger, checkOptions, checkSeed } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { checkMovingAverage, MovingAverage, type MovingAverageState } from './baseline';
import { type Call, countedTheta, estimateOf, evaluate, ofCountedRows, readCall } from './call';
import { checkPositive, checkTrick } from './checks';
import type { Estimate, EstimateOptions, StatefulEstimator, ValueLoss } from './estimator';
import { Regression, type RegressionState } from './regression';
import { meanRows } from './rows';
import { drawScored } from './score-function';

export interface NvilOptions {
  /**
   * Numbers in a row of the baseline's inputs.
   * @defaultValue the parameter dimension, with theta as inputs
   */
  inputs?: number | undefined;
  /**
   * Hidden units of the baseline's network.
   * @defaultValue `16`
   */
  hidden?: number | undefined;
  /**
   * Adam's step size for the network.
   * @defaultValue `0.01`
   */
  learningRate?: number | undefined;
  /**
   * What a call keeps of the average of those before it.
   * @defaultValue `0.9`
   */
  decay?: number | undefined;
  /**
   * Seeds the network's initial weights.
   * @defaultValue `0`
   */
  seed?: number | bigint | undefined;
}

export interface NvilEstimateOptions extends EstimateOptions {
  /**
   * What the baseline sees of each row of theta, [batch x inputs].
   * @defaultValue theta itself
   */
  inputs?: NumberArray | undefined;
}

/** What the estimator has learnt. */
export interface NvilState {
  average: MovingAverageState;
  /** Of the squared distances from the average. */
  spread: MovingAverageState;
  network: RegressionState;
}

export interface NvilEstimator extends StatefulEstimator<ValueLoss, NvilState> {
  readonly estimate: (theta: NumberArray, loss: ValueLoss, options: NvilEstimateOptions) => Estimate;
}

/**
 * Neural variational inference and learning: the score function with a moving average c and a learnt baseline that
 * depends on the input,
 *
 *     (L(X) - c - d b(input)) d log p(U; theta) / d theta,
 *
 * b a network with one hidden layer that is fitted, after each estimate, to `(L - c) / d`; c and d are the moving mean and
 * root mean square of the losses of earlier calls (d about c), so that the scale of the loss does not matter. Unbiased for E[L(X)].
 * The published method also divides the gradient by d, which is left to the optimiser. One argmax a draw, and O(inputs x hidden) a row (Mnih and Gregor, 2014; paper, appendix C).
 *
 * @throws SstError `INVALID_ARGUMENT`
 */
export function nvil(trick: Trick, options: NvilOptions = {}): NvilEstimator {
  checkTrick(trick);
  checkOptions('options', options, ['inputs', 'hidden', 'learningRate', 'decay', 'seed']);
  const width = checkInteger('inputs', options.inputs ?? trick.parameterDimension, 0, 2 ** 24);
  const hidden = checkInteger('hidden', options.hidden ?? 16, 1, 4096);
  const learningRate = checkPositive('learningRate', options.learningRate ?? 0.01);
  const network = new Regression(width, hidden, learningRate, checkSeed(options.seed ?? 0));
  const average = new MovingAverage(options.decay);
  const spread = new MovingAverage(options.decay);
  return {
    name: 'nvil',
    trick,
    needs: 'value',
    estimate(theta, loss, estimateOptions: NvilEstimateOptions) {
      const call = readCall(trick, theta, estimateOptions, ['inputs']);
      const { batch, samples } = call;
      const seen = inputsOf(trick, estimateOptions.inputs, call, width);
      const { x, score } = drawScored(trick, call);
      const value = evaluate(loss, x, batch * samples, call.ofRows);
      const predicted = network.predict(seen, batch);
      const constant = average.value;
      const deviation = Math.sqrt(spread.value);
      const weights = value.map(
        (l, draw) => l - constant - deviation * predicted[Math.floor(draw / samples)],
      );
      const counted = ofCountedRows(value, call);
      average.observe(counted);
      spread.observe(counted.map((l) => (l - average.value) ** 2));
      const scale = Math.sqrt(spread.value);
      const means = meanRows(counted, counted.length / samples, samples, 1);
      if (means.length > 0 && scale > 0)
        network.fit(
          ofCountedRows(seen, call),
          means.map((mean) => (mean - average.value) / scale),
        );
      return estimateOf(call, value, score(weights), x);
    },
    save: () => ({ average: average.save(), spread: spread.save(), network: network.save() }),
    restore(state) {
      checkOptions('state', state, ['average', 'spread', 'network']);
      const { average: mean, spread: squares, network: learnt } = state;
      checkMovingAverage(mean);
      checkMovingAverage(squares);
      checkOptions('state.network', learnt, ['step', 'parameters', 'mean', 'square']);
      if (!network.restore(learnt)) {
        throw invalid('state.network', 'what a baseline of these sizes has saved', learnt);
      }
      average.restore(mean);
      spread.restore(squares);
    },
  };
}

/** The inputs of the baseline; of theta, with 0 for a forbidden coordinate and where nothing counts. */
function inputsOf(trick: Trick, given: NumberArray | undefined, call: Call, width: number): Float64Array {
  if (given === undefined) {
    checkLength(
      'inputs',
      call.theta,
      call.batch * width,
      'the inputs of each row, which theta is in their absence',
    );
    return countedTheta(trick, call).map((x) => (x === Number.NEGATIVE_INFINITY ? 0 : x));
  }
  const inputs = numbersOf('inputs', given);
  checkLength('inputs', inputs, call.batch * width, 'the inputs of each row');
  const index = inputs.findIndex((x) => !Number.isFinite(x));
  if (index < 0) return inputs;
  throw new SstError('NOT_FINITE', `inputs[${index}]: expected a finite number, got ${inputs[index]}`);
}
