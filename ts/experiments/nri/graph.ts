import * as tf from '@tensorflow/tfjs';

/**
 * Constant 0/1 matrices that move features between vertices and directed edges by matrix products (a gather's
 * gradient is missing on the wasm backend, and products are its fastest kernel). Arrays of vertex or edge features
 * are node-major: [vertices x rows, features], [directed edges x rows, features].
 */
export interface GraphMatrices {
  vertices: number;
  /** Directed edges, ordered by sender, then receiver. */
  senders: Int32Array;
  receivers: Int32Array;
  /** Index of each directed edge's pair i < j in row-major order. */
  pairs: Int32Array;
  /** [edges, 2 vertices]: from stacked sender and receiver features to their sum on each edge. */
  endpoints: tf.Tensor2D;
  /** [vertices, edges]: sums incoming edges. */
  incoming: tf.Tensor2D;
  /** [pairs, edges]: mean of both directions. */
  symmetric: tf.Tensor2D;
  /** [edges, pairs]: a pair's value on both of its directions. */
  bothDirections: tf.Tensor2D;
}

/** The matrices of the complete graph. */
export function graphMatrices(vertices: number): GraphMatrices {
  const ends = completeGraph(vertices);
  const edges = ends.length;
  const pairIndex = (i: number, j: number) => (i * (2 * vertices - i - 1)) / 2 + j - i - 1;
  const pairs = Int32Array.from(ends, ([s, r]) => pairIndex(Math.min(s, r), Math.max(s, r)));
  const matrix = (rows: number, columns: number, entry: (row: number, column: number) => number) =>
    tf.tensor2d(
      Float32Array.from({ length: rows * columns }, (_, at) => entry(Math.floor(at / columns), at % columns)),
      [rows, columns],
    );
  return {
    vertices,
    senders: Int32Array.from(ends, ([sender]) => sender),
    receivers: Int32Array.from(ends, ([, receiver]) => receiver),
    pairs,
    endpoints: matrix(edges, 2 * vertices, (e, v) =>
      v === ends[e][0] || v === vertices + ends[e][1] ? 1 : 0,
    ),
    incoming: matrix(vertices, edges, (v, e) => (v === ends[e][1] ? 1 : 0)),
    symmetric: matrix(edges / 2, edges, (p, e) => (p === pairs[e] ? 0.5 : 0)),
    bothDirections: matrix(edges, edges / 2, (e, p) => (p === pairs[e] ? 1 : 0)),
  };
}

/** Frees the matrices. */
export function disposeGraph(graph: GraphMatrices): void {
  tf.dispose([graph.endpoints, graph.incoming, graph.symmetric, graph.bothDirections]);
}

/** Ordered pairs [sender, receiver] of distinct vertices. */
function completeGraph(vertices: number): [number, number][] {
  const all = Array.from({ length: vertices }, (_, v) => v);
  return all.flatMap((s) => all.filter((r) => r !== s).map((r): [number, number] => [s, r]));
}

/**
 * First layer of an edge network on [sender, receiver] features without concatenating them: W_s x_s + W_r x_r, both
 * products on the vertices.
 *
 * @param x [vertices x rows, inputs]
 * @param sender [inputs, outputs]
 * @param receiver [inputs, outputs]
 * @param bias [outputs]
 * @returns [edges x rows, outputs]
 */
export function edgeLayer(
  graph: GraphMatrices,
  x: tf.Tensor,
  sender: tf.Tensor,
  receiver: tf.Tensor,
  bias: tf.Tensor,
): tf.Tensor {
  const sent = tf.matMul(x as tf.Tensor2D, sender as tf.Tensor2D);
  const received = tf.add(tf.matMul(x as tf.Tensor2D, receiver as tf.Tensor2D), bias);
  const outputs = sender.shape[1] as number;
  const stacked = tf.reshape(tf.concat([sent, received], 0), [2 * graph.vertices, -1]);
  return tf.reshape(tf.matMul(graph.endpoints, stacked as tf.Tensor2D), [-1, outputs]);
}

/** Sum of incoming edge features: [edges x rows, features] to [vertices x rows, features]. */
export function receive(graph: GraphMatrices, x: tf.Tensor): tf.Tensor {
  const features = x.shape[1] as number;
  const flat = tf.reshape(x, [graph.senders.length, -1]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(graph.incoming, flat), [-1, features]);
}
