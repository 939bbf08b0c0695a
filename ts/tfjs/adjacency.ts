import type { WithAdjacency } from '../arguments/adjacency';
import { misshapen } from '../arguments/errors';
import { checkOptions } from '../arguments/validate';
import type { Trick } from '../trick/trick';
import { tf } from './core';
import { checkTensor, type Layout, layoutOf, lengthsOf, type TensorLengths } from './layout';
import { differentiable, once, values } from './tensors';

export type { WithAdjacency } from '../arguments/adjacency';

export interface AdjacencyOptions {
  /**
   * How many vertices each row is over, an array or a tensor of int32; what stands beyond is ignored, and 0 comes
   * out.
   * @defaultValue every row is whole
   */
  lengths?: TensorLengths | undefined;
}

/** Between rows of edges and matrices of vertices, on tensors. */
export interface AdjacencyTensorTrick {
  /** Matrices [..., vertices, vertices] of rows [..., n]; differentiable. */
  toAdjacency(row: tf.Tensor, options?: AdjacencyOptions): tf.Tensor;
  /** Rows [..., n] of matrices [..., vertices, vertices]; differentiable. */
  fromAdjacency(matrix: tf.Tensor, options?: AdjacencyOptions): tf.Tensor;
}

/** The conversions of a trick over the edges of a graph. */
export function adjacencyOf(trick: Trick & WithAdjacency): AdjacencyTensorTrick {
  const { vertices, dimension } = trick;
  type Map = 'toAdjacency' | 'toAdjacencyVjp' | 'fromAdjacency' | 'fromAdjacencyVjp';
  /** A linear map, whose derivative is its transpose. */
  const linear = (
    x: tf.Tensor,
    options: AdjacencyOptions,
    layout: Layout,
    shape: number[],
    [map, transpose]: [Map, Map],
  ) => {
    checkOptions('options', options, ['lengths']);
    // Told always: an empty row does not tell how many there are.
    const lengths = lengthsOf(options.lengths, layout) ?? new Uint32Array(layout.rows).fill(vertices);
    const apply = (name: Map, given: tf.Tensor, to: number[]) =>
      tf.tensor(trick[name](values(given), { lengths }), to, 'float32');
    return differentiable(
      [x],
      (given) => apply(map, given, shape),
      (dy, [given]) => [once((g) => apply(transpose, g, given.shape), [dy])],
    );
  };
  return {
    toAdjacency(row, options = {}) {
      const layout = layoutOf('row', row, { width: dimension, natural: trick.shape });
      const shape = [...layout.batch, vertices, vertices];
      return linear(row, options, layout, shape, ['toAdjacency', 'toAdjacencyVjp']);
    },
    fromAdjacency(matrix, options = {}) {
      checkTensor('matrix', matrix);
      const tail = matrix.shape.slice(-2);
      if (tail.length !== 2 || tail.some((n) => n !== vertices)) {
        const got = `shape [${matrix.shape.join(', ')}]`;
        throw misshapen('matrix', `a tensor whose last axes are [${vertices}, ${vertices}]`, got);
      }
      const batch = matrix.shape.slice(0, -2);
      const layout = { batch, rows: tf.util.sizeFromShape(batch), natural: true };
      return linear(matrix, options, layout, [...batch, dimension], ['fromAdjacency', 'fromAdjacencyVjp']);
    },
  };
}
