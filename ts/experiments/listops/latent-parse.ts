import * as tf from '@tensorflow/tfjs';
import {
  arborescence,
  gaussian,
  gumbel,
  independentEdges,
  negativeExponential,
  projectiveTree,
  spanningTree,
} from '../../index';
import { type AdjacencyTensorTrick, type TensorTrick, tensorTrick } from '../../tfjs';
import type { TrainingDraw, TrainingEstimator } from '../estimators/training-estimator';
import type { LatentName } from './names';

/** The noise of a batch: row i of the batch is drawn as row firstRow + i (default firstRow 0) of a seed. */
export interface Noise {
  seed: bigint;
  firstRow?: number;
}

/** A distribution over graphs on the tokens of expressions, given by scores [expressions, head, modifier]. */
export interface LatentParse {
  /** Relaxed graphs [expressions, head, modifier], differentiable in the scores; 0 at padding. */
  soft(
    scores: tf.Tensor3D,
    options: Noise & { lengths: Uint32Array; temperature: number | undefined },
  ): tf.Tensor3D;
  /** Drawn graphs of zeros and ones, of the same shape. */
  hard(scores: tf.Tensor3D, options: Noise & { lengths: Uint32Array }): tf.Tensor3D;
  /**
   * The mean loss of drawn graphs, [expressions], whose gradient in the scores is the estimator's.
   *
   * @param loss of graphs [expressions x times, head, modifier], those of an expression next to one another
   */
  estimated(
    estimator: TrainingEstimator,
    scores: tf.Tensor3D,
    loss: (graphs: tf.Tensor3D) => tf.Tensor,
    draw: TrainingDraw,
  ): tf.Tensor;
}

/** A distribution for one number of tokens. */
interface OfWidth {
  trick: TensorTrick;
  /** What the trick counts in an expression of some tokens. */
  count(tokens: number): number;
  /** Rows of the trick from matrices, and matrices from its rows. */
  rows(matrices: tf.Tensor): tf.Tensor;
  matrices(rows: tf.Tensor): tf.Tensor;
}

/** The distribution of a name. Undirected edges have the mean score of both directions, and carry messages in both. */
export function latentParse(name: LatentName): LatentParse {
  const made = new Map<number, OfWidth>();
  const ofWidth = (width: number) => {
    const found = made.get(width) ?? make(name, width);
    made.set(width, found);
    return found;
  };
  const counted = ({ count }: OfWidth, lengths: Uint32Array) => lengths.map(count);
  return {
    soft(scores, { lengths, temperature, ...noise }) {
      const own = ofWidth(scores.shape[2]);
      const counts = counted(own, lengths);
      const utility = own.trick.perturb(own.rows(scores), { ...noise, lengths: counts });
      return own.matrices(own.trick.softmax(utility, { temperature, lengths: counts })) as tf.Tensor3D;
    },
    hard(scores, { lengths, ...noise }) {
      const own = ofWidth(scores.shape[2]);
      const counts = counted(own, lengths);
      const { trick } = own.trick;
      const rows = own.rows(scores);
      // In doubles: times of rates that learning has made small leave the range of single precision.
      const utility = trick.perturb(Float64Array.from(rows.dataSync()), { ...noise, lengths: counts });
      const hard = Float32Array.from(trick.argmax(utility, { lengths: counts }));
      return own.matrices(tf.tensor(hard, rows.shape)) as tf.Tensor3D;
    },
    estimated(estimator, scores, loss, draw) {
      const [size, , width] = scores.shape;
      const own = ofWidth(width);
      const theta = tf.reshape(own.rows(scores), [size, -1]);
      const ofGraphs = (x: tf.Tensor2D) => loss(tf.reshape(own.matrices(x), [-1, width, width]));
      return estimator.estimate(own.trick.trick, theta, ofGraphs, {
        ...draw,
        lengths: counted(own, draw.lengths),
      });
    },
  };
}

function make(name: LatentName, width: number): OfWidth {
  const same = { count: (tokens: number) => tokens, rows: identity, matrices: identity };
  switch (name) {
    case 'independent-undirected':
      return { ...same, ...undirected(tensorTrick(independentEdges({ vertices: width }))) };
    case 'spanning-tree':
      return { ...same, ...undirected(tensorTrick(spanningTree({ vertices: width }))) };
    case 'independent-directed':
      return { ...same, trick: tensorTrick(independentEdges({ vertices: width, directed: true })) };
    case 'projective-tree':
      // The first token is the root, which is not counted as a word.
      return {
        ...same,
        trick: tensorTrick(projectiveTree({ words: width - 1 })),
        count: (tokens) => tokens - 1,
      };
    default:
      return { ...same, trick: tensorTrick(arborescence({ vertices: width, utility: utilities[name]() })) };
  }
}

const utilities = {
  'arborescence-gumbel': gumbel,
  'arborescence-gaussian': gaussian,
  'arborescence-negative-exponential': negativeExponential,
  // Its traces are those of races of exponential times.
  'arborescence-trace': negativeExponential,
};

function undirected(trick: TensorTrick & AdjacencyTensorTrick): Pick<OfWidth, 'trick' | 'rows' | 'matrices'> {
  return { trick, rows: trick.fromAdjacency, matrices: trick.toAdjacency };
}

function identity<T>(x: T): T {
  return x;
}
