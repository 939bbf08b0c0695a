import type * as tf from '@tensorflow/tfjs';
import { correlatedTopK } from '../../structures/correlated-top-k';
import { type TopKRelaxation, topK } from '../../structures/top-k';
import { elementsOf, type TensorTrick, tensorTrick } from '../../tfjs';
import type { TrainingDraw, TrainingEstimator } from '../estimators/training-estimator';
import type { MethodName } from './names';

/** How words are chosen from scores. */
export interface Choice {
  /** Whether there are scores of neighbouring pairs, behind those of the words. */
  pairs: boolean;
  /** Relaxed choices [reviews, width] of one draw for each review; 0 behind the end of a review. */
  soft(scores: tf.Tensor2D, options: Draw & { temperature: number }): tf.Tensor2D;
  /**
   * The mean loss of drawn choices, [reviews], whose gradient in the scores is the estimator's.
   *
   * @param loss of chosen words [reviews x times, width], those of a review next to one another
   */
  estimated(
    estimator: TrainingEstimator,
    scores: tf.Tensor2D,
    loss: (chosen: tf.Tensor2D) => tf.Tensor,
    draw: TrainingDraw,
  ): tf.Tensor;
  /** Chosen words [reviews, width] of one draw for each review. */
  hard(scores: tf.Tensor2D, options: Draw): tf.Tensor2D;
  /** The choice of the scores themselves, without noise. */
  best(scores: tf.Tensor2D, options: Pick<Draw, 'lengths'>): tf.Tensor2D;
}

interface Draw {
  lengths: Uint32Array;
  seed: bigint;
  /** The number of the first review, for a set that is evaluated in parts. */
  firstRow?: number;
}

/** The way of a method to choose k words of each review; of reviews of fewer words all are chosen. */
export function choiceOf(method: MethodName, k: number): Choice {
  const pairs = method === 'correlated' || method === 'correlated-from-zero';
  const relaxation: TopKRelaxation = isTopK(method) ? method : 'exponential-family';
  const words = (x: tf.Tensor) => (pairs ? elementsOf(x) : x) as tf.Tensor2D;
  const trick = byWidth(k, (elements, chosen) => {
    const options = { elements, k: chosen, shortRows: 'min' } as const;
    return tensorTrick(pairs ? correlatedTopK(options) : topK({ ...options, relaxation }));
  });
  // L2X draws k times; without noise that would be the same word each time. Its authors take the k best.
  const ranking = byWidth(k, (elements, chosen) =>
    tensorTrick(topK({ elements, k: chosen, shortRows: 'min' })),
  );
  const widthOf = (scores: tf.Tensor2D) => (pairs ? (scores.shape[1] + 1) / 2 : scores.shape[1]);
  return {
    pairs,
    soft(scores, { temperature, lengths, ...draw }) {
      const { perturb, softmax } = trick(widthOf(scores));
      return words(softmax(perturb(scores, { ...draw, lengths }), { temperature, lengths }));
    },
    estimated(estimator, scores, loss, draw) {
      return estimator.estimate(trick(widthOf(scores)).trick, scores, (x) => loss(words(x)), draw);
    },
    hard(scores, { lengths, ...draw }) {
      const { perturb, argmax } = trick(widthOf(scores));
      return words(argmax(perturb(scores, { ...draw, lengths }), { lengths }));
    },
    best(scores, { lengths }) {
      const of = method === 'l2x' ? ranking : trick;
      return words(of(widthOf(scores)).argmax(scores, { lengths }));
    },
  };
}

const topKRelaxations = ['l2x', 'softsub', 'euclidean', 'categorical-entropy', 'binary-entropy'] as const;

function isTopK(method: MethodName): method is (typeof topKRelaxations)[number] {
  return (topKRelaxations as readonly string[]).includes(method);
}

/** Tricks by their number of words, each made once. */
function byWidth(k: number, make: (width: number, k: number) => TensorTrick): (width: number) => TensorTrick {
  const made = new Map<number, TensorTrick>();
  return (width) => {
    const found = made.get(width) ?? make(width, Math.min(k, width));
    made.set(width, found);
    return found;
  };
}
