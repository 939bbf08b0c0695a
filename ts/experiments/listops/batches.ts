import { type ExpressionSet, headsOf, lengthOf, tokensOf } from './corpus/expression-set';

/** Widths are multiples of this, so that there are few. */
const step = 4;

/** Expressions beside one another, padded. */
export interface Batch {
  size: number;
  /** Tokens of a padded expression, a multiple of 4. */
  width: number;
  lengths: Uint32Array;
  /** [expressions, width]; what stands behind an expression's end is never looked at. */
  tokens: Uint8Array;
  /** Head of each token, [expressions, width]; -1 of the first one and of padding. */
  heads: Int32Array;
  labels: Uint8Array;
}

/** Arranges expressions of a set; `width` fits the longest of them unless it is given. */
export function arrangeBatch(
  set: ExpressionSet,
  indices: ArrayLike<number>,
  width = step * Math.ceil(Math.max(2, ...Array.from(indices, (index) => lengthOf(set, index))) / step),
): Batch {
  const size = indices.length;
  const batch: Batch = {
    size,
    width,
    lengths: Uint32Array.from(indices, (index) => lengthOf(set, index)),
    tokens: new Uint8Array(size * width),
    heads: new Int32Array(size * width).fill(-1),
    labels: Uint8Array.from(indices, (index) => set.labels[index]),
  };
  for (let row = 0; row < size; row++) {
    batch.tokens.set(tokensOf(set, indices[row]), row * width);
    batch.heads.set(headsOf(set, indices[row]), row * width);
  }
  return batch;
}
