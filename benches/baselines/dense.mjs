// Dense square matrices in plain JavaScript, row by row.

/** Inverts a part of a graph's Laplacian in place by Gauss-Jordan elimination, which needs no pivoting there. */
export function invert(matrix, size) {
  for (let k = 0; k < size; k++) {
    const pivot = 1 / matrix[k * size + k];
    matrix[k * size + k] = 1;
    for (let j = 0; j < size; j++) matrix[k * size + j] *= pivot;
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const factor = matrix[i * size + k];
      matrix[i * size + k] = 0;
      for (let j = 0; j < size; j++) matrix[i * size + j] -= factor * matrix[k * size + j];
    }
  }
}

/** `product = left right`. */
export function multiply(left, right, product, size) {
  product.fill(0);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = left[i * size + k];
      for (let j = 0; j < size; j++) product[i * size + j] += factor * right[k * size + j];
    }
  }
}
