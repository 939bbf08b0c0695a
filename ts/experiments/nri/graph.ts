import * as tf from '@tensorflow/tfjs';
import { dense } from '../../training/layers';
import type { Activation } from '../layers';

/**
 * How features move between vertices and ordered pairs of vertices. Arrays are node-major: vertices x rows, or
 * senders x receivers x rows, then features. Ordered pairs include the pairs (v, v), which no edge is: with them,
 * moving features is a broadcast sum or a sum over an axis, the fastest kernels there are, and no gather (whose
 * gradient the wasm backend lacks). `distinct` masks them out.
 */
export interface GraphLayout {
  vertices: number;
  /** Directed edges, ordered by sender, then receiver. */
  senders: Int32Array;
  receivers: Int32Array;
  /** Index of each directed edge's pair i < j in row-major order. */
  pairs: Int32Array;
  /** [ordered pairs, 1]: 0 for (v, v), else 1. */
  distinct: tf.Tensor2D;
  /** [ordered pairs, directed edges]: places values of directed edges, 0 at (v, v). */
  fromEdges: tf.Tensor2D;
  /** [ordered pairs, pairs]: places values of pairs in both directions, 0 at (v, v). */
  fromPairs: tf.Tensor2D;
}

/** The layout of the complete graph. */
export function graphLayout(vertices: number): GraphLayout {
  const all = Array.from({ length: vertices }, (_, v) => v);
  const ends = all.flatMap((s) => all.filter((r) => r !== s).map((r): [number, number] => [s, r]));
  const pairIndex = (i: number, j: number) => (i * (2 * vertices - i - 1)) / 2 + j - i - 1;
  const pairs = Int32Array.from(ends, ([s, r]) => pairIndex(Math.min(s, r), Math.max(s, r)));
  const fromEdges = new Float32Array(vertices ** 2 * ends.length);
  const fromPairs = new Float32Array((vertices ** 2 * ends.length) / 2);
  for (const [edge, [s, r]] of ends.entries()) {
    fromEdges[(s * vertices + r) * ends.length + edge] = 1;
    fromPairs[((s * vertices + r) * ends.length) / 2 + pairs[edge]] = 1;
  }
  return {
    vertices,
    senders: Int32Array.from(ends, ([sender]) => sender),
    receivers: Int32Array.from(ends, ([, receiver]) => receiver),
    pairs,
    distinct: tf.tidy(() => tf.sub(1, tf.reshape(tf.eye(vertices), [-1, 1])) as tf.Tensor2D),
    fromEdges: tf.tensor2d(fromEdges, [vertices ** 2, ends.length]),
    fromPairs: tf.tensor2d(fromPairs, [vertices ** 2, ends.length / 2]),
  };
}

/**
 * First layer of an edge network on [sender, receiver] features without concatenating them: an activation of
 * W_s x_s + W_r x_r + b, both products on the vertices.
 *
 * @param x [vertices x rows, inputs]
 * @param sender [inputs, outputs]
 * @param receiver [inputs, outputs]
 * @param bias [outputs]
 * @param more added to the sum, [ordered pairs x rows, outputs]
 * @returns [ordered pairs x rows, outputs]
 */
export function edgeLayer(
  { vertices }: GraphLayout,
  x: tf.Tensor2D,
  { sender, receiver, bias }: Record<'sender' | 'receiver' | 'bias', tf.Tensor2D>,
  { apply, slope }: Activation,
  more?: tf.Tensor2D,
): tf.Tensor2D {
  const outputs = sender.shape[1];
  const run = tf.customGrad((...args) => {
    const [sent, received, ...rest] = args.slice(0, -1) as tf.Tensor[];
    const bySender = tf.reshape(sent, [vertices, 1, -1]);
    const byReceiver = tf.reshape(received, [1, vertices, -1]);
    const pairs = tf.reshape(tf.add(bySender, byReceiver), [-1, outputs]);
    const y = apply(rest.reduce(tf.add, pairs));
    (args.at(-1) as unknown as tf.GradSaveFunc)([y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.tidy(() => {
          const dSum = tf.mul(dy, slope(saved));
          const byPair = tf.reshape(dSum, [vertices, vertices, -1]);
          const dEnds = [1, 0].map((axis) => tf.reshape(tf.sum(byPair, axis), sent.shape));
          return [...dEnds, ...rest.map(() => dSum)];
        }),
    };
  });
  const ends = [tf.matMul(x, sender), dense(x, receiver, bias)];
  return run(...ends, ...(more === undefined ? [] : [more])) as tf.Tensor2D;
}

/**
 * Sum over senders of pairs' features weighted by pair and sequence, sum_s weights[s, r, b] x[s, r, b, f]: a sequence's
 * features (those of all its frames) share its weight.
 *
 * @param x [ordered pairs x batch, features]
 * @param weights [ordered pairs, batch]
 * @returns [vertices x batch, features]
 */
export function receive({ vertices }: GraphLayout, x: tf.Tensor2D, weights: tf.Tensor2D): tf.Tensor2D {
  const features = x.shape[1];
  const pairRows = [vertices, -1, features];
  const sum = tf.customGrad((...args) => {
    const [values, shares] = args as tf.Tensor[];
    const save = args[2] as unknown as tf.GradSaveFunc;
    const column = tf.reshape(shares, [-1, 1]);
    save([values, column]);
    return {
      value: tf.reshape(tf.sum(tf.reshape(tf.mul(values, column), pairRows), 0), [-1, features]),
      gradFunc: (dy: tf.Tensor, [saved, share]: tf.Tensor[]) =>
        tf.tidy(() => {
          const perSender = tf.reshape(dy, [1, -1, features]);
          const dValues = tf.mul(perSender, tf.reshape(share, [vertices, -1, 1]));
          const dShares = tf.sum(tf.mul(perSender, tf.reshape(saved, pairRows)), 2);
          return [tf.reshape(dValues, saved.shape), tf.reshape(dShares, weights.shape)];
        }),
    };
  });
  return sum(x, weights) as tf.Tensor2D;
}
