import type { WithAdjacency } from '../arguments/adjacency';
import { misshapen } from '../arguments/errors';
import type { Trick } from '../trick/trick';
import { tf } from './core';
import { checkTensor, layoutOf } from './layout';
import { differentiable, once, values } from './tensors';

export type { WithAdjacency } from '../arguments/adjacency';

/** Between rows of edges and matrices of vertices, on tensors. */
export interface AdjacencyTensorTrick {
  /** Matrices [..., vertices, vertices] of rows [..., n]; differentiable. */
  toAdjacency(row: tf.Tensor): tf.Tensor;
  /** Rows [..., n] of matrices [..., vertices, vertices]; differentiable. */
  fromAdjacency(matrix: tf.Tensor): tf.Tensor;
}

/** The conversions of a trick over the edges of a graph. */
export function adjacencyOf(trick: Trick & WithAdjacency): AdjacencyTensorTrick {
  const { vertices, dimension } = trick;
  /** A linear map, whose derivative is its transpose. */
  const linear = (
    x: tf.Tensor,
    shape: number[],
    map: (numbers: Float32Array) => Float32Array,
    transpose: (numbers: Float32Array) => Float32Array,
  ) =>
    differentiable(
      [x],
      (given) => tf.tensor(map(values(given)), shape, 'float32'),
      (dy, [given]) => [once((g) => tf.tensor(transpose(values(g)), given.shape, 'float32'), [dy])],
    );
  return {
    toAdjacency(row) {
      const { batch, natural } = layoutOf('row', row, { width: dimension, natural: trick.shape });
      if (natural) return row.clone();
      const shape = [...batch, vertices, vertices];
      return linear(
        row,
        shape,
        (x) => trick.toAdjacency(x),
        (g) => trick.toAdjacencyVjp(g),
      );
    },
    fromAdjacency(matrix) {
      checkTensor('matrix', matrix);
      const tail = matrix.shape.slice(-2);
      if (tail.length !== 2 || tail.some((n) => n !== vertices)) {
        const got = `shape [${matrix.shape.join(', ')}]`;
        throw misshapen('matrix', `a tensor whose last axes are [${vertices}, ${vertices}]`, got);
      }
      const shape = [...matrix.shape.slice(0, -2), dimension];
      return linear(
        matrix,
        shape,
        (x) => trick.fromAdjacency(x),
        (g) => trick.fromAdjacencyVjp(g),
      );
    },
  };
}
